"""What people are shown of an exchange: short, without secrets, with a command that repeats it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from twosignal_conformance.engine.api_client._curl import curl
from twosignal_conformance.engine.api_client._exchange import Exchange
from twosignal_conformance.engine.api_client._secrets import Secrets
from twosignal_conformance.engine.texts import LONGEST, SHOWN, visible

SHOWN_CHARACTERS = LONGEST
"""Of a body, and of the lines before it; enough for the responses of the API that go wrong, and a report of a hundred
failures stays readable."""

_READ_BYTES = 32_000
"""Of a body, from which the characters that are shown are taken."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exchange as it may be shown to everybody."""

    request: str
    response: str
    curl: str


def evidence_of(exchange: Exchange, secrets: Secrets) -> Evidence:
    """Request, response and curl command, with secrets replaced."""
    return Evidence(_request(exchange, secrets), _response(exchange, secrets), curl(exchange, secrets))


def _request(exchange: Exchange, secrets: Secrets) -> str:
    lines = chain([f"{exchange.method} {exchange.path}"], _named(exchange.request_headers))
    return _message(lines, exchange.request_body, secrets)


def _response(exchange: Exchange, secrets: Secrets) -> str:
    if exchange.status is None:
        return secrets.line(f"no response: {exchange.problem}")
    lines = chain([str(exchange.status)], _named(exchange.headers.items()))
    return _message(lines, exchange.body, secrets)


def _named(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"{name}: {value}" for name, value in headers)


def _message(head: Iterable[str], body: bytes, secrets: Secrets) -> str:
    """The lines before the body, each and all of them bounded as the body is, and the body."""
    shown: list[str] = []
    room, left_out = SHOWN_CHARACTERS, 0
    for line in (secrets.line(row, SHOWN) for row in head):
        room -= len(line)
        if room < 0:
            left_out += 1
        else:
            shown.append(line)
    if left_out:
        shown.append(f"... {left_out:,} more")
    return secrets.hide("\n".join([*shown, "", _body(body, secrets)])).strip()


def _body(body: bytes, secrets: Secrets) -> str:
    # A body of megabytes is not decoded for a few lines. What is hidden is hidden before the cut, which could leave
    # the half of a key that nobody knows as one.
    text = visible(secrets.hide(body[:_READ_BYTES].decode("utf-8", "replace")))
    if len(text) <= SHOWN_CHARACTERS and len(body) <= _READ_BYTES:
        return text
    return f"{text[:SHOWN_CHARACTERS]}... ({len(body):,} bytes)"
