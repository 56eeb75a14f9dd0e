"""The list of traces: which ones a query asks for, their items and the cursor of the next page.

An item is encoded when its trace is saved, so that a list only joins items. What does not follow from a trace's own
events is added when it is read: the status as the contract spells it, for a state outlives the contract that it was
made with, and the number of scores, which come without touching the trace. A cursor is the base64url text without
padding of {"id":"<last id>"}, as in the documentation's examples.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.rest._formats import format_timestamp, parse_milliseconds, parse_milliseconds_up, statuses_of
from twosignal_mock.apis.rest.store import ListedTrace, TraceQuery, TraceRecord, Traces, repositories_of
from twosignal_mock.apis.rest.traces._rules import duration_of, end_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies
from twosignal_mock.engine.store import Transaction

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


def encode_cursor(trace: str) -> str:
    """The cursor of a page that ends with this trace."""
    return base64.urlsafe_b64encode(orjson.dumps({"id": trace})).rstrip(b"=").decode()


def decode_cursor(text: str) -> str:
    """The id of the trace that the page before ended with. Raises ApiError for what `encode_cursor` never gave."""
    try:
        if _BASE64URL.fullmatch(text) is None:
            raise ValueError(text)
        content = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        content = None
    trace = content.get("id") if isinstance(content, dict) and len(content) == 1 else None
    if not isinstance(trace, str) or encode_cursor(trace) != text:
        raise unknown_cursor()
    return trace


def unknown_cursor() -> ApiError:
    """The error for a cursor that no response of the project ever gave."""
    return ApiError(
        "invalid-value", place="cursor", problem="no response gave this cursor; send a nextCursor back unchanged"
    )


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
        """The JSON array of the traces, to be spliced into a response."""
        ends = self._ends
        items = (f"{item[:-1]}{ends[failed > 0]}{scores}}}" for _, _, item, failed, scores in traces)
        return orjson.Fragment(f"[{','.join(items)}]")


_END = 1 << 62
"""A sort key behind all others."""


class TraceList:
    """The handler of the list."""

    PARAMETERS = ("limit", "cursor", "name", "status", "tags", "startDate", "endDate")

    def __init__(self, contract: Contract, dependencies: Dependencies) -> None:
        self._statuses = statuses_of(contract)
        self._items = Items(self._statuses)
        self._lag = dependencies.lag

    def __call__(self, call: Call, transaction: Transaction) -> object:
        limit = call.parameters["limit"]
        traces = repositories_of(transaction).traces
        found = traces.page(self._query(call, traces))
        shown = found[:limit]
        cursor = encode_cursor(shown[-1][0]) if len(found) > limit else None
        return {
            "data": {"traces": self._items.array(shown), "nextCursor": cursor},
            "error": None,
        }

    def _query(self, call: Call, traces: Traces) -> TraceQuery:
        parameters = call.parameters
        status = parameters.get("status")
        start = parameters.get("startDate")
        return TraceQuery(
            after=_after(parameters, traces),
            before=_END if start is None else -parse_milliseconds(start, "startDate"),
            limit=parameters["limit"] + 1,  # one more tells whether there is a next page
            name=parameters.get("name") or None,
            failed=None if status is None else status == self._statuses[1],
            tags=tuple(dict.fromkeys(tag for tag in parameters.get("tags", ()) if tag)),
            created_until=call.now - self._lag if self._lag else None,
        )


def _after(parameters: Mapping[str, Any], traces: Traces) -> tuple[int, str]:
    """The (sort key, id) behind which a page begins: by the cursor and by endDate, whichever is further."""
    after = (-_END, "")
    if (end := parameters.get("endDate")) is not None:
        # Sort keys are minus the start: strictly before the end is one further, and every id comes after "".
        after = (1 - parse_milliseconds_up(end, "endDate"), "")
    if (cursor := parameters.get("cursor")) is not None:
        trace = traces.find(decode_cursor(cursor))
        if trace is None or trace.sort_key is None:
            raise unknown_cursor()
        after = max(after, (trace.sort_key, trace.id))
    return after
