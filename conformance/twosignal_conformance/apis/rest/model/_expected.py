"""What the listing must show of a trace, by the clauses alone: no clause of level `may` is relied on or judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from twosignal_conformance.apis.rest.checks import responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.responses import is_integer, moment, same

_COARSE = timedelta(seconds=1)
"""A server may write times in whole seconds (dialect timestamps-out)."""

_NEAR = Decimal("0.000001")
"""US dollars; a sum that is off by less was lost in binary arithmetic, which is a clause of its own."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at, and the clause that it breaks when it does not hold."""

    clause: str
    holds: bool
    expected: str
    actual: object


@dataclass(frozen=True, slots=True)
class SpanModel:
    """A span that was sent."""

    body: Json
    """In camelCase."""
    end: datetime | None
    cost: Decimal
    tokens: int
    failed: bool


@dataclass
class TraceModel:
    """A trace that was sent, and what it must have come to."""

    body: Json
    start: datetime
    end: datetime | None
    """Its own."""
    tags: tuple[str, ...]
    spans: list[SpanModel] = field(default_factory=list)
    scores: int = 0
    span_scored: bool = False
    """True when the last score was one of a span."""
    repeated: bool = False
    """True when an event of it was sent again."""
    failed_before: bool = False
    """True when it was shown as failed."""

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.body["id"])

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.body["name"])

    @property
    def failed(self) -> bool:
        """True when one of its spans is."""
        return any(span.failed for span in self.spans)

    def points(self, row: Json, statuses: tuple[str, ...], *, scored: bool) -> Iterator[Point]:
        """What the row that shows it must hold; the number of spans first, since all sums follow it.

        `statuses` are the fine and the failed one; `scored` tells whether scores can be counted in this project.
        """
        yield self._spans(row)
        yield Point("traces.fields.name", row.get("name") == self.name, f"name {self.name!r}", row.get("name"))
        start = moment(row.get("startTime"))
        about = start is not None and abs(start - self.start) < _COARSE
        yield Point("traces.fields.start-time", about, f"startTime {self.body['startTime']}", row.get("startTime"))
        yield self._tokens(row)
        yield from self._cost(row)
        yield self._status(row, *statuses)
        yield from self._times(row)
        yield Point(
            "traces.fields.tags",
            isinstance(row.get("tags"), list) and sorted(map(str, row["tags"])) == sorted(self.tags),
            f"tags {list(self.tags)}",
            row.get("tags"),
        )
        metadata = self.body["metadata"]
        yield Point(
            "traces.fields.metadata", same(row.get("metadata"), metadata), f"metadata {metadata}", row.get("metadata")
        )
        if scored:
            yield self._scores(row)

    def _spans(self, row: Json) -> Point:
        seen, wanted = row.get("spanCount"), len(self.spans)
        # It was right before the event was sent again: see `Machine.repeat`.
        doubled = self.repeated and is_integer(seen) and seen is not None and seen > wanted
        clause = "traces.event.idempotent" if doubled else "traces.fields.span-count"
        return Point(clause, same(seen, wanted), f"spanCount {wanted}", f"spanCount {seen}")

    def _tokens(self, row: Json) -> Point:
        wanted = sum(span.tokens for span in self.spans)
        seen = row.get("totalTokens")
        return Point(
            "traces.fields.total-tokens-sum", same(seen, wanted), f"totalTokens {wanted}", f"totalTokens {seen}"
        )

    def _cost(self, row: Json) -> Iterator[Point]:
        wanted = sum((span.cost for span in self.spans), Decimal(0))
        seen = responses.amount(row.get("totalCost"))
        told = f"totalCost {row.get('totalCost')!r}"
        yield Point("traces.fields.total-cost", seen is not None, "a decimal number in a string", told)
        if seen is not None:
            near = abs(seen - wanted) < _NEAR
            yield Point("traces.fields.total-cost-sum", near, f"totalCost {wanted}", told)
            if near:
                yield Point("traces.fields.total-cost-exact", seen == wanted, f"totalCost exactly {wanted}", told)

    def _status(self, row: Json, fine: str, bad: str) -> Point:
        seen, wanted = row.get("status"), bad if self.failed else fine
        if seen not in (fine, bad):
            clause = "traces.fields.status"
        elif not self.failed:
            clause = "traces.status.ok"
        else:
            clause = "traces.status.stays-error" if self.failed_before else "traces.status.error"
        return Point(clause, seen == wanted, f"status {wanted}", f"status {seen}")

    def _times(self, row: Json) -> Iterator[Point]:
        shown = row.get("endTime")
        end = moment(shown)
        told = f"endTime {shown!r}"
        if shown is not None and end is None:
            yield Point("traces.fields.end-time", False, "a timestamp or null", told)
        elif self.end is not None:
            holds = end is not None and abs(end - self.end) < _COARSE
            yield Point("traces.fields.end-time-own", holds, f"endTime {self.body['endTime']}", told)
        elif not self.spans:
            yield Point("traces.fields.end-time-running", shown is None, "endTime null", told)
        elif all(span.end is not None for span in self.spans):
            latest = max(span.end for span in self.spans if span.end is not None)
            holds = end is None or abs(end - latest) < _COARSE
            yield Point("traces.fields.end-time-spans", holds, f"endTime {latest.isoformat()} or null", told)
        yield from self._duration(row, end)

    def _duration(self, row: Json, end: datetime | None) -> Iterator[Point]:
        start, seen = moment(row.get("startTime")), row.get("durationMs")
        if start is None or end is None:
            return
        yield Point("traces.fields.duration", is_integer(seen), "an integer durationMs", f"durationMs {seen!r}")
        # By the times that are shown, or by those that were sent, which the server may write in whole seconds.
        sent = self.end or max((span.end for span in self.spans if span.end is not None), default=end)
        right = {(end - start) // timedelta(milliseconds=1), (sent - self.start) // timedelta(milliseconds=1)}
        if is_integer(seen):
            wanted = " or ".join(map(str, sorted(right)))
            yield Point(
                "traces.fields.duration-arithmetic", seen in right, f"durationMs {wanted}", f"durationMs {seen}"
            )

    def _scores(self, row: Json) -> Point:
        seen: Any = row.get("scoreCount")
        clause = "traces.fields.score-count"
        if is_integer(seen) and seen < self.scores:
            clause = "scores.create.span-counted" if self.span_scored else "scores.create.counted"
        return Point(clause, same(seen, self.scores), f"scoreCount {self.scores}", f"scoreCount {seen}")


def listed_points(
    own: Mapping[str, TraceModel], rows: Sequence[Json], statuses: tuple[Any, ...], *, scores: bool
) -> Iterator[Point]:
    """Of the traces by id and the rows that a filter for them alone gave; whether scores are counted is told."""
    ids = [row.get("id") for row in rows]
    foreign = [row for row in rows if row.get("id") not in own]
    yield Point("traces.list.tags.one", not foreign, "only traces with the tag", f"{len(foreign)} others")
    twice = [trace for trace in own.values() if ids.count(trace.id) > 1]
    clause = "traces.event.idempotent" if any(trace.repeated for trace in twice) else "traces.list.walk.no-repeat"
    yield Point(clause, not twice, "each trace once", f"{len(twice)} traces twice")
    shown = {identifier: row for row in rows if isinstance(identifier := row.get("id"), str) and identifier in own}
    lost = len(own) - len(shown)
    yield Point("traces.batch.visible", not lost, "every trace listed", f"{lost} are not listed")
    # Where an unscored trace has scores, somebody else gives them: evaluators of the project.
    others = any(row.get("scoreCount") and not own[name].scores for name, row in shown.items())
    scored = scores and not others
    # Those that were never repeated first: what is wrong with them has nothing to do with repeating.
    for name, row in sorted(shown.items(), key=lambda item: own[item[0]].repeated):
        yield from own[name].points(row, statuses, scored=scored)
    listed = [own[name].start for name in ids if name in shown]
    newest = listed == sorted(listed, reverse=True)
    yield Point("traces.list.order.newest-first", newest, "the newest first", "another order")
