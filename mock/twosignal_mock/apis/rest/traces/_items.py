"""Items of a list of traces: encoded when a trace is saved, so that a list only joins them.

What does not follow from a trace's own events is added when it is read: the status as the contract spells it, for a
state outlives the contract that it was made with, and the scores, which come without touching the trace.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from twosignal_mock.apis.rest._timestamps import format_timestamp
from twosignal_mock.apis.rest.store import ListedTrace, TraceRecord
from twosignal_mock.apis.rest.traces._rules import duration_of, end_of


def encode_item(trace: TraceRecord, sort_key: int) -> str:
    """What a list shows of a trace with this sort key, but for its status and scores."""
    end = end_of(trace.own_end, trace.latest, trace.open)
    item = {
        "id": trace.id,
        "name": trace.name,
        "startTime": format_timestamp(-sort_key),
        "endTime": None if end is None else format_timestamp(end),
        "durationMs": duration_of(-sort_key, end),
        "totalCost": trace.cost,
        "totalTokens": trace.tokens,
        # Stored as JSON already; spliced in as they are.
        "tags": orjson.Fragment("[]" if trace.tags is None else trace.tags),
        "metadata": orjson.Fragment(trace.metadata),
        "spanCount": trace.spans,
        "createdAt": format_timestamp(trace.created),
    }
    return orjson.dumps(item).decode()


class Items:
    """Makes the array of a list."""

    def __init__(self, statuses: tuple[str, str]) -> None:
        """`statuses` are those without and with an error."""
        self._ends = [f',"status":{orjson.dumps(status).decode()},"scoreCount":' for status in statuses]

    def array(self, traces: Iterable[ListedTrace]) -> orjson.Fragment:
        """The JSON array of the traces, to be spliced into an answer."""
        ends = self._ends
        items = (f"{item[:-1]}{ends[failed > 0]}{scores}}}" for _, _, item, failed, scores in traces)
        return orjson.Fragment(f"[{','.join(items)}]")
