"""Rules of traces, pure: how events and spans change a trace, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal
from functools import reduce
from typing import Any

import orjson

from twosignal_mock.apis.rest.store import SpanRecord, TraceRecord
from twosignal_mock.apis.rest.traces._events import TraceCreate

# A cost has at most 10 digits before the point, and a float at most 340 behind it; 1,200 digits hold any sum of them.
_EXACT = Context(prec=1200)


def merge(trace: TraceRecord, create: TraceCreate) -> None:
    """Adds a trace-create: per field and per key of metadata the event with the later timestamp wins, else the last."""
    if trace.stamp is None:
        _open(trace, create)
        return
    stamps: dict[str, int] = {} if trace.stamps is None else orjson.loads(trace.stamps)
    field = _Chooser(stamps, trace.stamp, create.stamp)
    if field.wins("name"):
        trace.name = create.name
    if create.end is not None and field.wins("endTime", known=trace.own_end is not None):
        trace.own_end = create.end
    if create.tags is not None and field.wins("tags", known=trace.tags is not None):
        trace.tags = _dump(create.tags)
    if create.metadata:
        trace.metadata = field.merge_object("metadata", trace.metadata, create.metadata)
    if create.extra:
        trace.extra = field.merge_object("extra", trace.extra or "{}", create.extra)
    trace.stamps = _dump(stamps)


def add_span(trace: TraceRecord, span: SpanRecord) -> bool:
    """Counts a new span, but not its cost; whether it names the trace: the earliest root does, else the earliest."""
    start, end = span.start, span.end
    trace.spans += 1
    trace.failed += span.failed
    trace.tokens += span.tokens
    if end is None:
        trace.open += 1
    elif trace.latest is None or end > trace.latest:
        trace.latest = end
    if trace.earliest is None or start < trace.earliest:
        trace.earliest = start
    if trace.lead == "":
        return False
    if trace.sort_key is not None:
        trace.sort_key = -trace.earliest
    key = f"{span.parent is not None:d}:{start:020d}:{span.id}"
    if trace.lead is not None and key > trace.lead:
        return False
    trace.lead, trace.name = key, span.name
    return True


def show_by_spans(trace: TraceRecord) -> None:
    """Lists a trace that OTLP spans opened, from its earliest span on; a trace-create that comes later says better."""
    if trace.stamp is None and trace.earliest is not None:
        trace.sort_key = -trace.earliest


def add_resource(trace: TraceRecord, attributes: Mapping[str, Any], tags: Sequence[str], *, leads: bool) -> None:
    """Adds the attributes of a span's resource to metadata and tags.

    Of two resources that differ on a key, that of the span which names the trace wins; what a trace-create said stays.
    """
    known = orjson.loads(trace.metadata)
    merged = {**known, **attributes} if leads else {**attributes, **known}
    if merged != known:
        trace.metadata = _dump(merged)
    if trace.stamp is not None:
        stamps = {} if trace.stamps is None else orjson.loads(trace.stamps)
        trace.stamps = _dump({**{f"metadata.{key}": 0 for key in merged if key not in known}, **stamps})
    present: list[str] = [] if trace.tags is None else orjson.loads(trace.tags)
    if added := [tag for tag in tags if tag not in present]:
        trace.tags = _dump([*present, *added])


def end_of(own_end: int | None, latest: int | None, open_spans: int) -> int | None:
    """When the trace ended, milliseconds since 1970: its own end, else that of its last span once none is open."""
    if own_end is not None:
        return own_end
    return None if open_spans else latest


def duration_of(start: int, end: int | None) -> int:
    """Milliseconds, never negative; 0 while the trace runs."""
    return 0 if end is None or end < start else end - start


def add_costs(total: str, costs: Iterable[str]) -> str:
    """The exact sum as a plain decimal number: no exponent, no zeros at its end."""
    return plain(reduce(_EXACT.add, map(Decimal, costs), Decimal(total)))


def plain(cost: Decimal) -> str:
    """The number without exponent and without zeros at its end."""
    return format(_EXACT.normalize(cost), "f") if cost else "0"


def _open(trace: TraceRecord, create: TraceCreate) -> None:
    if trace.sort_key is None and create.shown != trace.id:
        trace.shown = create.shown
    trace.sort_key = -create.start
    trace.name = create.name
    trace.own_end = create.end
    trace.stamp = create.stamp
    trace.lead = ""
    if create.tags is not None:
        trace.tags = _dump(create.tags)
    if create.metadata:
        known = orjson.loads(trace.metadata)
        trace.metadata = _dump({**known, **create.metadata})
        if known:
            trace.stamps = _dump({f"metadata.{key}": 0 for key in known if key not in create.metadata})
    if create.extra:
        trace.extra = _dump(create.extra)


class _Chooser:
    """Which of two values of a field is from the later event; remembers the timestamp for the fields it gave."""

    def __init__(self, stamps: dict[str, int], first: int, stamp: int) -> None:
        self._stamps = stamps
        self._first = first
        self._stamp = stamp

    def wins(self, field: str, *, known: bool = True) -> bool:
        if known and self._stamps.get(field, self._first) > self._stamp:
            return False
        self._stamps[field] = self._stamp
        return True

    def merge_object(self, field: str, text: str, new: Mapping[str, Any]) -> str:
        merged: dict[str, Any] = orjson.loads(text)
        for key, value in new.items():
            if self.wins(f"{field}.{key}", known=key in merged):
                merged[key] = value
        return _dump(merged)


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()
