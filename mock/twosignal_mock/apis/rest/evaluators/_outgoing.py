"""Calls that evaluators make to other servers: webhooks of users, and the model of the one who started the mock.

A user names a webhook's address, so nothing of it is trusted: each address that its name leads to is checked, the call
goes to the very address that was checked, no redirect is followed, and size and time of the response are bounded.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

_MOST_BYTES = 65_536
"""Of a response that is read; a verdict is far smaller."""
_MOST_CALLS = 16
"""At once, of the whole mock: the rest waits."""
_RESERVED = frozenset(
    [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "expect",
        "origin",
        "content-type",
        "accept-encoding",
        "proxy-connection",
    ]
)
"""Headers of the call itself; a webhook's `headers` do not change them."""
# The control API trusts whoever is on this machine, unless a page sent them: a webhook is to be trusted no more.
_MARK = ("Origin", "null")


class WebhookPolicy(StrEnum):
    """Where webhooks are posted to."""

    LOOPBACK = "loopback"
    """To this machine only."""
    ANY = "any"
    OFF = "off"
    """Nowhere."""


class OutgoingError(Exception):
    """No response that could be used; the text says why."""


class RetryableError(OutgoingError):
    """Another attempt may help: a broken connection."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response that was read whole."""

    status: int
    body: bytes


class Outgoing:
    """Posts JSON. One for each mock; its connections are opened for a call and closed after it."""

    def __init__(self, policy: WebhookPolicy) -> None:
        self._policy = policy
        self._free = asyncio.Semaphore(_MOST_CALLS)
        self._trust: ssl.SSLContext | None = None

    async def post_webhook(self, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Reply:
        """The response of an address that a user named; raises OutgoingError."""
        if self._policy is WebhookPolicy.OFF:
            raise OutgoingError("webhooks are switched off (--webhooks off)")
        kept = [(name, value) for name, value in headers.items() if name.lower() not in _RESERVED]
        return await self._post(url, [*kept, _MARK], body, seconds, check=True)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Reply:
        """The response of an address that whoever started the mock named; raises OutgoingError."""
        return await self._post(url, list(headers.items()), body, seconds, check=False)

    async def _post(
        self, url: str, headers: list[tuple[str, str]], body: bytes, seconds: float, *, check: bool
    ) -> Reply:
        import httpx

        async with self._free:
            try:
                async with asyncio.timeout(seconds):
                    return await self._exchange(url, headers, body, check=check)
            except TimeoutError:
                raise OutgoingError(f"no response within {seconds:g} seconds") from None
            except OutgoingError:
                raise
            except (httpx.TransportError, OSError) as error:
                raise RetryableError(f"the connection failed: {type(error).__name__}") from None
            except Exception as error:  # noqa: BLE001 - an address from outside makes libraries raise what they like
                raise OutgoingError(f"the call cannot be made: {type(error).__name__}") from None

    async def _exchange(self, url: str, headers: list[tuple[str, str]], body: bytes, *, check: bool) -> Reply:
        import httpx

        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise OutgoingError("the url is no http or https address")
        extensions: dict[str, Any] = {}
        headers = [("Content-Type", "application/json"), ("Accept-Encoding", "identity"), *headers]
        if check:
            address = await self._resolve(parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80))
            headers.append(("Host", parsed.netloc.decode("ascii").rpartition("@")[2]))
            extensions["sni_hostname"] = parsed.raw_host.decode("ascii")
            parsed = parsed.copy_with(host=address)
        trust = await self._find_trust() if parsed.scheme == "https" else False
        # Nothing of the environment counts: a proxy would reach what this process may not.
        async with httpx.AsyncClient(verify=trust, trust_env=False, timeout=None) as client:  # noqa: S113 - bounded above
            request = client.build_request("POST", parsed, content=body, headers=headers, extensions=extensions)
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                return Reply(response.status_code, await _read(response))
            finally:
                await response.aclose()

    async def _resolve(self, host: str, port: int) -> str:
        """The address to call. All addresses of the name are checked, and none is looked up again."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(row[4][0]) for row in found]
        if not addresses:
            raise RetryableError("its name leads nowhere")
        if self._policy is WebhookPolicy.LOOPBACK and not all(map(_is_loopback, addresses)):
            raise OutgoingError("its address is not on this machine; --webhooks any allows it")
        return addresses[0]

    async def _find_trust(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = await asyncio.to_thread(ssl.create_default_context)
        return self._trust


def _is_loopback(text: str) -> bool:
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


async def _read(response: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise OutgoingError(f"the response is larger than {_MOST_BYTES} bytes")
    return bytes(content)
