"""A request as the generators send it: text with slots for a serial number, so that no id is ever sent twice."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

SLOT = "{serial}"
"""Stands in a path or a body where the serial number goes: twelve hexadecimal digits."""

_RUN_BYTES = 3
"""Random bytes before the counter: runs do not meet each other's ids, and a counter has room for 16 million."""


@dataclass(frozen=True)
class Request:
    """One request of a workload. Paths begin with `/`; a body is JSON."""

    method: str
    path: str
    body: str | None = None
    keyed: bool = True
    """Whether it carries the API key."""

    def headers(self, key: str) -> dict[str, str]:
        """Its headers but those that follow from address and body."""
        told = {"Authorization": f"Bearer {key}"} if self.keyed else {}
        return told | ({"Content-Type": "application/json"} if self.body is not None else {})

    def wire(self, url: str, key: str) -> str:
        """All of it as it goes over a connection, slots included."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
        lines += [f"{name}: {value}" for name, value in self.headers(key).items()]
        if self.body is not None:
            lines.append(f"Content-Length: {len(self.filled_body('0' * _DIGITS).encode())}")
        return "\r\n".join([*lines, "", self.body or ""])

    def filled_body(self, serial: str) -> str:
        """The body with a serial number in its slots."""
        return (self.body or "").replace(SLOT, serial)


_DIGITS = 12


def new_run() -> str:
    """The first digits of the serial numbers of one run."""
    return secrets.token_hex(_RUN_BYTES)


def fresh_serials() -> Iterator[str]:
    """Serial numbers that nobody has used."""
    run, count = new_run(), 0
    while True:
        yield f"{run}{count:0{_DIGITS - len(run)}x}"
        count += 1
