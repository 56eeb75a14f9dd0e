"""One call of the control API: parameters and body checked against the document, and the sandbox that it means."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import jsonschema_rs
import orjson
from starlette.requests import Request

from twosignal_mock.engine.api import ControlCall, ControlError, ControlErrorKind, Project, ServedApi
from twosignal_mock.engine.control._document import ControlOperation, Document
from twosignal_mock.engine.control._guard import bearer
from twosignal_mock.engine.control._metrics import Metrics
from twosignal_mock.engine.control._sampler import Sampler
from twosignal_mock.engine.sandbox import Redaction, Sandbox, Sandboxes, Workers
from twosignal_mock.engine.store import Archive, ProjectRegistry, Store
from twosignal_mock.engine.validation import restore_slashes

_GZIP = 31
"""zlib's number for the gzip format with the largest window."""
_SEE = "see /__mock/v1/openapi.json"


@dataclass(frozen=True, slots=True)
class ControlParts:
    """The parts of the server that the control API shows and moves."""

    apis: Sequence[ServedApi]
    sandboxes: Sandboxes
    registry: ProjectRegistry
    archive: Archive
    store: Store
    metrics: Metrics
    sampler: Sampler
    redaction: Redaction
    workers: Workers
    start: str
    """Id of the project that the server started with."""
    plan: str
    """Of a sandbox that is made without saying one."""
    token: str | None = None
    """Everybody must send it when it is set; otherwise everybody must be on this machine."""

    @property
    def plans(self) -> dict[str, int]:
        """The plans of all contracts."""
        return {plan: rate for served in self.apis for plan, rate in served.contract.plans.items()}


@dataclass(frozen=True, slots=True)
class EngineCall:
    """What a handler of the engine gets."""

    parts: ControlParts
    document: Document
    path: Mapping[str, str]
    query: Mapping[str, Any]
    """Converted and checked; defaults of the document filled in, others absent."""
    body: Any
    """Checked; {} when an optional one was not sent."""
    key: str | None
    """The API key in Authorization, if any."""

    @property
    def project(self) -> Project:
        """The project of the sandbox that is meant."""
        named = self.query.get("sandbox")
        if named is not None:
            return self.project_of(named)
        key = self.query.get("api_key", self.key)
        return self.project_of(self.parts.start) if key is None else self.project_of_key(key)

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that is meant."""
        return self.parts.sandboxes.of(self.project)

    def wake(self) -> None:
        """Tell the workers that something changed which is no write of a request."""
        self.parts.workers.wake_sandbox(self.project)

    @property
    def served(self) -> ServedApi:
        """The API that is meant: the one that `api` names, else the first."""
        name = self.query.get("api")
        found = next((each for each in self.parts.apis if name in (None, each.api.name)), None)
        if found is None:
            known = ", ".join(each.api.name for each in self.parts.apis)
            raise invalid(f"api: {name!r} is not served", f"one of {known}")
        return found

    def project_of(self, sandbox: str) -> Project:
        """The project of a sandbox's id."""
        project = self.parts.registry.project(sandbox)
        if project is None:
            raise_unknown(f"sandbox {sandbox!r}", "the id of a sandbox", "GET /__mock/v1/sandboxes lists them")
        return project

    def project_of_key(self, key: str) -> Project:
        """The project that a key belongs to, revoked or not."""
        found = self.parts.registry.find_key(key)
        if found is None:
            then = "make a sandbox with it: POST /__mock/v1/sandboxes"
            got = "an API key that the mock does not know"
            raise ControlError(ControlErrorKind.UNAUTHORIZED, got, "a known one", then)
        return found.project

    def of_api(self, served: ServedApi) -> ControlCall:
        """The same for a handler of an API."""
        number, store = self.project.number, self.parts.store
        return ControlCall(
            path=self.path,
            query=self.query,
            body=self.body,
            contract=served.contract,
            now=self.sandbox.clock.now() // 1000,
            check=_check_schema,
            read=partial(store.read, number),
            write=partial(store.write, number),
        )


def raise_unknown(what: str, expected: str, then: str) -> NoReturn:
    """Something that was named is not there."""
    raise ControlError(ControlErrorKind.NOT_FOUND, f"there is no {what}", expected, then)


def invalid(got: str, expected: str, then: str = _SEE) -> ControlError:
    """Something that was sent cannot be used."""
    return ControlError(ControlErrorKind.INVALID_REQUEST, got, expected, then)


async def read_call(
    request: Request, operation: ControlOperation, parts: ControlParts, document: Document
) -> EngineCall:
    """The call, checked; raises ControlError."""
    key = bearer(request.headers)
    return EngineCall(
        parts=parts,
        document=document,
        path={name: restore_slashes(value) for name, value in request.path_params.items()},
        query=_read_query(request, operation),
        body=await _read_body(request, operation),
        key=None if parts.token is not None else key,
    )


def _read_query(request: Request, operation: ControlOperation) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in operation.query}
    for name in request.query_params:
        if name not in known:
            raise invalid(f"query parameter {name!r}", "one of " + (", ".join(known) or "none"))
        if len(request.query_params.getlist(name)) > 1:
            raise invalid(f"query parameter {name!r} several times", "it once")
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
    """The bytes of a body, which may have come compressed; never more than the limit, either way."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise invalid(f"Content-Encoding: {coding}", "gzip, or none")
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise _too_large(limit)
    return bytes(content) if coding == "identity" else _expand(bytes(content), limit)


def _expand(compressed: bytes, limit: int) -> bytes:
    member = zlib.decompressobj(_GZIP)
    try:
        content = member.decompress(compressed, limit + 1)
    except zlib.error as error:
        raise invalid(f"the body is not gzip: {error}", "one gzip member") from None
    if len(content) > limit:
        raise _too_large(limit)
    if not member.eof or member.unused_data:
        raise invalid("a body that is not whole", "one gzip member")
    return content


def _too_large(limit: int) -> ControlError:
    got = f"a body of more than {limit} bytes"
    return ControlError(ControlErrorKind.PAYLOAD_TOO_LARGE, got, f"at most {limit} bytes", "send less")


def check(validator: jsonschema_rs.Validator, value: Any, name: str) -> None:
    """Raise ControlError with the place of what a schema does not allow."""
    error = next(iter(validator.iter_errors(value)), None)
    if error is not None:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
        raise invalid(f"{name}{place}: {error.message}", "what the document of the control API says")


def _check_schema(schema: Mapping[str, Any], value: Any, name: str) -> None:
    check(jsonschema_rs.Draft202012Validator(dict(schema)), value, name)
