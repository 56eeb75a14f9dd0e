"""One call of the control API: parameters and body checked against the document, and the sandbox that it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import jsonschema_rs
import orjson
from starlette.requests import Request

from twosignal_mock.engine.api import Project
from twosignal_mock.engine.control._document import ControlOperation, Document
from twosignal_mock.engine.control._guard import bearer
from twosignal_mock.engine.control._problem import ControlError, Refused
from twosignal_mock.engine.control._setting import ControlSetting
from twosignal_mock.engine.sandbox import Sandbox

_SEE = "see /__mock/v1/openapi.json"


@dataclass(frozen=True, slots=True)
class ControlCall:
    """What a handler gets."""

    setting: ControlSetting
    document: Document
    path: Mapping[str, str]
    query: Mapping[str, Any]
    """Converted and checked; defaults of the document filled in, others absent."""
    body: Any
    """Checked; {} when an optional one did not come."""
    key: str | None
    """The API key in Authorization, if any."""

    @property
    def project(self) -> Project:
        """The project of the sandbox that is meant."""
        named = self.query.get("sandbox")
        if named is not None:
            return self.project_of(named)
        key = self.query.get("api_key", self.key)
        return self.project_of(self.setting.start) if key is None else self.project_of_key(key)

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that is meant."""
        return self.setting.sandboxes.of(self.project)

    def project_of(self, sandbox: str) -> Project:
        """The project of a sandbox's id."""
        project = self.setting.catalogue.project(sandbox)
        if project is None:
            refuse_unknown(f"sandbox {sandbox!r}", "the id of a sandbox", "GET /__mock/v1/sandboxes lists them")
        return project

    def project_of_key(self, key: str) -> Project:
        """The project that a key belongs to, revoked or not."""
        found = self.setting.catalogue.find_key(key)
        if found is None:
            then = "make a sandbox with it: POST /__mock/v1/sandboxes"
            raise ControlError(Refused.UNAUTHORIZED, "an API key that the mock does not know", "a known one", then)
        return found.project


def refuse_unknown(what: str, expected: str, then: str) -> NoReturn:
    """Something that was named is not there."""
    raise ControlError(Refused.NOT_FOUND, f"there is no {what}", expected, then)


def invalid(came: str, expected: str, then: str = _SEE) -> ControlError:
    """Something that was sent cannot be used."""
    return ControlError(Refused.INVALID_REQUEST, came, expected, then)


async def read_call(
    request: Request, operation: ControlOperation, setting: ControlSetting, document: Document
) -> ControlCall:
    """The call, checked; raises ControlError."""
    key = bearer(request.headers)
    return ControlCall(
        setting=setting,
        document=document,
        path=request.path_params,
        query=_read_query(request, operation),
        body=await _read_body(request, operation),
        key=None if setting.token is not None else key,
    )


def _read_query(request: Request, operation: ControlOperation) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in operation.query}
    for name in request.query_params:
        if name not in known:
            raise invalid(f"query parameter {name!r}", "one of " + (", ".join(known) or "none"))
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        text = request.query_params.get(name)
        if text is None:
            if parameter.default is not None:
                values[name] = parameter.default
            continue
        try:
            values[name] = parameter.convert(text)
        except ValueError:
            raise invalid(f"query parameter {name}={text!r}", "a whole number") from None
        check(parameter.validator, values[name], f"query parameter {name}")
    return values


async def _read_body(request: Request, operation: ControlOperation) -> Any:
    content = await _read_bytes(request, operation.body_limit)
    if operation.body is None:
        return None
    if not content:
        if operation.body_required:
            raise invalid("no body", "a JSON object")
        return {}
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise invalid(f"the body is not JSON: {error}", "a JSON object") from None
    check(operation.body, body, "body")
    return body


async def _read_bytes(request: Request, limit: int) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            came = f"a body of more than {limit} bytes"
            raise ControlError(Refused.PAYLOAD_TOO_LARGE, came, f"at most {limit} bytes", "send less")
    return bytes(content)


def check(validator: jsonschema_rs.Validator, value: Any, name: str) -> None:
    """Raise ControlError with the place of what a schema does not allow."""
    error = next(iter(validator.iter_errors(value)), None)
    if error is not None:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
        raise invalid(f"{name}{place}: {error.message}", "what the document of the control API says")
