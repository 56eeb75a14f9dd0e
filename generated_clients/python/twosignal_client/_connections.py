"""Sends one request and reads the response to its end, in bounded time. Nothing of httpx or asyncio gets out of here.

A response whose body breaks off is none, but for an error: its status says enough.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from threading import local
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from twosignal_client._errors import ValidationError
from twosignal_client.generated import policy

_BROKEN = (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError, httpx.DecodingError, TimeoutError)
"""The connection failed, or the response broke off or cannot be unpacked. Another attempt may end better."""
_FAILED = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, RuntimeError, TypeError, ValueError)
"""What comes out of httpx, and of what is below it."""
_UNUSABLE = (ImportError, httpx.InvalidURL, OSError, TypeError, ValueError)
"""What httpx says of proxies and certificates that the environment names and that cannot be used."""


@dataclass(frozen=True)
class Received:
    """A response that was read to its end."""

    status: int
    headers: Mapping[str, str]
    """Names in any case of letters."""
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether its status says that all is well."""
        return httpx.codes.is_success(self.status)


class SendingError(Exception):
    """No response came; its text says why."""

    def __init__(self, error: Exception, timeout: float) -> None:
        super().__init__(
            str(error) or (f"none in {timeout} s" if isinstance(error, TimeoutError) else type(error).__name__)
        )
        self.broken = isinstance(error, _BROKEN)
        """Whether it may come when the request is sent again."""


class _Attempt(local):
    """When the attempt that this thread makes has to end. httpx bounds each read alone, not all of them together."""

    end = math.inf

    def watch(self, _: str, told: Mapping[str, Any]) -> None:
        """Bounds the reads of a connection when httpx tells that it is made (its extension `trace`)."""
        stream: Any = told.get("return_value")
        if hasattr(stream, "read"):
            stream.read = partial(self._read, stream.read)

    def _read(self, read: Callable[[int, float], bytes], most: int, timeout: float | None = None) -> bytes:
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return read(most, left if timeout is None else min(timeout, left))


class Connections:
    """The connections of a client for programs that wait."""

    def __init__(self, timeout: float, transport: httpx.BaseTransport | None) -> None:
        self._timeout = timeout
        self._attempt = _Attempt()
        try:
            self._http = httpx.Client(timeout=timeout, transport=transport, event_hooks={"response": [_lead_nowhere]})
        except _UNUSABLE as error:
            raise _unusable(error) from None

    def send(self, request: Mapping[str, Any]) -> Received:
        """The response to the arguments of httpx's build_request; SendingError when none comes."""
        response, content = None, bytearray()
        self._attempt.end = time.monotonic() + self._timeout
        extensions = {"trace": self._attempt.watch}
        try:
            response = self._http.send(self._http.build_request(**request, extensions=extensions), stream=True)
            for part in response.iter_bytes():
                content += part
                if time.monotonic() > self._attempt.end:
                    raise TimeoutError
        except _FAILED as error:
            if response is None or response.is_success:
                raise SendingError(error, self._timeout) from None
        finally:
            self._attempt.end = math.inf
            if response is not None:
                response.close()
        return Received(response.status_code, response.headers, bytes(content))

    def close(self) -> None:
        """Closes them; the client cannot be used any more."""
        self._http.close()


class AsyncConnections:
    """The connections of a client for asyncio: those of each event loop, for none can be used in another one."""

    def __init__(self, timeout: float, transport: httpx.AsyncBaseTransport | None) -> None:
        self._timeout = timeout
        self._transport = transport
        self._next: httpx.AsyncClient | None = self._made()
        """Made at once, so that settings that cannot be used are found; for the first loop that asks."""
        self._by_loop = WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient]()
        self._closed = False

    async def send(self, request: Mapping[str, Any]) -> Received:
        """The response to the arguments of httpx's build_request; SendingError when none comes."""
        response, content = None, b""
        try:
            http = self._here()
            async with asyncio.timeout(self._timeout):
                response = await http.send(http.build_request(**request), stream=True)
                content = await response.aread()
        except _FAILED as error:
            if response is None or response.is_success:
                raise SendingError(error, self._timeout) from None
        finally:
            if response is not None:
                await response.aclose()
        return Received(response.status_code, response.headers, content)

    async def aclose(self) -> None:
        """Closes those of this event loop; the client cannot be used any more."""
        if not self._closed:
            http = self._here()
            self._closed = True
            await http.aclose()

    def _here(self) -> httpx.AsyncClient:
        if self._closed:
            raise RuntimeError("the client is closed")
        loop = asyncio.get_running_loop()
        if loop not in self._by_loop:
            self._by_loop[loop], self._next = self._next or self._made(), None
        return self._by_loop[loop]

    def _made(self) -> httpx.AsyncClient:
        try:
            hooks = {"response": [_lead_nowhere_async]}
            return httpx.AsyncClient(timeout=self._timeout, transport=self._transport, event_hooks=hooks)
        except _UNUSABLE as error:
            raise _unusable(error) from None


def _lead_nowhere(response: httpx.Response) -> None:
    """Forgets where a redirect leads. None is followed, but httpx takes one to no URL for a broken connection."""
    response.headers.pop("Location", None)


async def _lead_nowhere_async(response: httpx.Response) -> None:
    _lead_nowhere(response)


def _unusable(error: Exception) -> ValidationError:
    message = f"a proxy or a certificate of the environment cannot be used ({error}); correct it; nothing was sent"
    return ValidationError(message, code=policy.ERROR_CODES["invalid-value"])
