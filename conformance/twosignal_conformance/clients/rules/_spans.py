"""How traces and spans hang together: parents, traces, trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from twosignal_conformance.clients._case import Case, Rules, Saying
from twosignal_conformance.clients._chains import Link
from twosignal_conformance.clients._spelling import canonical

RULES = Rules()

_PARENT, _TRACE, _TREE = "client.spans.parent", "client.spans.trace", "client.spans.no-cycle"


@RULES.decide(_PARENT, _TRACE, _TREE)
def kinship(case: Case) -> Iterator[Saying]:
    """A parent is a span of the same trace, a trace is one that was created, and no span is above itself."""
    spans = [(link, body) for link in case.links for kind, body in bodies(link, case) if kind == "span-create"]
    if not spans:
        return
    complete = _complete(case)
    # A client may send a batch of spans before the trace or the parent; so all that it sent is looked at together.
    traces = {body.get("id") for link in case.links for kind, body in bodies(link, case) if kind == "trace-create"}
    known = {(body.get("traceId"), body.get("id")): body.get("parentSpanId") for _, body in spans}
    for link, body in spans:
        trace, parent = body.get("traceId"), body.get("parentSpanId")
        if trace in traces or complete:
            expected = "traceId names a trace that the client creates"
            yield Saying(_TRACE, trace in traces, expected, f"traceId {trace!r}", (link,))
        if parent is None:
            continue
        expected = "parentSpanId names the id of a span of the same trace"
        actual = f"span {body.get('name')!r} has parentSpanId {parent!r}{_meaning(parent, case)}"
        if (trace, parent) in known or complete:
            yield Saying(_PARENT, (trace, parent) in known, expected, actual, (link,))
        circle = _in_circle((trace, body.get("id")), known)
        yield Saying(_TREE, not circle, "no span is above itself", f"span {body.get('name')!r}", (link,))


def _complete(case: Case) -> bool:
    """Whether all events that were sent can be seen: no request is gone, and no body was too large to be kept."""
    ingested = case.of("ingestTraces")
    return case.links[0].attempt.sequence == 1 and all(link.attempt.whole for link in ingested)


def bodies(link: Link, case: Case) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Type and body of each event of a request, in the canonical spelling."""
    for event in link.attempt.events:
        body = event.get("body")
        if isinstance(body, dict):
            yield str(event.get("type")), canonical(body, str(event.get("type")), case.law)


def _meaning(parent: object, case: Case) -> str:
    """What an id that is no span's is instead, where that can be told."""
    events = (event for link in case.links for event in link.attempt.events)
    owner = next((event for event in events if event.get("id") == parent and parent != event["body"].get("id")), None)
    return "" if owner is None else f", which is the id of the event of {owner['body'].get('name')!r}"


def _in_circle(start: tuple[object, object], known: Mapping[tuple[object, object], object]) -> bool:
    place, steps = start, 0
    while (parent := known.get(place)) is not None and steps <= len(known):
        place, steps = (start[0], parent), steps + 1
        if place == start:
            return True
    return False
