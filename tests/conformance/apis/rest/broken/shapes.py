"""Questions to the body of a request: what of the document it breaks, and what its events are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twosignal_conformance.engine.api_client import Schemas

from tests.conformance.apis.rest.broken.messages import CONTRACT, NOT_JSON, Asked

TRACE, SPAN = "trace-create", "span-create"

_SCHEMAS = Schemas(CONTRACT)

NEARLY = 1000
"""Bytes below a limit that still count as all of it: a body of valid JSON need not meet it exactly."""

Body = dict[str, Any]


def flaws(asked: Asked) -> list[str]:
    """What the body breaks of the schema of its operation."""
    if asked.operation is None or asked.json is NOT_JSON:
        return []
    body = CONTRACT.operation(asked.operation).request_body
    if body is None:
        return []
    return _SCHEMAS.flaws(str(body.media_type.schema_pointer).rpartition("/")[2], asked.json)


def lacks_field(asked: Asked) -> bool:
    """True when a required field is missing."""
    return any("is a required property" in flaw for flaw in flaws(asked))


def has_wrong_type(asked: Asked) -> bool:
    """True when a field has another JSON type than documented."""
    return any("is not of type" in flaw for flaw in flaws(asked))


def not_json(asked: Asked) -> bool:
    """True when there is a body that cannot be read."""
    return bool(asked.body) and asked.json is NOT_JSON


def events(asked: Asked) -> list[Body]:
    """The events of a batch."""
    batch = asked.at("batch")
    return [event for event in batch if isinstance(event, dict)] if isinstance(batch, list) else []


def bodies(asked: Asked, kind: str) -> Iterator[Body]:
    """The traces or spans of a batch."""
    for event in events(asked):
        if event.get("type") == kind and isinstance(event.get("body"), dict):
            yield event["body"]


def some(kind: str, question: Callable[[Body], bool]) -> Callable[[Asked], bool]:
    """True when a batch has a trace, or a span, of which something is true."""
    return lambda asked: any(question(body) for body in bodies(asked, kind))


def lacks(*names: str) -> Callable[[Body], bool]:
    """True when a body has none of the spellings of a field."""
    return lambda body: not any(name in body for name in names)


def has(*names: str) -> Callable[[Body], bool]:
    """True when a body has one of the fields."""
    return lambda body: any(name in body for name in names)


def trace_of(span: Body) -> str | None:
    """The trace of a span, in either spelling."""
    found: str | None = span.get("traceId", span.get("trace_id"))
    return found


def count_of(asked: Asked) -> dict[str, int]:
    """What an accepted batch is answered with."""
    return {"accepted": len(events(asked))}


def too_large(asked: Asked) -> bool:
    """True when a body has more bytes than any server may accept."""
    limit = CONTRACT.payload_limits.get(asked.operation or "")
    return limit is not None and len(asked.body) > limit.refused_above


def largest(asked: Asked) -> bool:
    """True when a body has as many bytes as every server must accept, or little less."""
    limit = CONTRACT.payload_limits.get(asked.operation or "")
    return limit is not None and limit.bytes - NEARLY < len(asked.body) <= limit.bytes
