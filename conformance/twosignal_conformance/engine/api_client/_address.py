"""The address that a user names, as an origin to which the paths of the document are added."""

from __future__ import annotations

import ipaddress
from os.path import commonpath

import httpx

_PORTS = 2**16


class AddressError(ValueError):
    """An address that is no HTTP URL."""


def base_address(url: str, paths: list[str]) -> str:
    """The origin of a URL, with what stands before the API; the base path that the documentation prints may be there.

    `paths` are those of the document; what they share, /api/v1, is cut from the end of the URL.
    """
    text = url.strip()
    try:
        parsed = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise AddressError(f"{text!r} is not a URL ({error}); expected something like https://host:3000") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise AddressError(f"{text!r} is not an address of a server; expected http:// or https:// and a host")
    if parsed.port is not None and not 0 < parsed.port < _PORTS:
        raise AddressError(f"{text!r} has no port that exists; expected 1 to {_PORTS - 1}")
    if parsed.userinfo:
        raise AddressError("the address holds a user or a password, and the API key needs their header; leave them out")
    if parsed.query or parsed.fragment:
        raise AddressError(f"{text!r} holds a query or a fragment; expected the address alone")
    base = commonpath(paths)
    return str(parsed).rstrip("/").removesuffix(base).rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether the host is this machine."""
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
