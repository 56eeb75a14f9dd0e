"""What a check may say about a request, and how it becomes bytes."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict
from urllib.parse import quote, urlencode

from twosignal_conformance.engine.api_client._ledger import Creation
from twosignal_conformance.engine.api_client._settings import Key

Query = Mapping[str, object] | Sequence[tuple[str, object]] | str


class Options(TypedDict, total=False):
    """Keywords of `ApiClient.call`, `.attempt` and `.request`; all may be left out."""

    path_values: Mapping[str, str]
    """Values of the parameters in the path, percent-encoded where they must be."""
    query: Query
    """Names to values: None leaves a name out, a list is joined with commas, a datetime is refused (send its text). A
    string is sent as it is, without its question mark."""
    json: Any
    """Body, as compact JSON in UTF-8."""
    content: bytes
    """Body, as it is."""
    chunks: Sequence[bytes]
    """Body in chunks, without Content-Length."""
    headers: Mapping[str, str | None]
    """Added to the usual ones or instead of them; None leaves one out."""
    key: Key
    """MAIN for an operation that needs a key, else NONE."""
    scheme: str
    """Bearer."""
    token: str
    """A session's access token, sent as Bearer instead of a key."""
    patient: bool
    """True: after a 429 or an error that may pass the request is sent again when its wait is over. False gives the
    first response to the check."""
    creates: Sequence[Creation]
    """For a body that the frame cannot read: what it creates, for the ledger."""
    timeout: float
    """Seconds instead of those of the run."""


USUAL_HEAD = 8_000
"""Bytes of all headers that every common server and gateway reads."""

_OF_BODIES = frozenset({"content-type", "content-encoding"})


def is_odd_http(options: Options) -> bool:
    """True for HTTP that a library or a gateway may answer before the API sees it.

    That is a body in chunks, of another media type or encoded, and headers that are too large.
    """
    headers = options.get("headers", {})
    size = sum(len(name) + len(value or "") for name, value in headers.items())
    return "chunks" in options or size > USUAL_HEAD or any(name.lower() in _OF_BODIES for name in headers)


def query_text(query: Query | None) -> str:
    """The query with its question mark; empty when there is none."""
    if query is None:
        return ""
    if isinstance(query, str):
        return f"?{query}"
    pairs = query.items() if isinstance(query, Mapping) else query
    text = urlencode([(name, _value(value)) for name, value in pairs if value is not None], quote_via=quote)
    return f"?{text}" if text else ""


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case list() | tuple():
            return ",".join(map(str, value))
        case _:
            raise TypeError(f"a query value is text, a number or a list of them, not {value!r}")


def body_of(options: Options) -> bytes | None:
    """The bytes of the body; None when there is none."""
    if "json" in options:
        return json_module.dumps(options["json"], ensure_ascii=False, separators=(",", ":")).encode()
    if "chunks" in options:
        return b"".join(options["chunks"])
    return options.get("content")


def merged(usual: Iterable[tuple[str, str]], own: Mapping[str, str | None] | None) -> tuple[tuple[str, str], ...]:
    """The usual headers with those of the check: a value instead of the usual one, None for none at all."""
    if not own:
        return tuple(usual)
    replaced = {name.lower() for name in own}
    kept = [(name, value) for name, value in usual if name.lower() not in replaced]
    return (*kept, *((name, value) for name, value in own.items() if value is not None))
