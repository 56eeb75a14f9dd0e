"""Times in UTC, and true ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from twosignal_conformance.clients._case import Case, Rules, Saying, each
from twosignal_conformance.clients._chains import Link
from twosignal_conformance.clients.rules._spans import bodies

RULES = Rules()

TRUE_WITHIN = 600.0
"""Seconds between the time of an event and its arrival: zones differ by a quarter of an hour at least, waits do not."""

_UTC = re.compile(r"(?i)\A\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]00:?00)\Z")


@RULES.decide("client.timestamps.utc")
def utc(case: Case) -> Iterator[Saying]:
    """Every time that is sent ends in Z or +00:00."""

    def local(link: Link) -> str:
        wrong = [f"{name} {value!r}" for name, value in _times(link, case) if not _UTC.match(value)]
        return f"{len(wrong)} times, the first: {wrong[0]}" if wrong else ""

    links = [link for link in case.links if any(True for _ in _times(link, case))]
    yield from each("client.timestamps.utc", "times in UTC, with Z or +00:00", links, local)


@RULES.decide("client.timestamps.true")
def true(case: Case) -> Iterator[Saying]:
    """The time of an event that was just recorded is that of its arrival, give or take minutes."""
    if case.scenario is None or case.skewed or not case.emitted:
        return

    def off(link: Link) -> str:
        for event in link.attempt.events:
            instant = _instant(event.get("timestamp"))
            away = 0.0 if instant is None else abs((link.attempt.at - instant).total_seconds())
            if away > TRUE_WITHIN:
                return f"timestamp {event['timestamp']} in a request that arrived at {link.attempt.at.isoformat()}"
        return ""

    links = [link for link in case.links if link.attempt.events]
    yield from each("client.timestamps.true", "the time at which the event was recorded", links, off)


def _times(link: Link, case: Case) -> Iterator[tuple[str, str]]:
    """Name and text of every time in a request; those inside of free values such as metadata are the user's own."""
    for event in link.attempt.events:
        yield from _texts(event, ("timestamp",))
    for _, body in bodies(link, case):
        yield from _texts(body, ("startTime", "endTime"))
    if link.attempt.operation == "listTraces":
        yield from _texts(dict(link.attempt.parameters), ("startDate", "endDate"))


def _texts(values: object, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    found = values if isinstance(values, dict) else {}
    yield from ((name, found[name]) for name in names if isinstance(found.get(name), str))


def _instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    # One without a zone is judged by client.timestamps.utc.
    return instant if instant.tzinfo is not None else None
