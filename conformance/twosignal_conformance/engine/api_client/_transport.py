"""The wire: one request in bounded time, one response of bounded size. Knows nothing of keys or clauses.

The time-outs of httpx are for each read: a server that sends a byte now and then, be it in its headers, would be waited
for without end. So connections end with the deadline of their request.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import ssl
import threading
import time
import typing
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol
from urllib.request import getproxies

import httpcore
import httpx

from twosignal_conformance.engine.api_client._settings import AddressError
from twosignal_conformance.engine.api_client._volley import Schedule, Target, send_volley

LARGEST_RESPONSE = 64_000_000
"""Bytes. A page of a hundred rows is far below one million; an endless response must not fill the memory."""

_SENDERS = 32
"""Threads of a volley that goes through a proxy."""

_KEEP_ALIVE = 2.0
"""Seconds for which an idle connection is used again: less than the common five after which servers close it, because a
request that crosses that close is lost."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, ready to go out."""

    operation_id: str | None
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    chunks: tuple[bytes, ...] | None = None
    """The body in chunks, without Content-Length, instead of `body`."""
    timeout: float = 30.0
    limited: bool = True
    """False for an operation that is exempt from the rate limit, which needs no key."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came back."""

    sent: float
    answered: float
    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    problem: str | None = None


class Transport(Protocol):
    """How a request gets a response."""

    def send(self, request: Outgoing) -> Incoming:
        """The response, or the problem that took its place; never raises for what the network does."""

    def send_volley(self, request: Outgoing, schedule: Schedule) -> list[Incoming]:
        """The responses to one request that is sent many times, of those that were sent at all; as `send`."""

    def close(self) -> None:
        """No more requests."""


class Wire:
    """Sends for real. Redirects are not followed: the key is for the address that was named and for no other."""

    def __init__(self, url: str, user_agent: str) -> None:
        # Proxies of the environment count, but never stand between this machine and itself.
        trust = _trust()
        direct = is_loopback(url) or not getproxies()
        self._clock = _Clock()
        self._direct, self._tls = direct, trust
        try:
            self._client = httpx.Client(
                transport=_BoundedTransport(self._clock, verify=trust, keepalive_expiry=_KEEP_ALIVE)
                if direct
                else None,
                follow_redirects=False,
                trust_env=not is_loopback(url),
                verify=trust,
                headers={"user-agent": user_agent, "accept": "application/json"},
                limits=httpx.Limits(max_connections=None, keepalive_expiry=_KEEP_ALIVE),
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            names = ", ".join(sorted(name for name in os.environ if name.lower().endswith("_proxy")))
            raise AddressError(
                f"a proxy of the environment ({names}) cannot be used ({error}); correct or unset it"
            ) from None

    def send(self, request: Outgoing) -> Incoming:
        """See Transport."""
        sent = time.monotonic()
        self._clock.until = sent + request.timeout
        try:
            built = self._client.build_request(
                request.method,
                request.url,
                headers=list(request.headers),
                content=_chunked(request.chunks) if request.chunks is not None else request.body,
                timeout=request.timeout,
            )
            response = self._client.send(built, stream=True)
            try:
                body = _read(response, sent + request.timeout)
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, _TooMuchError, OSError) as error:
            return Incoming(sent, time.monotonic(), problem=explain(error, request.timeout))
        finally:
            self._clock.until = float("inf")
        return Incoming(sent, time.monotonic(), response.status_code, response.headers, body)

    def send_volley(self, request: Outgoing, schedule: Schedule) -> list[Incoming]:
        """See Transport. Through a proxy of the environment the requests go out as others do, so they are slower."""
        if not self._direct:
            return self._send_each(request, schedule)
        shots = send_volley(self._target(request), schedule, lambda error: explain(_named(error), request.timeout))
        known = {headers: httpx.Headers(list(headers)) for headers in {shot.headers for shot in shots}}
        return [
            Incoming(shot.sent, shot.answered, shot.status, known[shot.headers], shot.body, shot.problem)
            for shot in shots
        ]

    def close(self) -> None:
        """See Transport."""
        self._client.close()

    def _target(self, request: Outgoing) -> Target:
        built = self._client.build_request(
            request.method, request.url, headers=list(request.headers), content=request.body
        )
        built.headers["accept-encoding"] = "identity"
        built.headers["connection"] = "keep-alive"
        head = b"".join(b"%s: %s\r\n" % row for row in built.headers.raw)
        first = b"%s %s HTTP/1.1\r\n" % (built.method.encode(), built.url.raw_path)
        secure = built.url.scheme == "https"
        return Target(
            host=built.url.host,
            port=built.url.port or (443 if secure else 80),
            tls=httpx.create_ssl_context(verify=self._tls) if secure else None,
            request=first + head + b"\r\n" + built.read(),
            timeout=request.timeout,
        )

    def _send_each(self, request: Outgoing, schedule: Schedule) -> list[Incoming]:
        start = time.monotonic() if schedule.start is None else schedule.start

        def send(offset: float) -> list[Incoming]:
            time.sleep(max(0.0, start + offset - time.monotonic()))
            return [self.send(request)] if time.monotonic() <= start + schedule.last else []

        with ThreadPoolExecutor(_SENDERS) as pool:
            return [row for rows in pool.map(send, schedule.offsets) for row in rows]


