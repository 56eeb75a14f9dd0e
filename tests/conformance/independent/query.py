"""The query of traces, and the scores that are given to them."""

import base64
import binascii
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from .traces import STATUSES, Project, Trace
from .values import (
    MILLISECOND,
    ApiError,
    Fields,
    Json,
    check_identifier,
    invalid,
    not_found,
    read_instant,
    read_json,
    read_query_integer,
    write_instant,
    write_json,
)

DEFAULT_PAGE = 50
LARGEST_PAGE = 100
_SPACE_FOR_PLUS = re.compile(r" (00:00)$")


@dataclass
class Filters:
    name: str
    status: str | None
    tags: list[str]
    after: int | None
    before: int | None

    def keep(self, trace: Trace) -> bool:
        start = trace.start()
        return (
            self.name in trace.name()
            and (self.status is None or trace.status() == self.status)
            and all(tag in trace.all_tags() for tag in self.tags)
            and (self.after is None or start > self.after)
            and (self.before is None or start < self.before)
        )


def query(project: Project, parameters: Mapping[str, str]) -> Json:
    limit = read_query_integer(parameters.get("limit", str(DEFAULT_PAGE)), "limit", 1, LARGEST_PAGE)
    filters = _read_filters(parameters)
    with project.lock:
        after = _read_cursor(project, parameters["cursor"]) if "cursor" in parameters else None
        traces = sorted((trace for trace in project.traces.values() if trace.place is not None), key=_order)
        kept = [trace for trace in traces if (after is None or _order(trace) > after) and filters.keep(trace)]
        page = [_show(trace) for trace in kept[:limit]]
    more = len(kept) > limit
    return {"data": {"traces": page, "nextCursor": _write_cursor(page[-1]["id"]) if more else None}, "error": None}


def _order(trace: Trace) -> tuple[int, str]:
    return -(trace.place or 0), trace.id


def _read_filters(parameters: Mapping[str, str]) -> Filters:
    name = parameters.get("name", "")
    if len(name) > 1000:
        raise invalid("name", "expected at most 1000 characters")
    status = parameters.get("status")
    if status is not None and status not in STATUSES:
        raise invalid("status", "expected OK or ERROR")
    tags = [tag for tag in parameters.get("tags", "").split(",") if tag]
    if any(len(tag) > 200 for tag in tags):
        raise invalid("tags", "expected tags of at most 200 characters")
    return Filters(name, status, tags, _read_date(parameters, "startDate"), _read_date(parameters, "endDate"))


def _read_date(parameters: Mapping[str, str], name: str) -> int | None:
    if name not in parameters:
        return None
    return read_instant(_SPACE_FOR_PLUS.sub(r"+\1", parameters[name]), name)


def _write_cursor(identifier: str) -> str:
    return base64.urlsafe_b64encode(write_json({"id": identifier})).rstrip(b"=").decode()


def _read_cursor(project: Project, cursor: str) -> tuple[int, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        identifier = check_identifier(Fields(read_json(raw)).any("id"), "cursor")
        trace = project.listed(identifier)
    except (ApiError, binascii.Error, ValueError):
        trace = None
    if trace is None or _write_cursor(trace.id) != cursor:
        raise invalid("cursor", "was never given as a nextCursor")
    return _order(trace)


def _show(trace: Trace) -> Json:
    start, end = trace.start(), trace.end()
    duration = 0 if end is None else max(0, end // MILLISECOND - start // MILLISECOND)
    return {
        "id": trace.id,
        "name": trace.name(),
        "status": trace.status(),
        "startTime": write_instant(start),
        "endTime": None if end is None else write_instant(end),
        "durationMs": duration,
        "totalCost": trace.cost(),
        "totalTokens": sum(span.tokens for span in trace.spans.values()),
        "tags": trace.all_tags(),
        "metadata": {key: value for key, (_, value) in trace.metadata.items()},
        "spanCount": len(trace.spans),
        "scoreCount": len(trace.scores),
        "createdAt": write_instant(trace.received),
    }


# --- scores ---------------------------------------------------------------------------------------------------------


def add_score(project: Project, body: Json) -> Json:
    fields = Fields(body)
    trace_id = fields.identifier("traceId")
    span_id = fields.optional("spanId", fields.identifier)
    score = {
        "id": str(uuid.uuid4()),
        "traceId": trace_id,
        "spanId": span_id,
        "evaluatorName": fields.short_text("evaluatorName"),
        "value": fields.number("value", 0, 1),
        "label": fields.optional("label", fields.text),
        "reasoning": fields.optional("reasoning", fields.text),
    }
    with project.lock:
        trace = project.listed(trace_id)
        if trace is None:
            raise not_found("trace", trace_id)
        if span_id is not None and span_id not in trace.spans:
            raise not_found("span", span_id)
        trace.scores.append(score)
    return score
