"""What is stored of a trace comes back as it was sent, at the edges of every type.

A server may refuse what is unusual: then nothing is judged. What it accepts has to be what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Exchange, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.responses import is_integer, moment, same
from twosignal_conformance.engine.edges import objects, texts

_COARSE = timedelta(seconds=1)
"""A server may write times in whole seconds (dialect timestamps-out)."""

_NEAR = Decimal("0.000001")
"""US dollars; a sum that is off by less was lost in binary arithmetic, which is a clause of its own."""

_COSTS: Mapping[str, tuple[float, ...]] = {
    "of six decimals": (0.000001, 0.000002, 0.123456),
    "of a single token": (1.5e-07, 6e-07, 2.5e-06),
    "of eight decimals": (0.00000001, 0.12345678),
    "large and small": (98765.4321, 0.000001),
    "of many spans": (0.1,) * 30,
}
"""US dollars. A token of a small model costs 0.15 / 1,000,000."""

_MANY_TAGS = 40

_LONG = timedelta(days=26)
"""More milliseconds than 31 bits hold."""


@covers("traces.fields.name", "traces.fields.tags")
def test_names_and_tags_come_back_as_they_were_sent(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Spaces around, letters of all scripts, signs that something may unescape, the longest ones, and many tags."""
    group = Group(client, judge, data, "texts")
    longest = {name: client.contract.schema(name)["maxLength"] for name in ("Name", "Tag")}
    named = [data.trace(name=text) for text in texts(group.prefix, longest["Name"])]
    core = data.tag("edge")
    labels = [text.replace(",", ".") for text in texts(core, longest["Tag"])]
    alike = [core, core.upper(), f"{core}a", f"{core}A", core[:-1]]
    tagged = [group.trace("odd tags", tags=labels), group.trace("tags that are alike", tags=alike)]
    many = group.trace("many tags", tags=[f"{core}-{number}" for number in range(_MANY_TAGS)])
    named, tagged = group.taken(*named), group.taken(*tagged, many)
    group.verify(
        *(Expect.value("traces.fields.name", trace, "name", trace["name"]) for trace in named),
        *(
            Expect(
                "traces.fields.tags",
                trace,
                "tags",
                lambda seen, tags=trace["tags"]: isinstance(seen, list) and sorted(map(str, seen)) == sorted(tags),  # type: ignore[misc]
                f"the tags {trace['tags']}",
            )
            for trace in tagged
        ),
    )


