"""What both clients do around a request: where it goes, with which key, and what its response means."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import httpx

from twosignal_client._calls import Call
from twosignal_client._errors import NetworkError, ResponseError, TwoSignalError, UnauthorizedError, error_type
from twosignal_client._retry import Retries
from twosignal_client.generated import policy
from twosignal_client.generated.models import SessionResultData

T = TypeVar("T")
Sleep: TypeAlias = Callable[[float], None]
AsyncSleep: TypeAlias = Callable[[float], Awaitable[None]]

BASE_URL_VARIABLE = "TWOSIGNAL_BASE_URL"
API_KEY_VARIABLE = "TWOSIGNAL_API_KEY"
TIMEOUT = 30.0
"""Seconds for each step of one attempt: connecting, sending, each pause of the response."""
LONGEST_WAIT = 300.0
"""Seconds that one call waits for rate limits, in all."""

_SHOWN = 200
"""Characters of a response that is no error object, in the message."""


class Sender:
    """Configuration and session of a client. Its repr has no key."""

    def __init__(self, base_url: str | None, api_key: str | None, longest_wait: float) -> None:
        self._base_url = origin(base_url or os.environ.get(BASE_URL_VARIABLE) or policy.DEFAULT_BASE_URL)
        self._api_key = api_key or os.environ.get(API_KEY_VARIABLE) or None
        self._longest_wait = longest_wait
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
        if self._api_key is None:
            message = f"{call.operation.id} needs an API key: pass api_key, or set {API_KEY_VARIABLE}; nothing was sent"
            raise UnauthorizedError(message, code=policy.ERROR_CODES["missing-key"])
        return self._api_key

    def _remember(self, session: SessionResultData) -> SessionResultData:
        self._session = session
        return session

    def _signed_in(self) -> SessionResultData:
        if self._session is None:
            message = "nobody is signed in: call login first; nothing was sent"
            raise UnauthorizedError(message, code=policy.ERROR_CODES["invalid-access-token"])
        return self._session

    def _expired(self) -> bool:
        return self._signed_in().expires_at <= time.time()


def origin(base_url: str) -> str:
    """A base URL without the prefix that all paths have; ValueError when it is none."""
    url = httpx.URL(base_url)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"base_url: {base_url!r}; expected a URL such as {policy.DEFAULT_BASE_URL}")
    return base_url.rstrip("/").removesuffix(policy.PREFIX).rstrip("/")


def result_of(call: Call[T], response: httpx.Response) -> T:
    """What a call gives; TwoSignalError for everything else."""
    if not response.is_success:
        raise _error_of(response)
    try:
        return call.read(json.loads(response.content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"the response to {call.operation.id} cannot be read ({error}); expected what the contract says"
        raise ResponseError(message, status=response.status_code, request_id=_request_id(response)) from error


def network_error(call: Call[Any], error: httpx.RequestError) -> NetworkError:
    """The error for a connection that failed."""
    reason = str(error) or type(error).__name__
    return NetworkError(f"{call.operation.id} got no response: {reason}; expected one: is the server there?")


def _error_of(response: httpx.Response) -> TwoSignalError:
    code, message = _code_and_message(response)
    status, request_id = response.status_code, _request_id(response)
    return error_type(status)(message, code=code, status=status, request_id=request_id)


def _code_and_message(response: httpx.Response) -> tuple[str, str]:
    """Code and message of an error response, whatever its body is."""
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        return str(error.get("code") or ""), str(error.get("message") or response.reason_phrase)
    return "", f"{response.reason_phrase}: {response.text[:_SHOWN]}".rstrip(": ")


def _request_id(response: httpx.Response) -> str | None:
    value: str | None = response.headers.get("X-Request-Id")
    return value
