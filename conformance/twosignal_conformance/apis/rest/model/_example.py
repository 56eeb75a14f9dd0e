"""One example of the machine: the traces that it sent and their model, and each step as requests.

Every step moves the model first and then asks the server, so that the model goes the same way whatever is answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from twosignal_conformance.apis.rest.checks import ABSENT, TestData, actions, responses
from twosignal_conformance.apis.rest.checks.actions import snake_case
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.model._expected import Point, SpanModel, TraceModel, listed_points
from twosignal_conformance.apis.rest.model._session import Session, ViolationError
from twosignal_conformance.apis.rest.model._shapes import (
    COLOURS,
    PLAIN,
    PRIORITIES,
    SPACING,
    Again,
    Order,
    Shape,
    Values,
)
from twosignal_conformance.engine.api_client import Exchange


@dataclass(frozen=True, slots=True)
class Batch:
    """What was sent in one request, and whose events they were."""

    number: int
    events: tuple[Json, ...]
    traces: tuple[TraceModel, ...]


def has_child_first(events: Sequence[Json]) -> bool:
    """True when a span stands before its parent."""
    later = {event["body"]["id"] for event in events}
    for event in events:
        later.discard(event["body"]["id"])
        if (event["body"].get("parentSpanId") or event["body"].get("parent_span_id")) in later:
            return True
    return False


def ordered(items: Sequence[TraceModel | SpanModel], order: Order) -> list[TraceModel | SpanModel]:
    """What was made, in the order in which it is sent."""
    traces = [item for item in items if isinstance(item, TraceModel)]
    spans = [item for item in items if isinstance(item, SpanModel)]
    table: dict[Order, list[TraceModel | SpanModel]] = {
        Order.MADE: list(items),
        Order.CHILDREN_FIRST: [*traces, *spans[::-1]],
        Order.SPANS_FIRST: [*spans, *traces],
        Order.REVERSED: list(items)[::-1],
    }
    return table[order]


@dataclass
class Example:
    """Starts with nothing; its data never mixes with that of another one."""

    session: Session
    data: TestData = field(init=False)
    tag: str = field(init=False)
    prefix: str = field(init=False)
    traces: list[TraceModel] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """The steps so far, for people."""
    evidence: list[Exchange] = field(default_factory=list)
    """What was written, and the last that was read."""
    dirty: bool = False
    """True when something was written since the last look at the list."""
    _first: datetime = field(init=False)
    _scored: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.session.examples += 1
        self.data = TestData(self.session.client, f"model {self.session.examples}")
        self.tag, self.prefix = self.data.tag("model"), self.data.name("model")
        self._first = self.data.time()

    @contextmanager
    def step(self, text: str) -> Iterator[bool]:
        """True when requests may be sent; what then ends the run is kept, and Hypothesis never sees it."""
        self.told.append(text)
        if self.session.idle:
            yield False
            return
        try:
            yield True
        except ViolationError:
            raise
        except Exception as error:  # noqa: BLE001 - re-raised by Session.tell; Hypothesis would send it all again
            self.session.stopped = error

    def look(self, points: Sequence[Point], *reads: Exchange) -> None:
        """See Session.look; the evidence is what was last written, then what was read."""
        room = 4 - len(reads)
        self.session.look(points, self.told, [*self.evidence[-room:], *reads])

    # --- writing ---

    def make_trace(self, colours: tuple[int, int], *, ended: bool, values: Values = PLAIN) -> TraceModel:
        """A trace that is not sent yet: a colour of its name and one of its tags, and values beside these."""
        name, tag = (COLOURS[index % len(COLOURS)] for index in colours)
        number = len(self.traces)
        start = self._first + timedelta(seconds=SPACING * number)
        end = start + timedelta(milliseconds=1_500) if ended else None
        tags = (self.tag, f"{self.tag}-{tag}", *(f"{self.tag}-own {text}" for text in values.tags))
        body = self.data.trace(
            name=f"{self.prefix} {name} {number}{values.suffix}",
            startTime=self.data.stamp(start),
            endTime=ABSENT if end is None else self.data.stamp(end),
            tags=list(tags),
            metadata={
                "conformance_run": self.data.run_id,
                "part": PRIORITIES[number % 3],
                "in": {"list": [number]},
                "own": values.metadata,
            },
        )
        trace = TraceModel(body, start, end, tags)
        self.traces.append(trace)
        return trace

    def make_span(self, trace: TraceModel, shape: Shape) -> SpanModel:
        """A span that is not sent yet, a child of the one before."""
        number = len(trace.spans)
        start = trace.start + timedelta(milliseconds=50 * number)
        end = None if shape.open else start + timedelta(milliseconds=400 + 10 * number)
        fine, bad = self.session.client.contract.enum("Status")
        usage = {"promptTokens": shape.tokens, "completionTokens": 1, "totalTokens": (shape.tokens or 0) + 1}
        body = self.data.span(
            trace.body,
            parentSpanId=trace.spans[-1].body["id"] if trace.spans else ABSENT,
            startTime=self.data.stamp(start),
            endTime=ABSENT if end is None else self.data.stamp(end),
            cost=ABSENT if shape.cost is None else shape.cost,
            usage=ABSENT if shape.tokens is None else usage,
            status=bad if shape.failed else fine,
        )
        tokens = 0 if shape.tokens is None else shape.tokens + 1
        cost = Decimal(0) if shape.cost is None else Decimal(str(shape.cost))
        span = SpanModel(body, end, cost, tokens, shape.failed)
        trace.spans.append(span)
        return span

    def ingest(self, items: Sequence[TraceModel | SpanModel], order: Order, *, snake: bool, text: str) -> None:
        """Send what was made, as one batch."""
        able = self.session.abilities
        snake = (snake and able.snake_case) or not able.camel_case
        if order.early and not able.early_spans:
            order = Order.MADE
        events = tuple(self.data.event(self._body(item, snake=snake)) for item in ordered(items, order))
        named = {
            event["body"].get("traceId") or event["body"].get("trace_id") or event["body"]["id"] for event in events
        }
        batch = Batch(len(self.batches) + 1, events, tuple(trace for trace in self.traces if trace.id in named))
        self.batches.append(batch)
        self.dirty = True
        with self.step(f"batch {batch.number}: {text}, {order}{', snake_case' if snake else ''}") as sending:
            if sending:
                exchange = self._send(events)
                refusal = "traces.span.child-first" if has_child_first(events) else "traces.batch.status"
                status = self.session.client.contract.operation("ingestTraces").success
                points = [self.session.taken(exchange, refusal, status)]
                if exchange.ok:
                    accepted = responses.accepted(exchange)
                    right = accepted == len(events)
                    told = f"accepted {accepted}"
                    points.append(Point("traces.batch.accepted-count", right, f"accepted {len(events)}", told))
                self.look(points)

    def repeat(self, index: int, again: Again) -> None:
        """Send events a second time; what is seen too much afterwards is theirs, since all was right before."""
        batch = self.batches[index % len(self.batches)]
        self.verify()
        events = batch.events[-1:] if again is Again.LAST else batch.events
        if again is Again.BACKWARDS:
            events = batch.events[::-1]
        elif again is Again.WITH_NEW:
            span = self.make_span(batch.traces[0], Shape("new"))
            snake = not self.session.abilities.camel_case
            events = (*events, self.data.event(self._body(span, snake=snake)))
        for trace in batch.traces:
            trace.repeated = True
        self.dirty = True
        with self.step(f"again {again} batch {batch.number}") as sending:
            if sending:
                exchange = self._send(events)
                status = self.session.client.contract.operation("ingestTraces").success
                self.look([self.session.taken(exchange, "traces.event.repeat-accepted", status)])

    def score(self, index: int, *, of_span: bool, value: float = 0.5) -> None:
        """Score a trace that shows, or its last span."""
        trace = self.traces[index % len(self.traces)]
        if self.dirty:
            self.verify()
        of_span = of_span and bool(trace.spans)
        trace.scores, trace.span_scored = trace.scores + 1, of_span
        self.dirty = True
        body = self.data.score(
            trace.body,
            # The same score twice is a clause of its own.
            evaluatorName=f"conformance-{self.data.run_id}-{trace.scores}",
            value=value,
            spanId=trace.spans[-1].body["id"] if of_span else None,
        )
        with self.step(f"score of {'a span of ' if of_span else ''}trace {self.traces.index(trace)}") as sending:
            if sending:
                exchange = self.session.call("createScore", json=body)
                self.evidence.append(exchange)
                self.look(list(self._score_points(exchange, body)))

    # --- reading ---

    def verify(self) -> None:
        """Compare every trace with what the listing shows of it, once that has settled."""
        if not self.traces or not self.dirty:
            return
        with self.step("look at all") as sending:
            if sending:
                self._verify()
        self.dirty = False

    def page(self, **query: object) -> tuple[Exchange, list[Json]]:
        """A page and its rows."""
        exchange = self.session.call("listTraces", query=query)
        return exchange, [row for row in responses.traces(exchange) if isinstance(row, dict)]

    @property
    def largest(self) -> int:
        """The limit that shows an example whole."""
        return self.session.client.contract.parameter("listTraces", "limit").maximum

    # --- inside ---

    def _verify(self) -> None:
        seen = self.session.settle(
            lambda: self.page(tags=self.tag, limit=self.largest),
            lambda seen: all(point.holds for point in self._points(*seen)),
        )
        exchange, rows = seen.value
        points = list(self._points(exchange, rows))
        missing = {trace.id for trace in self.traces} - {row.get("id") for row in rows}
        lost = next((trace for trace in self.traces if trace.id in missing), None)
        if exchange.ok and lost is not None:
            row, exchange = actions.look_up(self.session.client, lost.body)
            clause = "traces.batch.visible" if row is None else "traces.list.tags.one"
            points.insert(0, Point(clause, False, f"trace {lost.name!r} under its tag", "it is not listed"))
        self.look(points, exchange)
        for trace in self.traces:
            trace.failed_before = trace.failed

    def _points(self, exchange: Exchange, rows: list[Json]) -> Iterator[Point]:
        yield self._listed(exchange)
        own = {trace.id: trace for trace in self.traces}
        statuses = self.session.client.contract.enum("Status")
        yield from listed_points(own, rows, statuses, scores=self.session.abilities.scores)

    def _listed(self, exchange: Exchange) -> Point:
        status = self.session.client.contract.operation("listTraces").success
        return self.session.taken(exchange, "traces.list.status", status)

    def _score_points(self, exchange: Exchange, body: Json) -> Iterator[Point]:
        unknown = self.session.client.contract.error("unknown-resource").status
        clause = "scores.trace.just-ingested" if exchange.status == unknown else "scores.create.status"
        yield self.session.taken(exchange, clause, self.session.client.contract.operation("createScore").success)
        identifier: Any = exchange.at("id")
        yield Point("scores.create.id", isinstance(identifier, str), "a string id", identifier)
        fresh = identifier not in self._scored
        self._scored.add(str(identifier))
        yield Point("scores.create.id-unique", fresh, "an id of its own", f"{identifier} again")
        value = exchange.at("value")
        yield Point("scores.create.value", value == body["value"], f"value {body['value']}", f"value {value}")

    def _send(self, events: Sequence[Json]) -> Exchange:
        exchange = self.session.call("ingestTraces", json={"batch": list(events)})
        self.evidence.append(exchange)
        return exchange

    def _body(self, item: TraceModel | SpanModel, *, snake: bool) -> Json:
        if snake and isinstance(item, SpanModel):
            return snake_case(self.session.client.contract, item.body)
        return item.body
