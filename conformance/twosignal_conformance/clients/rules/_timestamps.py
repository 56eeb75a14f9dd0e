"""Times in UTC, and true ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from twosignal_conformance.clients._case import Case, Rules, Saying, each
from twosignal_conformance.clients._chains import Link
from twosignal_conformance.clients.rules._spans import bodies

RULES = Rules()

TRUE_WITHIN = 600.0
"""Seconds between the time of an event and its arrival: zones differ by a quarter of an hour at least, waits do not."""

_SPANNING = ("startTime", "endTime")
"""The times in the bodies of events."""

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
    """The times of what was just recorded are those of its arrival, give or take minutes, whatever the zone."""
    if case.scenario is None or case.skewed or not case.emitted:
        return

    def off(link: Link) -> str:
        for event in link.attempt.events:
            if abs(_away(event.get("timestamp"), link)) > TRUE_WITHIN:
                return _late("timestamp", event["timestamp"], link)
        shift = _shift(case, link)
        for _, body in bodies(link, case):
            # What is recorded may have happened earlier; but not by just as much as the program's clocks are off UTC.
            for name, value in _texts(body, _SPANNING):
                if shift and abs(abs(_away(value, link)) - abs(shift)) <= TRUE_WITHIN:
                    return _late(name, value, link)
        return ""

    links = [link for link in case.links if link.attempt.events]
    yield from each("client.timestamps.true", "the time at which the event was recorded", links, off)


def _away(value: object, link: Link) -> float:
    """Seconds from a time to the arrival of its request; 0 for one that names no instant."""
    instant = _instant(value)
    return 0.0 if instant is None else (link.attempt.at - instant).total_seconds()


def _late(name: str, value: str, link: Link) -> str:
    return f"{name} {value} in a request that arrived at {link.attempt.at.isoformat()}"


def _shift(case: Case, link: Link) -> float:
    """Seconds between UTC and the zone in which the command was started; 0 where the scenario names none."""
    zone = case.scenario.environment.get("TZ") if case.scenario is not None else None
    try:
        offset = link.attempt.at.astimezone(ZoneInfo(zone)).utcoffset() if zone else None
    except ZoneInfoNotFoundError:
        # A machine without zones starts the command in UTC, whatever TZ says.
        return 0.0
    return offset.total_seconds() if offset is not None else 0.0


def _times(link: Link, case: Case) -> Iterator[tuple[str, str]]:
    """Name and text of every time in a request; those inside of free values such as metadata are the user's own."""
    for event in link.attempt.events:
        yield from _texts(event, ("timestamp",))
    for _, body in bodies(link, case):
        yield from _texts(body, _SPANNING)
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
