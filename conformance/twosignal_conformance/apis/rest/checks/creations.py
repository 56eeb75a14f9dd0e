"""What a request body would create, for the run ledger: what is 2Signal's own about the door to a server."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from twosignal_conformance.engine.api_client import Creation, member

_GZIP = b"\x1f\x8b"


def creations_of(operation_id: str | None, body: bytes) -> Sequence[Creation]:
    """The traces, scores, templates and sessions that a body may create; what cannot be read creates nothing."""
    read = _READERS.get(operation_id or "")
    if read is None:
        return ()
    try:
        value = json.loads(gzip.decompress(body) if body.startswith(_GZIP) else body)
    except (ValueError, OSError, EOFError, zlib.error, RecursionError):
        return ()
    return tuple(read(value))


def _of_batch(value: Any) -> Iterator[Creation]:
    """A trace for each that is created, and for each that only spans name, with the number of its spans."""
    names: dict[str, str] = {}
    spans: dict[str, int] = {}
    for event in _items(value, "batch"):
        owner = next((found for name in ("traceId", "trace_id") if (found := member(event, "body", name))), None)
        if owner:
            spans[str(owner)] = spans.get(str(owner), 0) + 1
        elif identifier := member(event, "body", "id"):
            names[str(identifier)] = str(member(event, "body", "name"))
    for identifier in {**names, **spans}:
        yield Creation("trace", identifier, names.get(identifier, "(created before)"), spans.get(identifier, 0))


def _of_export(value: Any) -> Iterator[Creation]:
    spans: dict[str, list[str]] = {}
    for resource in _items(value, "resourceSpans"):
        for scope in _items(resource, "scopeSpans"):
            for span in _items(scope, "spans"):
                spans.setdefault(str(member(span, "traceId")), []).append(str(member(span, "name")))
    for identifier, names in spans.items():
        yield Creation("trace", identifier, names[0], len(names))


def _of_score(value: Any) -> Iterator[Creation]:
    yield Creation("score", str(member(value, "traceId")), str(member(value, "evaluatorName")))


def _of_template(value: Any) -> Iterator[Creation]:
    name = str(member(value, "name"))
    yield Creation("template version", name, name)


def _of_login(value: Any) -> Iterator[Creation]:
    yield Creation("session", str(member(value, "email")), "sign-in")


def _items(value: Any, name: str) -> list[Any]:
    found = member(value, name)
    return found if isinstance(found, list) else []


_READERS: dict[str, Callable[[Any], Iterator[Creation]]] = {
    "ingestTraces": _of_batch,
    "ingestOtlpTraces": _of_export,
    "createScore": _of_score,
    "pushPromptTemplate": _of_template,
    "login": _of_login,
}
