"""What a project holds, written from the clauses of openapi.yaml and from nothing else: the machine's own opinion.

Slow and plain on purpose: nothing is kept up to date, everything is computed when it is asked for. Times are
milliseconds since 1970 unless they say otherwise; the id behind a sentence is the clause that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

Json = dict[str, Any]

_EXACT = Context(prec=200)
_MICROSECONDS = 1_000_000
_TOKENS = {"gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "ai.prompt_tokens", "ai.completion_tokens"}
"""otlp.span.gen-ai-tokens and otlp.span.ai-tokens; a span has one pair of them."""


def text_of(milliseconds: int) -> str:
    """As answers give times (timestamps.out.milliseconds)."""
    instant = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def milliseconds_of(text: str) -> int:
    """Cut, not rounded (timestamps.out.truncated)."""
    return microseconds_of(text) // 1000


def microseconds_of(text: str) -> int:
    since = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * _MICROSECONDS + since.microseconds


@dataclass
class Span:
    """A span, whichever way it came."""

    id: str
    start: int
    end: int | None
    name: str
    root: bool
    failed: bool
    tokens: int
    cost: Decimal


@dataclass
class Trace:
    """What was said of a trace; `shown` is what follows from it."""

    id: str
    received: int
    """traces.fields.created-at-receipt"""
    start: int | None = None
    """Of its first trace-create (traces.trace.place-stays); None as long as none came."""
    fields: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """Name to timestamp in microseconds and value: the later event wins (traces.trace.merged-latest)."""
    metadata: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """Per top-level key (traces.trace.merged-metadata)."""
    spans: dict[str, Span] = field(default_factory=dict)
    exported: bool = False
    """Whether it came as OTLP; such a trace needs no trace-create (otlp.trace.visible)."""
    resource: Json = field(default_factory=dict)
    scores: int = 0

    @property
    def place(self) -> int | None:
        """Where it stands in the order; None while it is not listed (traces.span.waits-for-trace)."""
        if self.start is not None:
            return self.start
        return min(span.start for span in self.spans.values()) if self.exported else None  # otlp.trace.times

    def end(self) -> int | None:
        """traces.fields.end-time-own, -spans, -open-span and -running."""
        own: int | None = self.fields.get("endTime", (0, None))[1]
        ends = [span.end for span in self.spans.values()]
        if own is not None:
            return own
        closed = [end for end in ends if end is not None]
        return max(closed) if closed and len(closed) == len(ends) else None

    def name(self) -> str:
        """otlp.trace.root-name, .several-roots and .rootless-name; else that of the latest trace-create."""
        if "name" in self.fields:
            return str(self.fields["name"][1])
        return min(self.spans.values(), key=lambda span: (not span.root, span.start)).name

    def tags(self) -> list[str]:
        """traces.fields.tags-order; otlp.resource.tags-form."""
        if self.exported:
            return [f"{key}:{value}" for key, value in self.resource.items()]
        return list(dict.fromkeys(self.fields.get("tags", (0, []))[1]))

    def failed(self) -> bool:
        """Clauses traces.status.error, .ok and .stays-error."""
        return any(span.failed for span in self.spans.values())

    def shown(self, statuses: tuple[str, str]) -> Json:
        """As a list shows it; `statuses` are those without and with an error."""
        start, end = self.place, self.end()
        assert start is not None
        total = Decimal(0)
        for span in self.spans.values():
            total = _EXACT.add(total, span.cost)
        metadata = self.resource if self.exported else {key: value for key, (_, value) in self.metadata.items()}
        return {
            "id": self.id,
            "name": self.name(),
            "status": statuses[self.failed()],
            "startTime": text_of(start),
            "endTime": None if end is None else text_of(end),
            "durationMs": 0 if end is None else max(0, end - start),  # traces.fields.duration-not-negative
            "totalCost": f"{total.normalize(_EXACT):f}" if total else "0",  # traces.fields.total-cost-plain
            "totalTokens": sum(span.tokens for span in self.spans.values()),
            "tags": self.tags(),
            "metadata": metadata,
            "spanCount": len(self.spans),
            "scoreCount": self.scores,
            "createdAt": text_of(self.received),
        }

    def say(self, name: str, stamp: int, value: Any) -> None:
        if value is not None and (name not in self.fields or self.fields[name][0] < stamp):
            self.fields[name] = stamp, value


@dataclass
class Template:
    """The versions of a template, the first one first."""

    created: int
    updated: int
    description: str | None = None
    versions: list[Json] = field(default_factory=list)


class Model:
    """A project."""

    def __init__(self, statuses: tuple[str, str]) -> None:
        self.statuses = statuses
        self.events: set[tuple[str, str]] = set()
        """Each with its trace."""
        self.traces: dict[str, Trace] = {}
        self.moves: list[tuple[str, int]] = []
        """Each time a request moved a listed trace: its id, and the place that it had before."""
        self.templates: dict[str, Template] = {}

    def ingest(self, batch: Iterable[Json], now: int) -> None:
        """A batch in the canonical spelling, valid as a whole."""
        with self._moving():
            self._ingest(batch, now)

    def _ingest(self, batch: Iterable[Json], now: int) -> None:
        for event in batch:
            body, is_trace = event["body"], event["type"] == "trace-create"
            known = body["id"] if is_trace else body["traceId"], event["id"]
            if known in self.events:
                continue  # traces.event.idempotent, .first-stays
            self.events.add(known)
            if is_trace:
                self._create(self._trace(body["id"], now), body, microseconds_of(event["timestamp"]))
            else:
                self._add(self._trace(body["traceId"], now), event)

    def export(self, spans: Iterable[Json], resource: Json, now: int) -> None:
        """Spans of an OTLP export request; the resource is the same whenever a trace is named."""
        with self._moving():
            self._export(spans, resource, now)

    @contextmanager
    def _moving(self) -> Iterator[None]:
        before = {trace.id: trace.place for trace in self.traces.values()}
        yield
        self.moves += [(id_, old) for id_, old in before.items() if old is not None and old != self.traces[id_].place]

    def _export(self, spans: Iterable[Json], resource: Json, now: int) -> None:
        for span in spans:
            trace = self._trace(span["traceId"].lower(), now)
            trace.exported, trace.resource = True, resource
            id_ = span["spanId"].lower()
            if id_ not in trace.spans:  # otlp.span.idempotent
                end = int(span.get("endTimeUnixNano", 0)) // 1_000_000 or None
                trace.spans[id_] = Span(
                    id_,
                    int(span["startTimeUnixNano"]) // 1_000_000,  # otlp.encoding.nanoseconds
                    end,
                    span["name"],
                    not span.get("parentSpanId"),
                    span.get("status", {}).get("code") == 2,  # otlp.span.status-error
                    sum(int(each["value"]["intValue"]) for each in span["attributes"] if each["key"] in _TOKENS),
                    Decimal(0),
                )

    def listed(
        self,
        *,
        name: str = "",
        status: str | None = None,
        tags: Iterable[str] = (),
        start: int | None = None,
        end: int | None = None,
        moves: int | None = None,
    ) -> list[Trace]:
        """Every trace that passes the filters, in the order of the list; of the list after so many moves."""
        wanted = {tag for tag in tags if tag}  # traces.list.tags.empty
        found = [
            trace
            for trace in self.traces.values()
            if (place := self.place(trace, moves)) is not None
            and name in trace.name()  # traces.list.name.substring, .literal, .case
            and (status is None or status == self.statuses[trace.failed()])
            and wanted <= set(trace.tags())  # traces.list.tags.all, .whole
            and (start is None or place > start)  # traces.list.start-date.exclusive
            and (end is None or place < end)  # traces.list.end-date.exclusive
        ]
        return sorted(found, key=lambda trace: self.order(trace, moves))  # traces.list.order.newest-first, .ties

    def place(self, trace: Trace, moves: int | None = None) -> int | None:
        """Where a trace stood after so many moves; where it stands now without a number."""
        later = self.moves[len(self.moves) if moves is None else moves :]
        return next((place for id_, place in later if id_ == trace.id), trace.place)

    def order(self, trace: Trace, moves: int | None = None) -> tuple[int, str]:
        """The place of a trace among others: newest first, then by id."""
        place = self.place(trace, moves)
        assert place is not None
        return -place, trace.id

    def push(self, body: Mapping[str, Any], now: int) -> Json:
        """The new version of a template, as it is to be resolved from now on."""
        template = self.templates.setdefault(body["name"], Template(now, now))
        template.updated = now
        if body.get("description") is not None:
            template.description = body["description"]
        version = {
            "version": len(template.versions) + 1,  # templates.push.first-version, .next-version, .same-content
            "content": body["content"],
            # templates.push.variables-found
            "variables": list(dict.fromkeys(re.findall(r"{{(\w+)}}", body["content"]))),
            "commitMessage": body.get("commitMessage"),
            "createdAt": text_of(now),
        }
        template.versions.append(version)
        return version

    def _trace(self, trace: str, now: int) -> Trace:
        return self.traces.setdefault(trace, Trace(trace, now))

    def _create(self, trace: Trace, body: Json, stamp: int) -> None:
        if trace.start is None:
            start = body.get("startTime")
            trace.start = stamp // 1000 if start is None else milliseconds_of(start)  # traces.trace.start-default
        trace.say("name", stamp, body["name"])
        trace.say("tags", stamp, body.get("tags"))
        end = body.get("endTime")
        trace.say("endTime", stamp, None if end is None else milliseconds_of(end))
        for key, value in (body.get("metadata") or {}).items():
            if key not in trace.metadata or trace.metadata[key][0] < stamp:
                trace.metadata[key] = stamp, value

    def _add(self, trace: Trace, event: Json) -> None:
        body = event["body"]
        id_ = event["id"] if body.get("id") is None else body["id"]  # traces.span.id-default
        if id_ in trace.spans:
            return  # traces.span.same-id
        start, end, cost = body.get("startTime"), body.get("endTime"), body.get("cost")
        trace.spans[id_] = Span(
            id_,
            milliseconds_of(event["timestamp"] if start is None else start),
            None if end is None else milliseconds_of(end),
            body["name"],
            body.get("parentSpanId") is None,
            body.get("status") == self.statuses[1],
            _tokens(body.get("usage") or {}),
            Decimal(0) if cost is None else Decimal(repr(cost)),  # traces.fields.total-cost-exact
        )


def _tokens(usage: Json) -> int:
    total = usage.get("totalTokens")
    if total is not None:
        return int(total)  # traces.usage.total-wins
    return (usage.get("promptTokens") or 0) + (usage.get("completionTokens") or 0)


class Window:
    """The requests of a key that passed (rate.window.at-most, rate.refused.not-counted)."""

    def __init__(self, limit: int, seconds: int) -> None:
        self._limit = limit
        self._window = seconds * _MICROSECONDS
        self._passed: list[int] = []

    def take(self, now: int) -> bool:
        """Whether a request at `now` (microseconds) passes."""
        if sum(1 for at in self._passed if at > now - self._window) >= self._limit:
            return False
        self._passed.append(now)
        return True
