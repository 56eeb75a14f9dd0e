"""What a client records: how traces and spans hang together, and times in UTC that are true."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from twosignal_conformance.apis.rest.clients._recording import canonical, emitted
from twosignal_conformance.clients import Case, Link, RuleResult, RuleTable, each

RULES = RuleTable()

_PARENT, _TRACE, _TREE = "client.spans.parent", "client.spans.trace", "client.spans.no-cycle"


@RULES.covers(_PARENT, _TRACE, _TREE)
def kinship(case: Case) -> Iterator[RuleResult]:
    """A parent is a span of the same trace, a trace is one that was created, and no span is above itself."""
    spans = [(link, body) for link in case.links for kind, body in bodies(link, case) if kind == "span-create"]
    if not spans:
        return
    complete = _complete(case)
    # A client may send spans before their trace or parent, so all that it sent is looked at together.
    traces = {body.get("id") for link in case.links for kind, body in bodies(link, case) if kind == "trace-create"}
    known = {(body.get("traceId"), body.get("id")): body.get("parentSpanId") for _, body in spans}
    for link, body in spans:
        trace, parent = body.get("traceId"), body.get("parentSpanId")
        if trace in traces or complete:
            expected = "traceId names a trace that the client creates"
            yield RuleResult(_TRACE, trace in traces, expected, f"traceId {trace!r}", (link,))
        if parent is None:
            continue
        expected = "parentSpanId names the id of a span of the same trace"
        actual = f"span {body.get('name')!r} has parentSpanId {parent!r}{_meaning(parent, case)}"
        if (trace, parent) in known or complete:
            yield RuleResult(_PARENT, (trace, parent) in known, expected, actual, (link,))
        circle = _in_circle((trace, body.get("id")), known)
        yield RuleResult(_TREE, not circle, "no span is above itself", f"span {body.get('name')!r}", (link,))


def _complete(case: Case) -> bool:
    """True when all events that were sent can be seen: no request is gone, and every body was kept whole."""
    ingested = case.of("ingestTraces")
    return case.links[0].attempt.sequence == 1 and all(link.attempt.whole for link in ingested)


def bodies(link: Link, case: Case) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Type and body of each event of a request, in the canonical spelling."""
    for event in link.attempt.events:
        body = event.get("body")
        if isinstance(body, dict):
            yield str(event.get("type")), canonical(body, str(event.get("type")), case.contract)


def _meaning(parent: object, case: Case) -> str:
    """What an id names that names no span, where that can be said."""
    events = (event for link in case.links for event in link.attempt.events)
    owner = next((event for event in events if event.get("id") == parent and parent != event["body"].get("id")), None)
    return "" if owner is None else f", which is the id of the event of {owner['body'].get('name')!r}"


def _in_circle(start: tuple[object, object], known: Mapping[tuple[object, object], object]) -> bool:
    span, steps = start, 0
    while (parent := known.get(span)) is not None and steps <= len(known):
        span, steps = (start[0], parent), steps + 1
        if span == start:
            return True
    return False


TRUE_WITHIN = 600.0
"""Most seconds between the time of an event and its arrival: more than a wait, less than zones differ by."""

_SPANNING = ("startTime", "endTime")
"""The times in the bodies of events."""

_UTC = re.compile(r"(?i)\A\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]00:?00)\Z")


@RULES.covers("client.timestamps.utc")
def utc(case: Case) -> Iterator[RuleResult]:
    """Every time that is sent ends in Z or +00:00."""

    def local(link: Link) -> str:
        wrong = [f"{name} {value!r}" for name, value in _times(link, case) if not _UTC.match(value)]
        return f"{len(wrong)} times, the first: {wrong[0]}" if wrong else ""

    links = [link for link in case.links if any(True for _ in _times(link, case))]
    yield from each("client.timestamps.utc", "times in UTC, with Z or +00:00", links, local)


@RULES.covers("client.timestamps.true")
def true(case: Case) -> Iterator[RuleResult]:
    """The times of what was just recorded are within minutes of its arrival, whatever the zone of the program."""
    if case.skewed or not emitted(case.scenario):
        return

    def off(link: Link) -> str:
        for event in link.attempt.events:
            if abs(_away(event.get("timestamp"), link)) > TRUE_WITHIN:
                return _late("timestamp", event["timestamp"], link)
        shift = _shift(case, link)
        for _, body in bodies(link, case):
            # What is recorded may have happened earlier, but not by exactly the difference of the zone from UTC.
            for name, value in _texts(body, _SPANNING):
                if shift and abs(abs(_away(value, link)) - abs(shift)) <= TRUE_WITHIN:
                    return _late(name, value, link)
        return ""

    links = [link for link in case.links if link.attempt.events]
    yield from each("client.timestamps.true", "the time at which the event was recorded", links, off)


def _away(value: object, link: Link) -> float:
    """Seconds from a time to the arrival of its request; 0 for a text that is no time."""
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
    """Name and text of every time in a request. Times in free values, such as metadata, are the user's own."""
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
    # A time without a zone is judged by client.timestamps.utc.
    return instant if instant.tzinfo is not None else None
