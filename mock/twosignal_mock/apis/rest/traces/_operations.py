"""The operations of traces: ingestion of a batch, and the query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest._identifiers import CheckIdentifier, identifier_check
from twosignal_mock.apis.rest._statuses import statuses_of
from twosignal_mock.apis.rest._timestamps import parse_milliseconds, parse_milliseconds_up
from twosignal_mock.apis.rest.store import SpanRecord, TraceQuery, Traces, repositories_of
from twosignal_mock.apis.rest.traces._cursor import decode_cursor, encode_cursor, unknown_cursor
from twosignal_mock.apis.rest.traces._ingestion import Ingestion
from twosignal_mock.apis.rest.traces._items import Items
from twosignal_mock.apis.rest.traces._values import Batch, TraceCreate
from twosignal_mock.apis.rest.traces._wire import span_create, trace_create
from twosignal_mock.engine.api import Call, Joint, Operation, Refusal, Setting
from twosignal_mock.engine.store import Transaction

_PORTION = 200
"""Events that are taken in together: small batches gain by it, larger ones no more."""
_END = 1 << 62
"""A sort key behind all others."""


def operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:
    """POST and GET /api/v1/traces."""
    ingest = _Ingest(contract, setting)
    return (
        Operation("ingestTraces", ingest, writes=True, joint=Joint(ingest.read, ingest.all), attempt_keys=event_ids),
        Operation("listTraces", _List(contract, setting)),
    )


def event_ids(body: Any) -> tuple[str, ...]:
    """The ids of the events in a body that may be anything."""
    batch = body.get("batch") if isinstance(body, dict) else None
    events = batch if isinstance(batch, list) else []
    # One comprehension, for there may be a thousand of them in each request.
    return tuple([id_ for event in events if isinstance(event, dict) and isinstance(id_ := event.get("id"), str)])


class _Ingest:
    def __init__(self, contract: Contract, setting: Setting) -> None:
        schemas = contract.document["components"]["schemas"]
        self._trace_type = schemas["TraceCreateEvent"]["properties"]["type"]["const"]
        self._error = statuses_of(contract)[1]
        self._check = identifier_check(setting)

    def __call__(self, call: Call, transaction: Transaction) -> object:
        (answer,) = self.all([self.read(call)], transaction)
        return answer

    def read(self, call: Call) -> Batch:
        """What a call brings; raises Refusal."""
        events = call.body["batch"]
        if self._check is not None:
            _check_identifiers(events, self._trace_type, self._check)
        return Batch(call.now, [event["id"] for event in events], self._read(events))

    def all(self, batches: Sequence[Batch], transaction: Transaction) -> Sequence[object]:
        """Takes in what several calls brought."""
        for few in _portions(batches):
            ingestion = Ingestion(transaction)
            ingestion.add(few)
            ingestion.finish()
        return [{"accepted": len(batch.events)} for batch in batches]

    def _read(self, events: Sequence[Mapping[str, Any]]) -> Sequence[TraceCreate | SpanRecord]:
        trace_type, error = self._trace_type, self._error
        items: list[TraceCreate | SpanRecord] = []
        try:
            for event in events:
                if event["type"] == trace_type:
                    items.append(trace_create(event))
                else:
                    items.append(span_create(event, error))
        except Refusal as refusal:
            # As many as were read stand before the refused one.
            refusal.values["place"] = f"batch[{len(items)}].{refusal.values['place']}"
            raise
        return items


def _portions(batches: Sequence[Batch]) -> Iterator[Sequence[Batch]]:
    """The batches in their order, in runs of about _PORTION events."""
    run: list[Batch] = []
    events = 0
    for batch in batches:
        run.append(batch)
        events += len(batch.events)
        if events >= _PORTION:
            yield run
            run, events = [], 0
    if run:
        yield run


def _check_identifiers(batch: list[dict[str, Any]], trace_type: str, check: CheckIdentifier) -> None:
    for event in batch:
        body = event["body"]
        if event["type"] == trace_type:
            check(body["id"], "trace")
        else:
            check(body["traceId"], "trace")
            check(body.get("id"), "span")


class _List:
    def __init__(self, contract: Contract, setting: Setting) -> None:
        self._statuses = statuses_of(contract)
        self._items = Items(self._statuses)
        self._lag = setting.lag

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
    """The (sort_key, id) behind which a page begins: by the cursor and by endDate, whichever is further."""
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
