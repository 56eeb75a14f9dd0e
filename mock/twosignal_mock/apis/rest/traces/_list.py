"""The list of traces: which ones a query asks for, their items and the cursor of the next page.

An item is encoded when its trace is saved, so that a list only joins items. What does not follow from a trace's own
events is added when it is read: the status as the contract spells it, for a state outlives the contract that it was
made with, and the number of scores, which come without touching the trace. A cursor is the base64url text without
padding of {"id":"<last id>"}, as in the documentation's examples.

A walk over pages shows every trace once, although ingestion may move a trace that is listed: an earlier span comes over
OTLP, or the trace-create comes after the spans. So the pages of a walk list traces where they stood when it began. What
was before and after is told by a count of moves; a cursor carries it as "moves" when it is not 0.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.rest._formats import format_timestamp, parse_milliseconds, parse_milliseconds_up, statuses_of
from twosignal_mock.apis.rest.store import ListedTrace, TraceQuery, TraceRecord, Traces, repositories_of
from twosignal_mock.apis.rest.traces._rules import duration_of, end_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies
from twosignal_mock.engine.store import Transaction

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


class Cursor(NamedTuple):
    """Where a walk goes on."""

    trace: str
    """The id of the trace that the page before ended with."""
    moves: int
    """How many moves there were when the walk began."""


def encode_cursor(cursor: Cursor) -> str:
    """The text that a response gives."""
    content: dict[str, object] = {"id": cursor.trace}
    if cursor.moves:
        content["moves"] = cursor.moves
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


def decode_cursor(text: str) -> Cursor:
    """What a response gave. Raises ApiError for what `encode_cursor` never makes."""
    try:
        if _BASE64URL.fullmatch(text) is None:
            raise ValueError(text)
        content = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        content = None
    trace, moves = (content.get("id"), content.get("moves", 0)) if isinstance(content, dict) else (None, None)
    if not isinstance(trace, str) or type(moves) is not int or encode_cursor(Cursor(trace, moves)) != text:
        raise unknown_cursor()
    return Cursor(trace, moves)


def unknown_cursor() -> ApiError:
    """The error for a cursor that no response of the project ever gave."""
    return ApiError(
        "invalid-value", place="cursor", problem="no response gave this cursor; send a nextCursor back unchanged"
    )


def encode_item(trace: TraceRecord, sort_key: int) -> str:
    """What a list shows of a trace with this sort key, but for its status and scores."""
    end = end_of(trace.own_end, trace.latest, trace.open)
    item = {
        "id": trace.shown or trace.id,
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


class Page(NamedTuple):
    """One page of the list."""

    traces: Sequence[ListedTrace]
    next_cursor: str | None
    """None: it is the last one."""


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
        page = self.page(call.parameters, call.now, transaction)
        return {"data": {"traces": self._items.array(page.traces), "nextCursor": page.next_cursor}, "error": None}

    def page(self, parameters: Mapping[str, Any], now: int, transaction: Transaction) -> Page:
        """One page, by the parameters of the list; raises ApiError. `now` in milliseconds since 1970."""
        limit = parameters["limit"]
        traces = repositories_of(transaction).traces
        text = parameters.get("cursor")
        cursor = decode_cursor(text) if text else None
        found = traces.page(self._query(parameters, now, traces, cursor))
        shown = found[:limit]
        following = None
        if len(found) > limit:
            moves = traces.moves() if cursor is None else cursor.moves
            following = encode_cursor(Cursor(shown[-1][0], moves))
        return Page(shown, following)

    def _query(self, parameters: Mapping[str, Any], now: int, traces: Traces, cursor: Cursor | None) -> TraceQuery:
        status = parameters.get("status")
        start = parameters.get("startDate")
        moves = None if cursor is None else _moves_since(cursor, traces.moves())
        return TraceQuery(
            after=_after(parameters, traces, cursor),
            before=_END if start is None else -parse_milliseconds(start, "startDate"),
            limit=parameters["limit"] + 1,  # one more tells whether there is a next page
            name=parameters.get("name") or None,
            failed=None if status is None else status == self._statuses[1],
            tags=tuple(dict.fromkeys(tag for tag in parameters.get("tags", ()) if tag)),
            created_until=now - self._lag if self._lag else None,
            moves=moves,
        )


def _moves_since(cursor: Cursor, now: int) -> int | None:
    """The cursor's count of moves; None when there were no further ones."""
    if not 0 <= cursor.moves <= now:
        raise unknown_cursor()
    return None if cursor.moves == now else cursor.moves


def _after(parameters: Mapping[str, Any], traces: Traces, cursor: Cursor | None) -> tuple[int, str]:
    """The (sort key, id) behind which a page begins: by the cursor and by endDate, whichever is further."""
    after = (-_END, "")
    if (end := parameters.get("endDate")) is not None:
        # Sort keys are minus the start: strictly before the end is one further, and every id comes after "".
        after = (1 - parse_milliseconds_up(end, "endDate"), "")
    if cursor is not None:
        sort_key = traces.sort_key(cursor.trace, cursor.moves)
        if sort_key is None:
            raise unknown_cursor()
        after = max(after, (sort_key, cursor.trace))
    return after
