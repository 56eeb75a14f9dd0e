"""What people are shown of an exchange: short, without secrets, with a command that repeats it."""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass

from twosignal_conformance.engine.api_client._exchange import Exchange
from twosignal_conformance.engine.api_client._secrets import Secrets

SHOWN_CHARACTERS = 2_000
"""Of a body; enough for the responses of the API that go wrong, and a report of a hundred failures stays readable."""

_CURL_BYTES = 8_000
"""Longest body that a copied command carries; shells and chat windows take it."""

_READ_BYTES = 32_000
"""Of a body, from which the characters that are shown are taken."""

_OWN = frozenset(
    {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length", "transfer-encoding"}
)
"""Headers that curl sets by itself, or that do not matter."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exchange as it may be shown to everybody."""

    request: str
    response: str
    curl: str


def evidence_of(exchange: Exchange, secrets: Secrets) -> Evidence:
    """Request, response and curl command, with secrets replaced."""
    return Evidence(
        request=secrets.hide(_request(exchange, secrets)),
        response=secrets.hide(_response(exchange, secrets)),
        curl=curl(exchange, secrets),
    )


def curl(exchange: Exchange, secrets: Secrets) -> str:
    """A command that sends the same request; a secret is the variable of the shell that should hold it."""
    words = ["curl", "-i"]
    if exchange.method == "HEAD":
        words.append("-I")
    elif exchange.method != ("POST" if exchange.request_body else "GET"):
        words += ["-X", exchange.method]
    words.append(exchange.url)
    for name, value in exchange.request_headers:
        if name.lower() not in _OWN:
            words += ["-H", f"{name}: {value}"]
    remark = ""
    if exchange.request_body:
        inline = _inline(exchange.request_body)
        words += ["--data-binary", "@body" if inline is None else inline]
        if inline is None:
            remark = f"  # body: {_digest(exchange.request_body)}; the same run id, seed and --now make it again"
    return " ".join(_quoted(secrets.hide(word)) for word in words) + remark


def _quoted(word: str) -> str:
    """One word of a command line; in double quotes when it names a variable, which single ones would not read."""
    if "$TWOSIGNAL_" not in word:
        return shlex.quote(word)
    safe = re.sub(r'([\\"`]|\$(?!TWOSIGNAL_))', r"\\\1", word)
    return f'"{safe}"'


def _digest(body: bytes) -> str:
    return f"{len(body):,} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}..."


def _inline(body: bytes) -> str | None:
    """The body as text that survives a shell, or None."""
    if len(body) > _CURL_BYTES:
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    # An argument cannot hold NUL, and a body that begins with @ would name a file.
    return None if "\0" in text or text.startswith("@") else text


def _request(exchange: Exchange, secrets: Secrets) -> str:
    lines = [f"{exchange.method} {exchange.path}"]
    lines += [f"{name}: {value}" for name, value in exchange.request_headers]
    return "\n".join([*lines, "", _body(exchange.request_body, secrets)]).strip()


def _response(exchange: Exchange, secrets: Secrets) -> str:
    if exchange.status is None:
        return f"no response: {exchange.problem}"
    lines = [str(exchange.status)]
    lines += [f"{name}: {value}" for name, value in exchange.headers.items()]
    return "\n".join([*lines, "", _body(exchange.body, secrets)]).strip()


def _body(body: bytes, secrets: Secrets) -> str:
    # A body of megabytes is not decoded for a few lines. What is hidden is hidden before the cut, which could leave
    # the half of a key that nobody knows as one.
    text = secrets.hide(body[:_READ_BYTES].decode("utf-8", "replace"))
    # A control character could command the terminal that shows it.
    text = "".join(sign if sign.isprintable() or sign in "\n\t" else f"\\x{ord(sign):02x}" for sign in text)
    if len(text) <= SHOWN_CHARACTERS and len(body) <= _READ_BYTES:
        return text
    return f"{text[:SHOWN_CHARACTERS]}... ({len(body):,} bytes)"
