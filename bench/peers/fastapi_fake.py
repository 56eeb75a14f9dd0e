"""The fake that a team writes in an afternoon: FastAPI, pydantic models, a dict in memory. A peer.

It checks what the documentation says of the requests it serves and keeps no more than it must: no limits, no journal,
nothing on disk. Written as one would for one's own tests, so it may know the documentation by heart.
"""

# ruff: noqa: N815 - the API's own spelling
# mypy: disable-error-code="import-not-found, untyped-decorator, misc"

from __future__ import annotations

import base64
import json
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, HTTPException, Query
from pydantic import BaseModel, Field

KEY = "Bearer ts_local_development"

app = FastAPI()
traces: dict[str, Trace] = {}
seen: set[str] = set()


class TraceBody(BaseModel):
    """A trace as it is sent."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    name: str
    tags: list[str] = []
    metadata: dict[str, Any] = {}
    startTime: datetime | None = None
    endTime: datetime | None = None


class Usage(BaseModel):
    """Tokens of a span."""

    promptTokens: Annotated[int, Field(ge=0)] = 0
    completionTokens: Annotated[int, Field(ge=0)] = 0
    totalTokens: Annotated[int, Field(ge=0)] = 0


class SpanBody(BaseModel):
    """A span as it is sent."""

    id: str | None = None
    traceId: str
    parentSpanId: str | None = None
    name: str
    type: Literal[
        "AGENT", "LLM", "TOOL", "RETRIEVAL", "CHAIN", "CUSTOM", "DELEGATION", "VOICE", "HUMAN_HANDOFF", "GUARDRAIL"
    ]
    startTime: datetime | None = None
    endTime: datetime | None = None
    input: Any = None
    output: Any = None
    model: str | None = None
    usage: Usage | None = None
    cost: Annotated[Decimal, Field(ge=0)] | None = None
    status: Literal["OK", "ERROR"] = "OK"


class TraceCreate(BaseModel):
    """An event that makes a trace."""

    id: str
    type: Literal["trace-create"]
    timestamp: datetime
    body: TraceBody


class SpanCreate(BaseModel):
    """An event that makes a span."""

    id: str
    type: Literal["span-create"]
    timestamp: datetime
    body: SpanBody


Event = Annotated[TraceCreate | SpanCreate, Field(discriminator="type")]


class IngestRequest(BaseModel):
    """A batch."""

    batch: Annotated[list[Event], Field(min_length=1, max_length=1000)]


class OtlpSpan(BaseModel):
    """A span of OpenTelemetry."""

    traceId: Annotated[str, Field(pattern="^[0-9a-fA-F]{32}$")]
    spanId: Annotated[str, Field(pattern="^[0-9a-fA-F]{16}$")]
    parentSpanId: str = ""
    name: str
    startTimeUnixNano: int
    endTimeUnixNano: int
    attributes: list[dict[str, Any]] = []
    status: dict[str, Any] = {}


class ScopeSpans(BaseModel):
    """Spans of one scope."""

    spans: list[OtlpSpan] = []


class ResourceSpans(BaseModel):
    """Spans of one resource."""

    resource: dict[str, Any] = {}
    scopeSpans: list[ScopeSpans] = []


class ExportRequest(BaseModel):
    """An export."""

    resourceSpans: list[ResourceSpans] = []


class Trace:
    """A trace as it is kept."""

    def __init__(self, id_: str, name: str, start: datetime) -> None:
        self.id, self.name, self.start = id_, name, start
        self.tags: list[str] = []
        self.metadata: dict[str, Any] = {}
        self.end: datetime | None = None
        self.spans = self.tokens = 0
        self.cost = Decimal(0)
        self.status = "OK"

    def shown(self) -> dict[str, Any]:
        """The trace as a list shows it."""
        duration = round((self.end - self.start).total_seconds() * 1000) if self.end else 0
        return {
            "id": self.id, "name": self.name, "status": self.status, "startTime": self.start.isoformat(),
            "endTime": self.end.isoformat() if self.end else None, "durationMs": duration,
            "totalCost": str(self.cost), "totalTokens": self.tokens, "tags": self.tags, "metadata": self.metadata,
            "spanCount": self.spans, "scoreCount": 0, "createdAt": self.start.isoformat(),
        }  # fmt: skip


def authorized(authorization: Annotated[str | None, Header()] = None) -> None:
    """Whether the key is right."""
    if authorization != KEY:
        raise HTTPException(401, "Invalid API key")


@app.get("/api/v1/health")
async def health() -> dict[str, str]:
    """It lives."""
    return {"status": "ok"}


@app.post("/api/v1/traces", status_code=201, dependencies=[Depends(authorized)])
async def ingest(request: IngestRequest) -> dict[str, int]:
    """Keep a batch."""
    for event in request.batch:
        if event.id in seen:
            continue
        seen.add(event.id)
        if isinstance(event, TraceCreate):
            body = event.body
            trace = traces.setdefault(body.id, Trace(body.id, body.name, body.startTime or event.timestamp))
            trace.tags, trace.metadata = body.tags, trace.metadata | body.metadata
        else:
            keep_span(event.body, event.timestamp)
    return {"accepted": len(request.batch)}


@app.get("/api/v1/traces", dependencies=[Depends(authorized)])
async def listed(
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: str | None = None,
    name: str | None = None,
    status: Literal["OK", "ERROR"] | None = None,
    tags: str | None = None,
    startDate: datetime | None = None,  # noqa: N803 - the API's own spelling
    endDate: datetime | None = None,  # noqa: N803
) -> dict[str, Any]:
    """One page of traces, newest first."""
    wanted = set(tags.split(",")) if tags else set()
    found = sorted(
        (
            trace
            for trace in traces.values()
            if (name is None or name in trace.name)
            and (status is None or status == trace.status)
            and wanted.issubset(trace.tags)
            and (startDate is None or trace.start > startDate)
            and (endDate is None or trace.start < endDate)
        ),
        key=lambda trace: trace.start,
        reverse=True,
    )
    begin = 0
    if cursor is not None:
        last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))["id"]
        begin = next((place for place, trace in enumerate(found) if trace.id == last), -1) + 1
    page = found[begin : begin + limit]
    more = begin + limit < len(found)
    after = base64.urlsafe_b64encode(json.dumps({"id": page[-1].id}).encode()).decode() if more else None
    return {"data": {"traces": [trace.shown() for trace in page], "nextCursor": after}, "error": None}


@app.post("/api/v1/otel/traces", dependencies=[Depends(authorized)])
async def export(request: ExportRequest) -> dict[str, int]:
    """Keep an export."""
    spans = [span for resource in request.resourceSpans for scope in resource.scopeSpans for span in scope.spans]
    for span in spans:
        start, end = (datetime.fromtimestamp(nano / 1e9) for nano in (span.startTimeUnixNano, span.endTimeUnixNano))  # noqa: DTZ006
        trace = traces.setdefault(span.traceId, Trace(span.traceId, span.name, start.astimezone()))
        trace.spans += 1
        trace.end = end.astimezone()
    return {"accepted": len(spans)}


def keep_span(span: SpanBody, sent: datetime) -> None:
    """Add a span to its trace."""
    trace = traces.setdefault(span.traceId, Trace(span.traceId, span.name, span.startTime or sent))
    trace.spans += 1
    trace.tokens += span.usage.totalTokens if span.usage else 0
    trace.cost += span.cost or 0
    if span.status == "ERROR":
        trace.status = "ERROR"
    if span.endTime and (trace.end is None or span.endTime > trace.end):
        trace.end = span.endTime