def _named(error: Exception) -> Exception:
    """A connection that failed, as httpx would say it."""
    if isinstance(error, TimeoutError):
        return httpx.ConnectTimeout("")
    refused = isinstance(error, ConnectionRefusedError)
    named = httpx.ConnectError(os.strerror(errno.ECONNREFUSED) if refused else str(error))
    named.__cause__ = error
    return named


def is_loopback(url: str) -> bool:
    """True when the host is this machine."""
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trust() -> ssl.SSLContext | bool:
    """The certificates that SSL_CERT_FILE names, or the usual ones."""
    name = os.environ.get("SSL_CERT_FILE")
    if not name:
        return True
    try:
        return ssl.create_default_context(cafile=name)
    except OSError as error:
        raise AddressError(f"SSL_CERT_FILE={name} cannot be read ({error.strerror or error})") from None


class _TooMuchError(Exception):
    """A response that takes too long or is too large, although each part of it comes in time."""


def _read(response: httpx.Response, deadline: float) -> bytes:
    parts, size = [], 0
    try:
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST_RESPONSE:
                raise _TooMuchError(f"the response is larger than {LARGEST_RESPONSE:,} bytes")
            if time.monotonic() > deadline:
                raise _TooMuchError("the response did not end in time")
    except httpx.ReadTimeout:
        raise _TooMuchError("the response did not end in time") from None
    return b"".join(parts)


def _chunked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """An iterator, for which httpx sends Transfer-Encoding: chunked."""
    yield from chunks


def explain(error: Exception, timeout: float) -> str:
    """What the network did, in words for people."""
    certificate = _cause(error, ssl.SSLCertVerificationError)
    if isinstance(certificate, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {certificate.verify_message}; SSL_CERT_FILE names those to trust"
    tls = _cause(error, ssl.SSLError)
    if tls is not None:
        return f"TLS failed: {getattr(tls, 'reason', None) or tls}"
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return f"no connection within {timeout:g} s"
        case httpx.TimeoutException():
            return f"no response within {timeout:g} s"
        case httpx.ConnectError():
            return f"no connection: {_reason(error)}"
        case httpx.RemoteProtocolError() if "disconnected" in str(error):
            return "the server closed the connection without a response"
        case httpx.ReadError() | httpx.WriteError():
            return "the connection was cut"
        case httpx.RemoteProtocolError():
            return f"the response is not HTTP: {error}"
        case httpx.DecodingError():
            return f"the response's Content-Encoding is broken: {error}"
        case _:
            return str(error) or type(error).__name__


def _cause(error: BaseException | None, kind: type[Exception]) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


_REASONS = {
    "Connection refused": "nothing listens there (connection refused)",
    "Name or service not known": "the host name is not known",
    "nodename nor servname provided": "the host name is not known",
    "Temporary failure in name resolution": "the host name could not be looked up",
    "No address associated with hostname": "the host name has no address",
    "Network is unreachable": "the network is unreachable",
    "No route to host": "there is no route to the host",
}


def _reason(error: Exception) -> str:
    text = str(error)
    return next((words for sign, words in _REASONS.items() if sign in text), text)


class _Clock(threading.local):
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


class _BoundedTransport(httpx.HTTPTransport):
    """As its base, with connections that keep the clock; for requests that go straight to the server."""

    def __init__(self, clock: _Clock, *, verify: ssl.SSLContext | bool, keepalive_expiry: float) -> None:
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
    def __init__(self, clock: _Clock) -> None:
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
    def __init__(self, plain: httpcore.NetworkStream, clock: _Clock) -> None:
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
