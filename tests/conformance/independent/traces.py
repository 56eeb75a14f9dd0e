"""Projects and their traces, which live in dictionaries, and the batches that fill them."""

import threading
from dataclasses import dataclass, field
from decimal import Context, Decimal

from .values import ApiError, Fields, Json, invalid, now

MOST_EVENTS = 1000
MOST_TOKENS = 1_000_000_000
MOST_DOLLARS = 1_000_000_000
SPAN_TYPES = (
    "AGENT",
    "LLM",
    "TOOL",
    "RETRIEVAL",
    "CHAIN",
    "CUSTOM",
    "DELEGATION",
    "VOICE",
    "HUMAN_HANDOFF",
    "GUARDRAIL",
)
STATUSES = ("OK", "ERROR")
EVENT_TYPES = ("trace-create", "span-create")
SPELLINGS = {
    "trace_id": "traceId",
    "parent_span_id": "parentSpanId",
    "start_time": "startTime",
    "end_time": "endTime",
    "model_parameters": "modelParameters",
    "error_message": "errorMessage",
}
TOKEN_FIELDS = ("promptTokens", "completionTokens", "totalTokens", "cachedTokens")
_EXACT = Context(prec=1000)
_MOST_DECIMALS = 400


@dataclass
class Span:
    id: str
    start: int
    end: int | None
    failed: bool = False
    tokens: int = 0
    cost: Decimal = Decimal(0)
    name: str = ""
    root: bool = False


@dataclass
class Trace:
    """A trace and what was sent for it. `place` is its start when it was first listed: it never moves in the order."""

    id: str
    received: int
    place: int | None = None
    exported: bool = False
    sent: dict[str, tuple[int, Json]] = field(default_factory=dict)
    metadata: dict[str, tuple[int, Json]] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    events: set[str] = field(default_factory=set)
    spans: dict[str, Span] = field(default_factory=dict)
    scores: list[Json] = field(default_factory=list)

    def take(self, name: str, timestamp: int, value: Json) -> None:
        _take_later(self.sent, name, timestamp, value)

    def start(self) -> int:
        if "startTime" in self.sent:
            start: int = self.sent["startTime"][1]
            return start
        return min(span.start for span in self.spans.values())

    def end(self) -> int | None:
        if "endTime" in self.sent:
            own: int = self.sent["endTime"][1]
            return own
        ends = [span.end for span in self.spans.values()]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    def name(self) -> str:
        if "name" in self.sent:
            name: str = self.sent["name"][1]
            return name
        spans = sorted(self.spans.values(), key=lambda span: (not span.root, span.start))
        return spans[0].name

    def status(self) -> str:
        return "ERROR" if any(span.failed for span in self.spans.values()) else "OK"

    def all_tags(self) -> list[str]:
        return list(dict.fromkeys([*self.sent.get("tags", (0, []))[1], *self.tags]))

    def cost(self) -> str:
        total = Decimal(0)
        for span in self.spans.values():
            total = _EXACT.add(total, span.cost)
        return format(_EXACT.normalize(total), "f") if total else "0"


def _take_later(known: dict[str, tuple[int, Json]], name: str, timestamp: int, value: Json) -> None:
    """The later timestamp wins, whatever comes in first."""
    if name not in known or timestamp >= known[name][0]:
        known[name] = (timestamp, value)


@dataclass
class Project:
    """What belongs to one project. Whoever reads or writes it holds `lock`."""

    name: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    traces: dict[str, Trace] = field(default_factory=dict)
    templates: dict[str, Json] = field(default_factory=dict)

    def trace(self, identifier: str) -> Trace:
        """The trace of this id, which is made when it is not there yet."""
        if identifier not in self.traces:
            self.traces[identifier] = Trace(identifier, now())
        return self.traces[identifier]

    def listed(self, identifier: str) -> Trace | None:
        trace = self.traces.get(identifier)
        return trace if trace is not None and trace.place is not None else None


# --- ingestion ------------------------------------------------------------------------------------------------------


