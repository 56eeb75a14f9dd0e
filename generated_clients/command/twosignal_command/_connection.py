"""One server, reached over HTTP: bytes go, bytes come. Whatever keeps a response from coming is an error in words."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions

from . import version
from ._address import Address
from ._errors import CommandError
from ._responses import Response

_CONNECT_TIME, _WAIT_TIME, _WHOLE_TIME = 10.0, 30.0, 120.0
"""Seconds until a connection is there, between two parts of a response, and until the response is whole."""
_MOST_BYTES = 256 * 1024 * 1024
_PART = 64 * 1024
_TLS = "TLS error"
CONNECTIONS = 8
"""Requests that may be on their way at once."""
_FIX = "Check your --url or TWOSIGNAL_URL setting"
_TRUST = f"{_FIX}; SSL_CERT_FILE may name a certificate that you trust"


class Connection:
    """The way to a server: proxies as the environment names them, certificates as the system trusts them."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._pool = _pool(address.url)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Response:
        """Sends once. A redirect is not followed: it would take a session to another server."""
        url = f"{self.address.url}{path}{'?' if query else ''}{urlencode(query or {})}"
        sent = {"User-Agent": f"twosignal-command/{version()}", "Accept": "application/json", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            response = self._pool.request(
                method, url, headers=sent, body=body, redirect=False, retries=False, preload_content=False
            )
            with response:
                content = _body(response)
        except (exceptions.HTTPError, OSError, ValueError) as error:
            raise self._unreachable(error) from None
        names = {name.lower(): text for name, text in response.headers.items()}
        return Response(response.status, names, content, self.address.said)

    def _unreachable(self, error: Exception) -> CommandError:
        title, detail = _reason(error)
        cause = f"Cannot reach the API server at {self.address.said}: {detail}"
        return CommandError(title, cause, _TRUST if title == _TLS else _FIX)


def _pool(url: str) -> urllib3.PoolManager:
    parts = urlsplit(url)
    timeout = urllib3.Timeout(connect=_CONNECT_TIME, read=_WAIT_TIME)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.netloc):
        try:
            return urllib3.ProxyManager(proxy, timeout=timeout, ssl_context=context, maxsize=CONNECTIONS)
        except (exceptions.HTTPError, ValueError):
            cause = f"The proxy that {parts.scheme}_proxy names is no URL of a proxy"
            raise CommandError("Invalid proxy", cause, f"Mend or unset {parts.scheme}_proxy") from None
    return urllib3.PoolManager(timeout=timeout, ssl_context=context, maxsize=CONNECTIONS)


def _body(response: urllib3.BaseHTTPResponse) -> bytes:
    """The body, unless it is too large or takes too long, also when it comes a byte at a time."""
    end, content = time.monotonic() + _WHOLE_TIME, bytearray()
    while part := response.read1(_PART):
        content += part
        if len(content) > _MOST_BYTES:
            raise ValueError(f"the response is larger than {_MOST_BYTES:,} bytes")
        if time.monotonic() > end:
            raise exceptions.TimeoutError(f"the response was not whole after {_WHOLE_TIME:.0f} seconds")
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and "Content-Encoding" not in response.headers and len(content) < int(announced):
        raise exceptions.ProtocolError("the response broke off")
    return bytes(content)


def _reason(error: Exception) -> tuple[str, str]:
    """Title and detail of a failure. Details that quote objects of the library are left out."""
    cause = error.__cause__ or error
    if isinstance(cause, ConnectionRefusedError):
        return "Connection refused", "nothing listens there"
    if isinstance(error, exceptions.ProxyError):
        return "Proxy error", "the proxy does not let us through"
    if isinstance(error, exceptions.NameResolutionError | exceptions.LocationParseError):
        return "Host not found", "its name is unknown here"
    if isinstance(error, exceptions.SSLError | ssl.SSLError):
        return _TLS, str(error.args[0] if error.args else error)
    if isinstance(error, exceptions.TimeoutError | TimeoutError):
        return "Connection timed out", "no response came in time"
    if isinstance(cause, OSError) and cause.strerror:
        return "Connection failed", cause.strerror
    return "Connection broken", str(error) if type(error) is ValueError else "no whole response came"
