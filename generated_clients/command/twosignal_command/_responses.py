"""What comes back, and what it says: a result without its envelope, or an error that explains itself."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._errors import EXPLAINED, ApiError, CommandError, Explained, not_found
from .generated import policy

_BY_STATUS = {401: policy.UNAUTHORIZED, 403: policy.FORBIDDEN, 429: policy.RATE_LIMITED}
"""The code of an error whose body says none: a gateway may have sent it."""


@dataclass(frozen=True)
class Response:
    """What came back. Names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    server: str
    """Who sent it, for people."""

    @property
    def kind(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip() or "no media type"


def read_json(response: Response) -> Any:
    """The body as JSON; CommandError when it is something else, or has numbers that JSON does not have."""
    try:
        return json.loads(response.body, parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError):
        raise foreign(response) from None


def read_result(response: Response, procedure: str, sent: Mapping[str, Any]) -> Any:
    """What a procedure gave; ApiError when it refused, CommandError when this is no response of tRPC."""
    if response.status >= 400:
        raise _refusal(response, procedure, sent)
    value = read_json(response)
    if response.status == 200 and isinstance(value, Mapping):
        if value.get("error"):
            raise _refusal(response, procedure, sent)
        result = value.get("result")
        if isinstance(result, Mapping):
            data = result.get("data", result)
            return data["json"] if isinstance(data, Mapping) and "json" in data else data
    raise foreign(response)


def explain(response: Response, title: str, fix: str) -> CommandError:
    """The error of a response that is no success, for a call that is none of tRPC."""
    said = message(response)
    known = None if response.status == 401 else _explained_by_status(response)
    if known is not None and (not said or response.status < 500):
        return CommandError(known.title, known.cause, known.fix, said=said)
    if not said:
        return foreign(response)
    return CommandError(title, f"The server answered with status {response.status}", fix, said=said)


def message(response: Response) -> str:
    """What the server says of its error; empty when it says nothing."""
    said = _error(response).get("message")
    return said if isinstance(said, str) else ""


def foreign(response: Response) -> CommandError:
    """The error of a response that no 2Signal server sends."""
    location = response.headers.get("location", "")
    cause = (
        f"{response.server} answered with status {response.status} and {response.kind}, not as a 2Signal server does"
    )
    if 300 <= response.status < 400 and location:
        cause = f"{response.server} sends us on to another address"
        return CommandError("Not a 2Signal server", cause, "Use that address if you trust it", said=location)
    return CommandError("Not a 2Signal server", cause, "Check your --url or TWOSIGNAL_URL setting")


def wait(response: Response) -> float | None:
    """Seconds after which the server wants to be asked again; None when it does not say."""
    try:
        seconds = float(response.headers.get(policy.WAIT_HEADER.lower(), ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _refusal(response: Response, procedure: str, sent: Mapping[str, Any]) -> CommandError:
    data = _error(response).get("data")
    code = data.get("code") if isinstance(data, Mapping) else None
    if not isinstance(code, str):
        code = _BY_STATUS.get(response.status)
    if code is None:
        return _explained_by_status(response) or foreign(response)
    said = message(response)
    if code == policy.NOT_FOUND:
        known = not_found(procedure, sent)
    else:
        known = EXPLAINED.get(code) or _unexplained(code, response.status)
    return ApiError(code, response.status, known, said=said, wait=wait(response))


def _unexplained(code: str, status: int) -> Explained:
    if status >= 500:
        return Explained("Server error", f"The server has trouble of its own ({code})", "Retry later")
    return Explained("Refused", f"The server does not accept the call ({code})", "See --help, and what the server says")


def _explained_by_status(response: Response) -> CommandError | None:
    """For a response without an error that can be read."""
    code = _BY_STATUS.get(response.status)
    if code is not None:
        return ApiError(code, response.status, EXPLAINED[code], said="", wait=wait(response))
    if response.status >= 500:
        cause = f"{response.server} answered with status {response.status}"
        return CommandError("Server error", cause, "Retry later")
    return None


def _error(response: Response) -> Mapping[str, Any]:
    """The error in a body, in its envelope or without; empty when there is none."""
    try:
        value = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    error = value.get("error") if isinstance(value, Mapping) else None
    inner = error.get("json", error) if isinstance(error, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number
