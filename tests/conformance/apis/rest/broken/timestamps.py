"""Broken servers of the areas timestamps and identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.conformance.apis.rest.broken.combinators import INGESTION, LISTING, accept, invent, is_json, refuse, restate
from tests.conformance.apis.rest.broken.errors import UNPROCESSABLE
from tests.conformance.apis.rest.broken.listings import field
from tests.conformance.apis.rest.broken.messages import Asked
from tests.conformance.apis.rest.broken.shapes import SPAN, TRACE, count_of, some
from tests.conformance.apis.rest.broken.variants import Table

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)


def moved(**by: float) -> Callable[[Any], Any]:
    """A function that moves a timestamp and keeps its look."""

    def move(text: str | None) -> str | None:
        if text is None:
            return None
        instant = datetime.fromisoformat(text) + timedelta(**by)
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    return move


def elsewhere(text: str | None) -> str | None:
    """The same instant two hours east."""
    if text is None:
        return None
    return datetime.fromisoformat(text).astimezone(timezone(timedelta(hours=2))).isoformat(timespec="milliseconds")


def bare(text: str | None) -> str | None:
    """Without a zone."""
    return None if text is None else text.removesuffix("Z")


def body_has(pattern: str) -> Callable[[Asked], bool]:
    """True when the bytes of a body match."""
    compiled = re.compile(pattern.encode())
    return lambda asked: compiled.search(asked.body) is not None


def is_uuid(body: dict[str, object]) -> bool:
    """True when the id of a trace or span is a UUID."""
    return bool(_UUID.match(str(body.get("id"))))


def other_identifier(asked: Asked) -> bool:
    """True when an id of a batch is no UUID."""
    return some(TRACE, lambda body: not is_uuid(body))(asked) or some(
        SPAN, lambda body: "id" in body and not is_uuid(body)
    )(asked)


table = Table()
table.weaken(
    "timestamps.in.z",
    "times that end in Z are refused",
    refuse("invalid-value", INGESTION, body_has(r'\d\d:\d\d(\.\d+)?Z"')),
)
table.weaken(
    "timestamps.in.offset",
    "times that end in +00:00 are refused",
    refuse("invalid-value", INGESTION, body_has(r'\d\d\+00:00"')),
)
table.weaken(
    "timestamps.in.fraction",
    "times with microseconds are refused",
    refuse("invalid-value", INGESTION, body_has(r":\d\d\.\d{6}\D")),
)
table.weaken(
    "timestamps.in.fraction",
    "times without a fraction are refused",
    refuse("invalid-value", INGESTION, body_has(r":\d\d(Z|\+)")),
)
table.weaken("timestamps.in.not-a-date", "any text is a timestamp", accept(INGESTION, is_json))
table.corrupt(
    "timestamps.in.not-a-date",
    "a bad timestamp is answered with 422",
    restate(UNPROCESSABLE, (INGESTION, LISTING), is_json),
)
table.corrupt("timestamps.out.utc", "times are two hours east", field("startTime", elsewhere))
table.corrupt("timestamps.out.utc", "createdAt has no zone", field("createdAt", bare))
table.corrupt("timestamps.out.utc", "endTime has no zone", field("endTime", bare))
table.corrupt("timestamps.out.round-trip", "times are a millisecond early", field("startTime", moved(milliseconds=-1)))
table.weaken(
    "identifiers.any-string",
    "ids that are no UUIDs are not found",
    refuse("unknown-resource", INGESTION, other_identifier),
)
table.forget(
    "identifiers.any-string",
    "traces whose ids are no UUIDs are not stored",
    invent(count_of, INGESTION, other_identifier),
)
table.weaken(
    "identifiers.uuid",
    "UUIDs are refused as ids of traces",
    refuse("invalid-identifier", INGESTION, some(TRACE, is_uuid)),
)
table.weaken(
    "identifiers.uuid",
    "UUIDs are refused as ids of spans",
    refuse("invalid-identifier", INGESTION, some(SPAN, is_uuid)),
)
