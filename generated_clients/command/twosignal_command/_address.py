"""Which server a command asks: --url, else TWOSIGNAL_URL, else ~/.twosignal/config.json, else the hosted service."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ._errors import CommandError
from ._files import Files
from .generated import policy

VARIABLE = "TWOSIGNAL_URL"
OPTION = "--url"
_HOST = re.compile(r"[A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\]")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True)
class Address:
    """The URL of a server, without what all paths of its API begin with, and who named it."""

    url: str
    source: str

    @property
    def said(self) -> str:
        """Both, for people."""
        return f"{self.url} (from {self.source})"

    def is_of(self, other: str) -> bool:
        """Whether another URL leads to the same server. All names of this machine do."""
        return _origin(self.url) == _origin(other)


def find_address(option: str | None, files: Files) -> Address:
    """The address that counts; CommandError when it is no URL of a server."""
    variable = os.environ.get(VARIABLE, "").strip()
    if option is not None:
        return _checked(option.strip(), OPTION)
    if variable:
        return _checked(variable, VARIABLE)
    configured = files.read_configuration().get("api_url")
    if configured:
        return _checked(configured, str(files.configuration))
    return _checked(policy.DEFAULT_URL, "the default")


def _checked(url: object, source: str) -> Address:
    text = str(url).strip().rstrip("/")
    for prefix in (policy.PREFIX, policy.REST_PREFIX):
        text = text.removesuffix(prefix).rstrip("/")
    problem = "it is no text" if not isinstance(url, str) else _problem(text)
    if problem:
        fix = f"Give a URL such as {policy.DEFAULT_URL}; `twosignal login --url URL` keeps it for later commands"
        raise CommandError("Invalid URL", f"{source}: {problem}", fix, exit_code=2 if source == OPTION else 1)
    return Address(text, source)


def _problem(url: str) -> str:
    """What is wrong with a URL, in words that do not quote what may be a password; empty when nothing is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it cannot be read as a URL"
    if "@" in parts.netloc:
        return "a user or a password is in it"
    if parts.scheme not in ("http", "https"):
        return f"{url!r} does not begin with http:// or https://"
    host = parts.netloc.removesuffix(f":{port}") if port is not None else parts.netloc.removesuffix(":")
    if not _HOST.fullmatch(host):
        return f"{url!r} has no valid host"
    if parts.query or parts.fragment:
        return f"{url!r} has a query or a fragment"
    return "" if url.isascii() and url.isprintable() and " " not in url else f"{url!r} has a path with odd characters"


def _origin(url: str) -> tuple[str, str, int, str]:
    parts = urlsplit(url.rstrip("/"))
    host = parts.netloc.rsplit("]", 1)[0] + "]" if parts.netloc.startswith("[") else parts.netloc.split(":")[0]
    host = "localhost" if host in _LOOPBACK else host.lower()
    return parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80), parts.path