@covers("traces.fields.metadata")
def test_metadata_comes_back_as_it_was_sent(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Odd keys, very many, deep objects, the order of arrays, numbers and texts at their edges."""
    group = Group(client, judge, data, "metadata")
    made = objects(data.tag("key"))
    traces = [group.trace(what, metadata=value) for what, value in made.items()]
    group.verify(
        *(
            Expect(
                "traces.fields.metadata",
                trace,
                "metadata",
                lambda seen, sent=trace["metadata"]: same(seen, sent),  # type: ignore[misc]
                f"the metadata that was sent ({trace['name'].removeprefix(group.prefix).strip()})",
            )
            for trace in group.taken(*traces)
        )
    )


@covers("traces.fields.total-cost-sum", "traces.fields.total-cost-exact")
def test_costs_of_many_digits_are_added(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Fractions of a cent, of a token, beside large ones, and many of them."""
    group = Group(client, judge, data, "digits")
    traces = {what: group.trace(what) for what in _COSTS}
    sums = {what: sum((Decimal(str(cost)) for cost in costs), Decimal(0)) for what, costs in _COSTS.items()}
    spans = [group.span(traces[what], cost=cost) for what, costs in _COSTS.items() for cost in costs]
    group.ingest(*traces.values(), *spans)

    def added(seen: object, total: Decimal) -> bool:
        amount = responses.amount(seen)
        return amount is None or abs(amount - total) < _NEAR

    seen = group.verify(
        *(
            Expect(
                "traces.fields.total-cost-sum",
                traces[what],
                "totalCost",
                lambda seen, total=total: added(seen, total),  # type: ignore[misc]
                f"the sum {total:f}",
                awaited=lambda seen, total=total: responses.amount(seen) == total,  # type: ignore[misc]
            )
            for what, total in sums.items()
        )
    )
    for what, total in sums.items():
        shown = responses.amount(seen.row(traces[what]).get("totalCost"))
        if shown is not None and added(f"{shown}", total):
            judge.check(
                "traces.fields.total-cost-exact",
                shown == total,
                expected=f"totalCost exactly {total:f} (costs {what})",
                actual=f"totalCost {shown:f}",
                evidence=seen.page,
            )


@covers("traces.fields.total-tokens-sum", "traces.usage.prompt-completion")
def test_tokens_beyond_31_bits_are_added(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Spans with the largest counts, given as totals and as parts; the sum needs more than 31 bits."""
    group = Group(client, judge, data, "many tokens")
    most = client.contract.schema("TokenCount")["maximum"]
    total, parts = group.trace("totals"), group.trace("parts")
    counts = (most, most - 1, most - 7, 1)
    usages = [{"promptTokens": count - 1, "completionTokens": 1, "totalTokens": count} for count in counts]
    halves = [{"promptTokens": count, "completionTokens": count} for count in counts[:2]]
    exchange = group.send(
        *(total, parts),
        *(group.span(total, usage=usage) for usage in usages),
        *(group.span(parts, usage=usage) for usage in halves),
    )
    judge.require(exchange.ok, f"spans of {most} tokens were answered with {exchange.status}")
    group.verify(
        *(
            Expect(
                clause,
                trace,
                "totalTokens",
                lambda seen, wanted=wanted: not is_integer(seen) or seen == wanted,  # type: ignore[misc]
                f"totalTokens {wanted}",
                awaited=lambda seen, wanted=wanted: seen == wanted,  # type: ignore[misc]
            )
            for clause, trace, wanted in (
                ("traces.fields.total-tokens-sum", total, sum(counts)),
                ("traces.usage.prompt-completion", parts, 2 * sum(counts[:2])),
            )
        )
    )


@covers(
    "traces.fields.start-time",
    "traces.fields.end-time-own",
    "traces.fields.end-time-spans",
    "traces.fields.duration-arithmetic",
)
def test_times_come_back_whatever_their_spelling(client: ApiClient, judge: Judge, data: TestData) -> None:
    """+00:00 and fractions in starts and ends of traces and spans; traces of no time, of a millisecond, of weeks."""
    group = Group(client, judge, data, "spellings")
    start = data.time().replace(microsecond=1000)
    ends = {
        "none": start,
        "a millisecond": start + timedelta(milliseconds=1),
        "a day and a bit": start + timedelta(days=1, milliseconds=998),
        "weeks": start + _LONG,
    }
    own = {
        what: group.trace(
            what,
            startTime=data.stamp(start, suffix="+00:00", digits=6),
            endTime=data.stamp(end, suffix="+00:00"),
        )
        for what, end in ends.items()
    }
    spanned = group.trace("spans", startTime=data.stamp(start), endTime=ABSENT)
    last = start + timedelta(seconds=7, milliseconds=77)
    group.ingest(
        spanned,
        group.span(
            spanned, startTime=data.stamp(start, suffix="+00:00"), endTime=data.stamp(last, suffix="+00:00", digits=6)
        ),
    )
    taken = group.taken(*own.values())
    seen = group.verify(
        *(_at("traces.fields.start-time", trace, "startTime", start) for trace in taken),
        *(
            _at("traces.fields.end-time-own", trace, "endTime", ends[what])
            for what, trace in own.items()
            if trace in taken
        ),
        Expect(
            "traces.fields.end-time-spans",
            spanned,
            "endTime",
            lambda seen: seen is None or moment(seen) is None or _about(seen, last),
            f"endTime {data.stamp(last)} or null",
        ),
    )
    for row in (seen.row(trace) for trace in taken):
        _judge_duration(judge, row, seen.page)


def _judge_duration(judge: Judge, row: Json, page: Exchange) -> None:
    """By the times that are shown, which a server may give in whole seconds."""
    first, last, duration = moment(row.get("startTime")), moment(row.get("endTime")), row.get("durationMs")
    if first is None or last is None or not is_integer(duration):
        return
    right = (last - first) // timedelta(milliseconds=1)
    # Times that are shown in whole seconds hide up to a second at either end.
    apart = 0 if any("." in str(row.get(name)) for name in ("startTime", "endTime")) else 1000
    judge.check(
        "traces.fields.duration-arithmetic",
        abs((duration or 0) - right) <= apart,
        expected=f"durationMs {right}",
        actual=f"durationMs {duration}",
        evidence=page,
    )


def _at(clause: str, trace: Json, name: str, instant: datetime) -> Expect:
    return Expect(clause, trace, name, lambda seen: _about(seen, instant), f"{name} {trace[name]}")


def _about(value: object, instant: datetime) -> bool:
    found = moment(value)
    return found is not None and abs(found - instant) < _COARSE
