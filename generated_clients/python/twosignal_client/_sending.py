"""What both clients do around a request: where it goes, with which key, and what its response means."""

from __future__ import annotations

import json
import math
import os
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

import httpx

from twosignal_client._calls import Call
from twosignal_client._connections import Received, SendingError
from twosignal_client._errors import (
    NetworkError,
    ResponseError,
    TwoSignalError,
    UnauthorizedError,
    ValidationError,
    error_type,
)
from twosignal_client._numbers import loads, settled
from twosignal_client._retry import Retries
from twosignal_client.generated import policy
from twosignal_client.generated.models import SessionResultData

T = TypeVar("T")
Sleep: TypeAlias = Callable[[float], None]
AsyncSleep: TypeAlias = Callable[[float], Awaitable[None]]

BASE_URL_VARIABLE = "TWOSIGNAL_BASE_URL"
API_KEY_VARIABLE = "TWOSIGNAL_API_KEY"
TIMEOUT = 30.0
"""Seconds for one attempt, until its response is read."""
LONGEST_WAIT = 300.0
"""Seconds that one call waits for rate limits, in all."""

_SHOWN = 1000
"""Characters of what a server said, in a message. Secrets are taken out first, so none is cut in two."""
_LONGEST_TIMER = 2**31 / 1000
"""Seconds, more than three weeks. Timers of some systems hold no more milliseconds."""
# Of what is no URL every library has its own idea, so only what all of them read alike is let through.
_PORTS = range(1, 2**16)
_ADDRESS = re.compile(r"(?i)https?://[^/?#@\\\x00-\x20\x7f]+(?:/(?:[^?#%\\\x00-\x20\x7f]|%[0-9a-f]{2})*)?")


class Sender:
    """Configuration and session of a client. Its repr has no key."""

    def __init__(self, base_url: str | None, api_key: str | None, timeout: float, longest_wait: float) -> None:
        if base_url is None:
            base_url = os.environ.get(BASE_URL_VARIABLE, "").strip() or policy.DEFAULT_BASE_URL
        self._base_url = origin(base_url)
        self._api_key = _key(os.environ.get(API_KEY_VARIABLE, "") if api_key is None else api_key)
        self._timeout = _duration("timeout", timeout, 0.001)
        self._longest_wait = _duration("longest_wait", longest_wait, 0.0)
        self._session: SessionResultData | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    @property
    def base_url(self) -> str:
        """Where requests go, without the prefix of their paths."""
        return self._base_url

    def _request(self, call: Call[Any]) -> dict[str, Any]:
        """The arguments of httpx's build_request."""
        headers = {"Accept": "application/json"}
        if call.content is not None:
            headers["Content-Type"] = "application/json"
        if call.operation.scheme is not None:
            headers["Authorization"] = f"Bearer {call.token or self._key(call)}"
        return {
            "method": call.method,
            "url": self._base_url + call.path,
            "params": call.params,
            "headers": headers,
            "content": call.content,
        }

    def _retries(self, call: Call[Any]) -> Retries:
        return Retries(longest_wait=self._longest_wait, after_break=call.after_break)

    def _key(self, call: Call[Any]) -> str:
        if not self._api_key:
            message = f"{call.operation.id} needs an API key: pass api_key, or set {API_KEY_VARIABLE}; nothing was sent"
            raise UnauthorizedError(message, code=policy.ERROR_CODES["missing-key"])
        return self._api_key

    def _remember(self, session: SessionResultData) -> SessionResultData:
        if not (_is_sendable(session.access_token) and _is_sendable(session.refresh_token)):
            raise ResponseError("the session's tokens hold what no header can; expected visible ASCII characters")
        self._session = session
        return session

    def _signed_in(self) -> SessionResultData:
        if self._session is None:
            message = "nobody is signed in: call login first; nothing was sent"
            raise UnauthorizedError(message, code=policy.ERROR_CODES["invalid-access-token"])
        return self._session

    def _expired(self) -> bool:
        return self._signed_in().expires_at <= time.time()

    def _result(self, call: Call[T], received: Received) -> T:
        """What a call gives; TwoSignalError for everything else."""
        if not received.is_success:
            raise self._error_of(received)
        try:
            return settled(call.read(loads(received.content)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = self._hide(str(error))
        message = f"the response to {call.operation.id} cannot be read ({reason}); expected what the contract says"
        raise ResponseError(message, status=received.status, request_id=self._request_id(received))

    def _network_error(self, call: Call[Any], error: SendingError) -> NetworkError:
        """The error for a connection that failed."""
        reason = self._hide(str(error))
        return NetworkError(f"{call.operation.id} got no response: {reason}; expected one: is the server there?")

    def _error_of(self, received: Received) -> TwoSignalError:
        code, message = map(self._hide, _code_and_message(received))
        shown = message if len(message) <= _SHOWN else f"{message[:_SHOWN]}..."
        request_id = self._request_id(received)
        return error_type(received.status)(shown, code=code, status=received.status, request_id=request_id)

    def _request_id(self, received: Received) -> str | None:
        value = received.headers.get("X-Request-Id")
        return None if value is None else self._hide(value)

    def _hide(self, text: str) -> str:
        """A text without the key and the tokens, whoever wrote them into it, also in quotes or into a URL."""
        session = self._session
        tokens = () if session is None else (session.access_token, session.refresh_token)
        for secret in filter(None, (self._api_key, *tokens)):
            for form in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe="")):
                text = text.replace(form, "***")
        return text


def origin(base_url: str) -> str:
    """A base URL without the prefix that all paths have; ValidationError when it is none."""
    trimmed = base_url.strip()
    try:
        url = httpx.URL(trimmed)
        readable = _ADDRESS.fullmatch(trimmed) is not None and bool(url.host) and (url.port or 1) in _PORTS
    except (httpx.InvalidURL, UnicodeError):
        readable = False
    if not readable:
        # It is not quoted: it may hold a password.
        message = (
            f"base_url: expected a URL such as {policy.DEFAULT_BASE_URL}, without user, password, query and fragment"
        )
        raise _invalid(message)
    return trimmed.rstrip("/").removesuffix(policy.PREFIX).rstrip("/")


def _key(api_key: str) -> str:
    """The key without blanks around it, empty when there is none; ValidationError when no header can hold it."""
    trimmed = api_key.strip()
    if not _is_sendable(trimmed):
        raise _invalid("the API key holds what no header can; expected visible ASCII characters: copy it again")
    return trimmed


def _is_sendable(secret: object) -> bool:
    """Whether a header can hold a secret: otherwise an HTTP library may quote it in its error."""
    return isinstance(secret, str) and all("!" <= character <= "~" for character in secret)


def _duration(name: str, seconds: float, least: float) -> float:
    if math.isnan(seconds) or seconds < least:
        raise _invalid(f"{name}: {seconds}; expected seconds, {least} or more")
    return min(float(seconds), _LONGEST_TIMER)


def _invalid(message: str) -> ValidationError:
    return ValidationError(f"{message}; nothing was sent", code=policy.ERROR_CODES["invalid-value"])


def _code_and_message(received: Received) -> tuple[str, str]:
    """Code and message of an error response, whatever its body is."""
    phrase = httpx.codes.get_reason_phrase(received.status)
    try:
        body = loads(received.content)
    except ValueError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        return _text(error.get("code")), _text(error.get("message")) or phrase
    return "", f"{phrase}: {received.content.decode(errors='replace')}".rstrip(": ")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
