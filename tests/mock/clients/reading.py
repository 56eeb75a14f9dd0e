"""What a real client left behind: the traces that the API lists, their spans as a tree, and the clauses it broke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from twosignal_mock import Sandbox

Json = dict[str, Any]
Tree = dict[str, "Tree"]
"""Name of a span to the spans below it."""


def read_traces(sandbox: Sandbox, **query: str | int) -> list[Json]:
    """All traces that GET /api/v1/traces lists for a query, page by page."""
    return [trace for page in read_pages(sandbox, **query) for trace in page]


def read_trace(sandbox: Sandbox) -> Json:
    """The only trace."""
    (trace,) = read_traces(sandbox)
    return trace


def read_pages(sandbox: Sandbox, **query: str | int) -> Iterator[list[Json]]:
    """The pages of a walk through GET /api/v1/traces."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    with httpx.Client(base_url=sandbox.url, headers=headers, trust_env=False) as api:
        cursor: Mapping[str, str] = {}
        while True:
            answer = api.get("/api/v1/traces", params={**query, **cursor})
            assert answer.status_code == 200, answer.text
            data = answer.json()["data"]
            yield data["traces"]
            if data["nextCursor"] is None:
                return
            cursor = {"cursor": data["nextCursor"]}


def spans_by_name(sandbox: Sandbox, trace: Mapping[str, Any]) -> dict[str, Json]:
    """The spans of a trace as the control API shows them; their names must differ."""
    spans = sandbox.trace(trace["id"])["spans"]
    named = {span["name"]: span for span in spans}
    assert len(named) == len(spans), "two spans have one name"
    return named


def tree_of(sandbox: Sandbox, trace: Mapping[str, Any]) -> Tree:
    """The spans of a trace, each below the span that the mock took for its parent."""
    spans = sandbox.trace(trace["id"])["spans"]
    nodes: dict[str, Tree] = {span["id"]: {} for span in spans}
    tree: Tree = {}
    for span in spans:
        above = tree if span["parent"] is None else nodes[span["parent"]]
        assert span["name"] not in above, "two spans beside each other have one name"
        above[span["name"]] = nodes[span["id"]]
    return tree


def sent_events(sandbox: Sandbox) -> list[Json]:
    """The events of all batches, in the order in which they came."""
    batches = [entry["request"] for entry in sandbox.journal() if entry["operation"] == "ingestTraces"]
    assert all(batch["body_is"] == "json" for batch in batches), "the journal kept only part of a batch"
    return [event for batch in batches for event in batch["body"]["batch"]]


def to_milliseconds(timestamp: str) -> str:
    """A time as a client sends it, in the form in which the API lists it: digits beyond the millisecond are cut."""
    whole, _, fraction = timestamp.removesuffix("Z").partition(".")
    return f"{whole}.{fraction[:3]:0<3}Z"


def broken_clauses(sandbox: Sandbox) -> dict[str, int]:
    """How often the client broke each clause that binds it.

    The journal names what was refused or respelled. That a parent is no span, or a trace none that the client made, is
    no reason to refuse a request: whoever reads the journal sees it only in all batches together.
    """
    broken = Counter(clause for entry in sandbox.journal() for clause in entry["clauses"])
    events = sent_events(sandbox)
    traces = {event["body"]["id"] for event in events if event["type"] == "trace-create"}
    spans = [event["body"] for event in events if event["type"] == "span-create"]
    known = {(span["traceId"], span["id"]) for span in spans}
    broken["client.spans.trace"] += sum(span["traceId"] not in traces for span in spans)
    broken["client.spans.parent"] += sum(
        (span["traceId"], span["parentSpanId"]) not in known for span in spans if "parentSpanId" in span
    )
    return {clause: times for clause, times in broken.items() if times}
