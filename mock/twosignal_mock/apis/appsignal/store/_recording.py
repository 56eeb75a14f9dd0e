"""Takes spans in: keeps those that are new, and brings what follows from their traces up to date."""

from __future__ import annotations

from collections.abc import Sequence

from twosignal_mock.apis.appsignal.spans import SpanRecord, facts_of
from twosignal_mock.apis.appsignal.store._traces import Traces


def record_spans(traces: Traces, spans: Sequence[SpanRecord], most: int | None = None) -> int:
    """Keeps spans; one that its site has already is left as it is.

    Returns how many are too many: a trace has at most `most` spans (None: no bound).
    """
    by_trace: dict[str, list[SpanRecord]] = {}
    for span in spans:
        by_trace.setdefault(span.trace, []).append(span)
    return sum(_record(traces, trace, each, most) for trace, each in by_trace.items())


def _record(traces: Traces, trace: str, spans: Sequence[SpanRecord], most: int | None) -> int:
    known = traces.spans(trace)
    have = {(span.site, span.id) for span in known}
    new = {key: span for span in reversed(spans) if (key := (span.site, span.id)) not in have}
    kept = list(new.values())[::-1]
    too_many = 0 if most is None else max(0, len(known) + len(kept) - most)
    if too_many:
        kept = kept[: len(kept) - too_many]
    if kept:
        traces.add_spans(kept)
        traces.change(facts_of(known), facts_of([*known, *kept]))
    return too_many
