"""Traces of one check that are sent and read back together: many assertions with few requests.

A group's traces share the beginning of their names, so one page shows them all. What the listing has to show is written
as a table of `Expect`, and `Group.verify` waits until it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from twosignal_contract import Level

from twosignal_conformance.apis.rest.checks import actions, responses
from twosignal_conformance.apis.rest.checks.actions import reads_camel_case, snake_case
from twosignal_conformance.apis.rest.checks.data import Json, TestData
from twosignal_conformance.apis.rest.checks.responses import is_integer, same
from twosignal_conformance.engine.api_client import MISSING, ApiClient, Exchange, Key
from twosignal_conformance.engine.judgement import Judge

_SHALLOW = 2
"""Pages that are read without a filter while the group's own page does not show everything: enough where the filter by
name is broken. The last look of a wait that was in vain goes as deep as any search."""


_CONTROL_TOKENS = 13


@dataclass(frozen=True, slots=True)
class Seen:
    """What a listing showed of a group."""

    page: Exchange
    """The last page that was read."""
    rows: dict[str, list[Json]] = field(default_factory=dict)
    """By trace id; more than one when a trace was shown twice."""

    def row(self, trace: Json) -> Json:
        """A trace as it was shown; empty when it was not."""
        return next(iter(self.rows.get(trace["id"], ())), {})

    def shows(self, traces: Iterable[Json]) -> bool:
        """True when all of these were shown."""
        return all(trace["id"] in self.rows for trace in traces)


@dataclass(frozen=True, slots=True)
class Expect:
    """One member of one listed trace, and the clause that a wrong one breaks."""

    clause: str
    trace: Json
    field: str
    holds: Callable[[Any], bool]
    expected: str
    awaited: Callable[[Any], bool] | None = None
    """What to wait for before judging, where that is more than `holds`."""

    @classmethod
    def at_most(cls, clause: str, trace: Json, name: str, most: int) -> Expect:
        """The member is not greater, judged once it has come to that: a smaller one breaks another clause."""
        return cls(
            clause,
            trace,
            name,
            lambda seen: not is_integer(seen) or seen <= most,
            f"{name} {most}",
            awaited=lambda seen: same(seen, most),
        )

    @classmethod
    def value(cls, clause: str, trace: Json, name: str, value: object) -> Expect:
        """The member has this very JSON value."""
        return cls(clause, trace, name, lambda seen: same(seen, value), f"{name} {value!r}")

    def met(self, seen: Seen) -> bool:
        """True when it was shown as it should be."""
        return self._of(self.holds, seen)

    def come(self, seen: Seen) -> bool:
        """True when nothing need be waited for."""
        return self._of(self.awaited or self.holds, seen)

    def _of(self, condition: Callable[[Any], bool], seen: Seen) -> bool:
        row = seen.row(self.trace)
        return bool(row) and condition(row.get(self.field, MISSING))


@dataclass(frozen=True, slots=True)
class Control:
    """A trace with nothing odd about it, and what its members must be when the list is right about such."""

    trace: Json
    members: Json

    def right(self, seen: Seen, name: str | None = None) -> bool:
        """True when a member is right, or all of them; one that it does not know is."""
        row = seen.row(self.trace)
        names = self.members if name is None else self.members.keys() & {name}
        return bool(row) and all(same(row.get(member), self.members[member]) for member in names)


class Group:
    """Traces of one check whose names begin alike."""

    def __init__(self, client: ApiClient, judge: Judge, data: TestData, topic: str) -> None:
        self._client, self._judge, self._data = client, judge, data
        self.prefix = data.name(topic)
        """With which the names of its traces begin."""

    def trace(self, label: str = "", **changes: object) -> Json:
        """The body of a trace of this group."""
        return self._data.trace(**{"name": f"{self.prefix} {label}".rstrip(), **changes})

    def span(self, trace: Json | str, **changes: object) -> Json:
        """The body of a span, in the spelling that the server reads."""
        body = self._data.span(trace, **changes)
        return body if reads_camel_case(self._client) else snake_case(self._client.contract, body)

    def send(self, *bodies: Json, key: Key = Key.MAIN) -> Exchange:
        """The response to a batch of bodies, whatever it is."""
        return self._client.call("ingestTraces", json=self._data.batch(*bodies), key=key)

    def ingest(self, *bodies: Json, key: Key = Key.MAIN) -> Exchange:
        """The response to a batch of bodies; the check ends here when it is refused."""
        return actions.ingest(self._client, self._judge, self._data, *bodies, key=key)

    def taken(self, *traces: Json) -> list[Json]:
        """Those of some traces that the server takes; each is sent by itself when it refuses them in one batch."""
        if self.send(*traces).ok:
            return list(traces)
        return [trace for trace in traces if self.send(trace).ok]

    def ingest_events(self, *events: Json) -> Exchange:
        """The response to a batch of whole events; the check ends here when it is refused."""
        exchange = self._client.call("ingestTraces", json={"batch": list(events)})
        self._judge.require(exchange.ok, f"the batch was answered with {exchange.status}")
        return exchange

    def see(self, *traces: Json, until: Callable[[Seen], bool] = lambda _: True, key: Key = Key.MAIN) -> Seen:
        """What is listed of the group, once these traces are shown and a condition holds, or --settle is over."""
        settled = self._client.settle(
            lambda: self._look(traces, key, _SHALLOW), until=lambda seen: seen.shows(traces) and until(seen)
        )
        if settled.value.shows(traces) or self._client.settings.dry:
            return settled.value
        return self._look(traces, key, actions.PAGES)

    def shown(self, *traces: Json, key: Key = Key.MAIN) -> Seen:
        """As `see`, but the check ends here when one of the traces is not shown."""
        seen = self.see(*traces, key=key)
        self._judge.require(seen.shows(traces), "a trace that was accepted did not show in the list")
        return seen

    def settled(self, *, key: Key = Key.MAIN) -> Seen:
        """What is listed of the group once a trace that is sent now shows, so that what came before is worked off."""
        last = self.trace("last")
        self.ingest(last, key=key)
        return self.shown(last, key=key)

    def control(self) -> Control:
        """An ordinary trace with two spans, by which a check sees whether the list counts at all."""
        trace = self.trace("control")
        spans = [self.span(trace, usage={"totalTokens": _CONTROL_TOKENS}) for _ in range(2)]
        self.ingest(trace, *spans)
        return Control(trace, {"spanCount": len(spans), "totalTokens": len(spans) * _CONTROL_TOKENS})

    def verify(self, *expectations: Expect, key: Key = Key.MAIN, control: Control | None = None) -> Seen:
        """Judge each expectation, after waiting for those that a server may be failed for.

        What a control shows wrong as well is left untested: then the member is at fault and not what is judged here.
        """
        clauses = self._client.contract.clauses
        awaited = [row for row in expectations if clauses[row.clause].level is not Level.MAY]
        traces = [row.trace for row in expectations] + ([control.trace] if control else [])
        seen = self.see(
            *traces,
            until=lambda seen: all(row.come(seen) for row in awaited) and (control is None or control.right(seen)),
            key=key,
        )
        for row in expectations:
            self._judge_one(row, seen, control)
        return seen

    def _judge_one(self, row: Expect, seen: Seen, control: Control | None) -> None:
        shown = seen.row(row.trace)
        if not shown:
            self._judge.untested(row.clause, "the trace did not show in the list")
        elif control is not None and not control.right(seen, row.field):
            self._judge.untested(row.clause, f"the list shows a wrong {row.field} of an ordinary trace as well")
        else:
            actual = f"{row.field} {shown.get(row.field, MISSING)!r}"
            self._judge.check(row.clause, row.met(seen), expected=row.expected, actual=actual, evidence=seen.page)

    def verify_single(self, clause: str, trace: Json, seen: Seen) -> None:
        """Judge that a trace which is shown is shown once."""
        count = len(seen.rows.get(trace["id"], ()))
        if count:
            self._judge.check(
                clause, count == 1, expected="the trace once", actual=f"{count} times", evidence=seen.page
            )

    def _look(self, traces: Iterable[Json], key: Key, most: int) -> Seen:
        limit = self._client.contract.parameter("listTraces", "limit").maximum
        seen = _gathered(actions.pages(self._client, key=key, most=most, name=self.prefix, limit=limit), lambda _: True)
        if seen.shows(traces):
            return seen
        missing = {trace["id"] for trace in traces} - seen.rows.keys()
        more = _gathered(
            actions.pages(self._client, key=key, most=most, limit=limit),
            lambda row: row["id"] in missing or str(row.get("name")).startswith(self.prefix),
        )
        return Seen(more.page, {**more.rows, **seen.rows})


def _gathered(pages: Iterable[Exchange], wanted: Callable[[Json], bool]) -> Seen:
    rows: dict[str, list[Json]] = {}
    read: Sequence[Exchange] = list(pages)
    for page in read:
        for row in responses.traces(page):
            if isinstance(row, dict) and isinstance(row.get("id"), str) and wanted(row):
                rows.setdefault(row["id"], []).append(row)
    return Seen(read[-1], rows)
