"""Timestamps: which texts are read, how instants are written, and whether the same instant comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, TestData, covers, responses, watches
from twosignal_conformance.apis.rest.checks.group import Group
from twosignal_conformance.apis.rest.checks.judging import judge_accepted, judge_refusals, judge_response
from twosignal_conformance.apis.rest.checks.responses import moment

_MEMBERS = ("startTime", "endTime", "createdAt")
"""Of traces, scores and templates."""

_PLACES = (("data",), ("data", "traces"), ("data", "templates"), ())
"""Where responses hold what has such members."""

_IN_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_AS_DOCUMENTED = re.compile(r"[^.]+(\.\d{3})?(Z|\+00:00)")
"""Whole milliseconds or whole seconds: the values of the dialect timestamps-out."""


@watches("timestamps.out.utc", "timestamps.out.milliseconds")
def look_at_timestamps(exchange: Exchange, judge: Judge) -> None:
    """Every timestamp in every response; what is no text or no date at all breaks the clause of its field."""
    found = list(_timestamps(exchange))
    if not found:
        return
    rules = (
        ("timestamps.out.utc", _IN_UTC, "ISO 8601 in UTC that ends in Z or +00:00"),
        ("timestamps.out.milliseconds", _AS_DOCUMENTED, "three fractional digits, or none"),
    )
    for clause, pattern, expected in rules:
        odd = [value for value in found if not pattern.fullmatch(value)]
        judge.check(clause, not odd, expected=expected, actual=", ".join(odd or found[:1]), evidence=exchange)
        if odd:
            return


@covers("timestamps.in.z", "timestamps.in.offset", "timestamps.in.fraction")
def test_utc_is_read_in_both_spellings_and_every_precision(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Z, +00:00, and no to six fractional digits, in events, traces and spans."""
    group = Group(client, judge, data, "spelled")
    kinds = {"timestamps.in.z": [("Z", 3)], "timestamps.in.offset": [("+00:00", 3)]}
    kinds["timestamps.in.fraction"] = [("Z", digits) for digits in range(7)]
    for clause, spellings in kinds.items():
        events = []
        for suffix, digits in spellings:
            start = data.time() + timedelta(microseconds=456)
            text = data.stamp(start, suffix=suffix, digits=digits)
            trace = group.trace(startTime=text)
            span = group.span(trace, startTime=text, endTime=text)
            events += [data.event(trace, timestamp=text), data.event(span, timestamp=text)]
        exchange = client.call("ingestTraces", json={"batch": events})
        judge_accepted(judge, clause, exchange, f"a batch with timestamps such as {events[-1]['timestamp']}")


@covers("timestamps.in.not-a-date")
def test_what_is_no_date_is_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Words, a month and an hour that do not exist, as the start of a trace and as the time of an event."""
    day = f"{data.now:%Y-%m-%d}"
    texts = ("yesterday", f"{day[:4]}-13-01T10:00:00Z", f"{day}T25:61:00Z")
    bodies = {f"the startTime {text}": data.batch(data.trace(startTime=text)) for text in texts}
    event = data.event(data.trace(), timestamp="yesterday")
    bodies["the timestamp of an event yesterday"] = {"batch": [event]}
    judge_refusals(client, judge, "timestamps.in.not-a-date", bodies)


@covers("timestamps.in.no-zone", "timestamps.in.other-offset", "timestamps.in.years", profile="standard")
def test_other_dates_are_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Without a zone, with another one, and outside of the years that are read."""
    group = Group(client, judge, data, "odd")
    start = data.time()
    for clause, suffix in (("timestamps.in.no-zone", ""), ("timestamps.in.other-offset", "+02:00")):
        text = data.stamp(start, suffix=suffix)
        judge_refusals(client, judge, clause, {f"the startTime {text}": data.batch(group.trace(startTime=text))})
    # In spans, whose place in the list is their trace's: a trace of that year would stand first for ever.
    trace = group.trace()
    group.ingest(trace)
    first, last = map(int, re.findall(r"\d{4}", client.contract.clauses["timestamps.in.years"].says))
    found = []
    for year in (first - 1, first, last, last + 1):
        text = f"{year}-06-01T00:00:00.000Z"
        found.append((year, group.send(group.span(trace, startTime=text, endTime=text))))
    judge.observe(
        "timestamps.in.years",
        ", ".join(f"{year}: status {exchange.status}" for year, exchange in found),
        evidence=[exchange for _, exchange in found],
    )


@covers("timestamps.in.query-space", profile="standard")
def test_a_plus_that_became_a_space_is_understood(client: ApiClient, judge: Judge, data: TestData) -> None:
    """As everybody writes it who forgets to encode the plus sign."""
    start = data.stamp(data.time(), suffix="+00:00")
    exchange = client.call("listTraces", query=f"startDate={start}&limit=1")
    judge_response(
        judge,
        "timestamps.in.query-space",
        exchange,
        exchange.ok,
        "startDate with a plus that was not encoded is understood",
    )


@covers("timestamps.out.round-trip", "timestamps.out.truncated")
def test_the_same_instant_comes_back(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Milliseconds that a binary fraction of a second cannot hold, and digits beyond the millisecond."""
    group = Group(client, judge, data, "instants")
    whole = data.time().replace(microsecond=0)
    sent = [whole + timedelta(milliseconds=part) for part in (1, 129, 289, 577, 999)]
    suffixes = ("Z", "+00:00", "Z", "Z", "+00:00")
    stamps = [data.stamp(start, suffix=suffix) for start, suffix in zip(sent, suffixes, strict=True)]
    traces = [group.trace(startTime=stamp) for stamp in stamps]
    fine = group.trace(startTime=data.stamp(whole + timedelta(microseconds=123_789), digits=6))
    group.ingest(*traces, fine)
    seen = group.shown(*traces, fine)
    texts = [str(seen.row(trace).get("startTime")) for trace in traces]
    shown = [at for text in texts if (at := moment(text)) is not None]
    judge.require(len(shown) == len(sent), "a startTime is no timestamp")
    for text in texts:
        responses.note_timestamp(client, text)
    near = all(abs(at - start) < timedelta(seconds=1) for at, start in zip(shown, sent, strict=True))
    judge.require(near, "a startTime is wrong by a second or more, which is judged by traces.fields.start-time")
    # A dialect writes whole seconds: then the instant is the same as far as can be seen.
    apart = timedelta(milliseconds=1 if any("." in text for text in texts) else 1000)
    judge.check(
        "timestamps.out.round-trip",
        all(abs(at - start) < apart for at, start in zip(shown, sent, strict=True)),
        expected=", ".join(stamps),
        actual=", ".join(texts),
        evidence=seen.page,
    )
    text = str(seen.row(fine).get("startTime"))
    judge.observe("timestamps.out.truncated", f"{fine['startTime']} is shown as {text}", evidence=seen.page)


def _timestamps(exchange: Exchange) -> Iterator[str]:
    for place in _PLACES:
        found: Any = exchange.at(*place)
        for item in found if isinstance(found, list) else [found]:
            if isinstance(item, dict):
                yield from (item[name] for name in _MEMBERS if moment(item.get(name)) is not None)
