"""Connections that end with the deadline of their request.

The time-outs of httpx are for each read: a server that sends a byte now and then, be it in its headers, would be waited
for without end.
"""

from __future__ import annotations

import ssl
import threading
import time
import typing
from collections.abc import Iterable

import httpcore
import httpx


class Clock(threading.local):
    """When the request of this thread has to be over; infinite between requests."""

    until: float = float("inf")
    """Seconds on the monotonic clock."""

    def left(self, timeout: float | None, late: type[Exception]) -> float | None:
        """A time-out that does not go beyond the deadline; raises `late` behind it."""
        rest = self.until - time.monotonic()
        if rest <= 0:
            raise late("the deadline of the request is over")
        least = min(rest, float("inf") if timeout is None else timeout)
        return None if least == float("inf") else least


class BoundedTransport(httpx.HTTPTransport):
    """As its base, with connections that keep the clock; for requests that go straight to the server."""

    def __init__(self, clock: Clock, *, verify: ssl.SSLContext | bool, keepalive_expiry: float) -> None:
        super().__init__(verify=verify)
        # httpx has no argument for what opens the connections; httpcore, which it hands them to, has.
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(verify=verify),
            max_connections=None,
            keepalive_expiry=keepalive_expiry,
            network_backend=_Backend(clock),
        )


_Options = Iterable[httpcore.SOCKET_OPTION]


class _Backend(httpcore.NetworkBackend):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options | None = None,
    ) -> httpcore.NetworkStream:
        left = self._clock.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._plain.connect_tcp(host, port, left, local_address, socket_options), self._clock)


class _Stream(httpcore.NetworkStream):
    def __init__(self, plain: httpcore.NetworkStream, clock: Clock) -> None:
        self._plain = plain
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, self._clock.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, self._clock.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._clock.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> typing.Any:
        return self._plain.get_extra_info(info)
