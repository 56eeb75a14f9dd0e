"""A command that sends a request again: one line for sh and bash, in which nothing of the request runs anything.

A secret is the variable of the shell that should hold it. What no line can hold, or only one of many thousand
characters, the command reads from a file, and a remark says what belongs there.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import pairwise
from urllib.parse import unquote

import httpx

from twosignal_conformance.engine.api_client._exchange import Exchange
from twosignal_conformance.engine.api_client._secrets import Secrets
from twosignal_conformance.engine.texts import is_plain, no_order

_BODY = 8_000
"""Bytes of the longest body that a command carries; shells and chat windows take it."""

_HEADERS = _URL = 2_000
"""Characters of the headers together, and of the address."""

_OWN = frozenset(
    {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length", "transfer-encoding"}
)
"""Headers that curl sets by itself, or that do not matter."""

_VARIABLE = re.compile(r"(\$TWOSIGNAL_[A-Z_]+)")
_MARK = "\ue000"
"""Stands for the dollar of a variable that the request itself names, which is text and no variable."""

_EASY = re.compile(r"[\w ./:;,=@%+?-]*\Z", re.ASCII)
"""Characters that mean nothing in double quotes, nor as the rest of a name of a variable after a secret's own."""

_AGAIN = "; the same run id, seed and --now make it again"


def curl(exchange: Exchange, secrets: Secrets) -> str:
    """The command, on one line."""
    text = exchange.request_body.decode("utf-8", "surrogateescape")
    remarks: list[str] = []
    words = ["curl", "-i", *_method(exchange), *_address(_as_sent(exchange.url), secrets, remarks)]
    words += _headers(exchange, secrets, remarks)
    before = ""
    if len(exchange.request_body) > _BODY:
        words += ["--data-binary", "@body"]
        digest = hashlib.sha256(exchange.request_body).hexdigest()[:16]
        remarks.append(f"body: {len(exchange.request_body):,} bytes, sha256 {digest}...")
    elif text and is_plain(text) and not text.startswith("@"):
        words += ["--data-binary", _word(text, secrets)]
    elif text:
        # What no argument can hold, such as NUL, or what curl would take for the name of a file.
        before = f"printf {_format(_pieces(text, secrets))} | "
        words += ["--data-binary", "@-"]
    return before + " ".join(words) + (f"  # {'; '.join(remarks)}{_AGAIN}" if remarks else "")


def command_line(words: Iterable[str]) -> str:
    """Words as a line for sh and bash; every word arrives as it is, but for line ends at its very end."""
    return " ".join(_quoted(word) for word in words)


def _as_sent(url: str) -> str:
    """The address as httpx sends it, which curl does not encode."""
    try:
        return str(httpx.URL(url))
    except httpx.InvalidURL:
        return url


def _method(exchange: Exchange) -> Iterator[str]:
    if exchange.method == "HEAD":
        yield "-I"
    elif exchange.method != ("POST" if exchange.request_body else "GET"):
        yield from ("-X", _quoted(exchange.method))


def _address(url: str, secrets: Secrets, remarks: list[str]) -> Iterator[str]:
    """The address as it was sent, and apart from it the parameters that are secrets: they have to be encoded again."""
    if len(url) > _URL:
        remarks.append(f'url: {url[:60]}... of {len(url):,} characters, as a line url = "..."')
        yield from ("--config", "url")
        return
    if re.search(r"[{}\[\]]", url):
        yield "-g"  # they are no patterns
    base, mark, query = url.partition("?")
    parameters = query.split("&") if mark else []
    hidden = [row for row in parameters if any(is_secret for _, is_secret in _pieces(row, secrets))]
    kept = "&".join(row for row in parameters if row not in hidden)
    yield _word(base + (f"?{kept}" if kept else ""), secrets)
    for row in hidden:
        name, _, value = row.partition("=")
        yield from ("--url-query", _joined([(f"{unquote(name)}=", False), *_pieces(value, secrets)]))


def _headers(exchange: Exchange, secrets: Secrets, remarks: list[str]) -> Iterator[str]:
    room, too_long = _HEADERS, 0
    named = set()
    for name, value in exchange.request_headers:
        named.add(name.lower())
        if name.lower() in _OWN:
            continue
        # Curl takes a header without a value for one that it should leave out, unless it ends in a semicolon.
        line = f"{name}: {value}" if value else f"{name};"
        if len(line) > room:
            too_long += len(line)
            continue
        room -= len(line)
        yield from ("-H", _word(line, secrets))
    if too_long:
        remarks.append(f"headers: {too_long:,} characters")
        yield from ("-H", "@headers")
    if exchange.request_body and "content-type" not in named:
        yield from ("-H", "Content-Type:")


Pieces = list[tuple[str, bool]]
"""Parts of a text; true is a variable of the shell."""


def _pieces(text: str, secrets: Secrets) -> Pieces:
    hidden = secrets.conceal(text.replace("$TWOSIGNAL_", f"{_MARK}TWOSIGNAL_"))
    parts = enumerate(_VARIABLE.split(hidden))
    return [(part.replace(_MARK, "$"), bool(number % 2)) for number, part in parts if part]


def _word(text: str, secrets: Secrets) -> str:
    return _joined(_pieces(text, secrets))


def _joined(pieces: Pieces) -> str:
    """One word of the command line."""
    if len(pieces) > 1 and all(is_variable or _EASY.match(part) for part, is_variable in pieces):
        after = pairwise(pieces)
        if not any(is_variable and re.match(r"\w", part) for (_, is_variable), (part, _) in after):
            return f'"{"".join(part for part, _ in pieces)}"'
    return "".join(f'"{part}"' if is_variable else _quoted(part) for part, is_variable in pieces) or "''"


def _quoted(text: str) -> str:
    """A text as it is."""
    if is_plain(text):
        return no_order(shlex.quote(text), "''")
    return f'"$(printf {_format([(text, False)])})"'


def _format(pieces: Pieces) -> str:
    """The arguments of a printf that prints the pieces, whatever bytes they hold."""
    text = "".join("%s" if is_variable else "".join(map(_printed, part)) for part, is_variable in pieces)
    if text.startswith("-"):
        text = f"\\{ord('-'):03o}{text[1:]}"  # it would be an option
    arguments = [f'"{part}"' for part, is_variable in pieces if is_variable]
    return " ".join([no_order(shlex.quote(text), "''"), *arguments])


def _printed(sign: str) -> str:
    """A character in a format of printf."""
    if sign in "\\%":
        return sign * 2
    if is_plain(sign):
        return sign
    return "".join(f"\\{byte:03o}" for byte in sign.encode("utf-8", "surrogateescape"))