@dataclass
class Event:
    id: str
    trace: str
    timestamp: int
    span: Span | None
    sent: dict[str, Json]


def ingest(project: Project, body: Json) -> Json:
    batch = Fields(body).items("batch")
    if not batch:
        raise invalid("batch", "is empty")
    if len(batch) > MOST_EVENTS:
        message = f"The batch holds {len(batch)} events, at most {MOST_EVENTS} are allowed; split it"
        raise ApiError(413, "PAYLOAD_TOO_LARGE", message)
    events = [_read_event(Fields(event, f"batch[{index}]")) for index, event in enumerate(batch)]
    with project.lock:
        for event in events:
            _store(project, event)
    return {"accepted": len(events)}


def _read_event(event: Fields) -> Event:
    kind = event.choice("type", EVENT_TYPES)
    identifier = event.identifier("id")
    timestamp = event.instant("timestamp")
    body = event.fields("body")
    if kind == "trace-create":
        return Event(identifier, body.identifier("id"), timestamp, None, _read_trace(body))
    body = _one_spelling(body)
    return Event(identifier, body.identifier("traceId"), timestamp, _read_span(body, identifier, timestamp), {})


def _read_trace(body: Fields) -> dict[str, Json]:
    for other in ("sessionId", "parentTraceId", "deploymentId"):
        body.optional(other, body.identifier)
    body.optional("evaluators", body.texts)
    values = {
        "name": body.name("name"),
        "metadata": body.optional("metadata", body.mapping),
        "tags": body.optional("tags", body.tags),
        "startTime": body.optional("startTime", body.instant),
        "endTime": body.optional("endTime", body.instant),
    }
    return {name: value for name, value in values.items() if value is not None}


def _one_spelling(body: Fields) -> Fields:
    value = dict(body.value)
    for other, usual in SPELLINGS.items():
        if other not in value:
            continue
        if usual in value and value[usual] != value[other]:
            raise invalid(body.place, f"{usual} and {other} are two spellings of one field and differ")
        value[usual] = value.pop(other)
    return Fields(value, body.place)


def _read_span(body: Fields, event: str, timestamp: int) -> Span:
    body.optional("parentSpanId", body.identifier)
    body.choice("type", SPAN_TYPES)
    body.optional("model", body.name)
    body.optional("errorMessage", body.text)
    for other in ("modelParameters", "metadata"):
        body.optional(other, body.mapping)
    start = body.optional("startTime", body.instant)
    return Span(
        id=body.optional("id", body.identifier) or event,
        start=timestamp if start is None else start,
        end=body.optional("endTime", body.instant),
        failed=body.optional("status", lambda name: body.choice(name, STATUSES)) == "ERROR",
        tokens=_read_tokens(body),
        cost=_read_cost(body),
        name=body.name("name"),
    )


def _read_tokens(body: Fields) -> int:
    usage = body.optional("usage", body.fields) or Fields({})
    prompt, completion, total, _ = (
        usage.optional(name, lambda name: usage.integer(name, 0, MOST_TOKENS)) for name in TOKEN_FIELDS
    )
    return total if total is not None else (prompt or 0) + (completion or 0)


def _read_cost(body: Fields) -> Decimal:
    cost = Decimal(body.optional("cost", lambda name: body.number(name, 0, MOST_DOLLARS)) or 0)
    exponent = cost.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_MOST_DECIMALS:
        raise invalid(body.at("cost"), f"expected at most {_MOST_DECIMALS} decimals")
    return cost


def _store(project: Project, event: Event) -> None:
    trace = project.trace(event.trace)
    if event.id in trace.events:
        return
    trace.events.add(event.id)
    if event.span is not None:
        trace.spans.setdefault(event.span.id, event.span)
        return
    for key, value in event.sent.pop("metadata", {}).items():
        _take_later(trace.metadata, key, event.timestamp, value)
    for name, value in event.sent.items():
        trace.take(name, event.timestamp, value)
    trace.sent.setdefault("startTime", (0, event.timestamp))
    if trace.place is None:
        trace.place = trace.start()
