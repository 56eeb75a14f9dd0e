"""Who may call the control API: an ASGI wrapper that refuses foreign machines, foreign web pages and foreign names.

A web page that somebody has open must not drop their sandboxes: its browser tells on it by `Origin`, and by `Host` when
the page's own name was pointed at this machine (DNS rebinding).
"""

from __future__ import annotations

import hmac
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from twosignal_mock.engine.api import ControlError, ControlErrorKind
from twosignal_mock.engine.control._responses import error_response

_BEARER = "bearer"
_OPTION = "--control-token"


class Guard:
    """Lets through who may call; `open_paths` are for everybody."""

    def __init__(self, app: ASGIApp, token: str | None, open_paths: frozenset[str]) -> None:
        self._app = app
        self._token = token
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse."""
        if scope["type"] == "http" and scope["path"] not in self._open_paths:
            try:
                self._check(scope)
            except ControlError as error:
                await error_response(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        _check_single(headers)
        _check_origin(headers)
        if self._token is not None:
            self._check_token(headers)
            return
        if (forwarded := next((name for name in headers if _is_of_proxy(name)), None)) is not None:
            then = f"call without a proxy in between, or start the mock with {_OPTION} and send the token"
            raise ControlError(ControlErrorKind.FORBIDDEN, f"the header {forwarded}", "a call from this machine", then)
        client = scope.get("client")
        if client is None or not is_loopback(client[0]):
            got = f"the call is from {client[0] if client else 'an unknown address'}"
            then = f"call from the mock's own machine, or start the mock with {_OPTION} and send the token"
            raise ControlError(ControlErrorKind.FORBIDDEN, got, "a loopback address", then)
        host = _name_of(f"//{headers.get('host', '')}")
        if not is_loopback(host):
            then = f"use 127.0.0.1 or localhost in the URL, or start the mock with {_OPTION} and send the token"
            raise ControlError(
                ControlErrorKind.FORBIDDEN, f"Host: {headers.get('host', '')!r}", "a loopback name", then
            )

    def _check_token(self, headers: Headers) -> None:
        sent = bearer(headers)
        if sent is None or self._token is None or not hmac.compare_digest(sent.encode(), self._token.encode()):
            what = "no Authorization: Bearer" if sent is None else "another token"
            then = f"send Authorization: Bearer <the value of {_OPTION}>; name the sandbox by ?sandbox= or ?api_key="
            raise ControlError(ControlErrorKind.UNAUTHORIZED, what, "the control token", then)


def _is_of_proxy(name: str) -> bool:
    """Whether a header says that somebody else's request was passed on: then the nearest address tells nothing."""
    lower = name.lower()
    return lower == "forwarded" or lower.startswith("x-forwarded-")


def bearer(headers: Headers) -> str | None:
    """The token or key in Authorization; None when there is none of that scheme."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == _BEARER and value.strip() else None


def is_loopback(name: str | None) -> bool:
    """Whether a host name or an address means the machine itself, whatever a name server says."""
    if not name:
        return False
    lower = name.lower().rstrip(".")
    if lower == "localhost" or lower.endswith(".localhost"):  # RFC 6761 section 6.3
        return True
    try:
        address = ip_address(lower)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _check_single(headers: Headers) -> None:
    for name in ("authorization", "origin"):
        if len(set(headers.getlist(name))) > 1:
            got = f"several values of the header {name.title()}"
            raise ControlError(ControlErrorKind.INVALID_REQUEST, got, "one", "send it once")


def _check_origin(headers: Headers) -> None:
    origin = headers.get("origin")
    if origin is None:
        return
    name, own = _name_of(origin), headers.get("host", "").lower()
    if is_loopback(name) or (name and origin.lower().partition("://")[2] == own):
        return
    then = "call from a page of the mock itself, or from no page at all"
    raise ControlError(
        ControlErrorKind.FORBIDDEN, f"Origin: {origin!r}", "the mock's own origin or a loopback one", then
    )


def _name_of(url: str) -> str | None:
    """The host of a URL; None when it has none or cannot be read."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
