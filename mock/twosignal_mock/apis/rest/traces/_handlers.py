"""The handlers of traces: ingestion of a batch, and the query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest._formats import (
    CheckIdentifier,
    identifier_check,
    statuses_of,
)
from twosignal_mock.apis.rest.store import SpanRecord
from twosignal_mock.apis.rest.traces._events import Batch, TraceCreate, span_create, trace_create
from twosignal_mock.apis.rest.traces._ingestion import Ingestion
from twosignal_mock.apis.rest.traces._list import TraceList
from twosignal_mock.engine.api import ApiError, BatchHandler, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction

_PORTION = 200
"""Events that are taken in together: small batches gain by it, larger ones no more."""


def handlers(contract: Contract, dependencies: Dependencies) -> tuple[Handler, ...]:
    """POST and GET /api/v1/traces."""
    ingest = _Ingest(contract, dependencies)
    return (
        Handler(
            "ingestTraces", ingest, writes=True, batch=BatchHandler(ingest.read, ingest.all), attempt_keys=event_ids
        ),
        Handler("listTraces", TraceList(contract, dependencies), TraceList.PARAMETERS),
    )


def event_ids(body: Any) -> tuple[str, ...]:
    """The ids of the events in a body that may be anything."""
    batch = body.get("batch") if isinstance(body, dict) else None
    events = batch if isinstance(batch, list) else []
    # One comprehension, for there may be a thousand of them in each request.
    return tuple([id_ for event in events if isinstance(event, dict) and isinstance(id_ := event.get("id"), str)])


class _Ingest:
    def __init__(self, contract: Contract, dependencies: Dependencies) -> None:
        schemas = contract.document["components"]["schemas"]
        self._trace_type = schemas["TraceCreateEvent"]["properties"]["type"]["const"]
        self._error = statuses_of(contract)[1]
        self._check = identifier_check(dependencies)

    def __call__(self, call: Call, transaction: Transaction) -> object:
        (body,) = self.all([self.read(call)], transaction)
        return body

    def read(self, call: Call) -> Batch:
        """What a call brings; raises ApiError."""
        events = call.body["batch"]
        if self._check is not None:
            _check_identifiers(events, self._trace_type, self._check)
        return Batch(call.now, self._read(events))

    def all(self, batches: Sequence[Batch], transaction: Transaction) -> Sequence[object]:
        """Takes in what several calls brought."""
        for few in _portions(batches):
            ingestion = Ingestion(transaction)
            ingestion.add(few)
            ingestion.finish()
        return [{"accepted": len(batch.items)} for batch in batches]

    def _read(self, events: Sequence[Mapping[str, Any]]) -> Sequence[TraceCreate | SpanRecord]:
        trace_type, error = self._trace_type, self._error
        items: list[TraceCreate | SpanRecord] = []
        try:
            for event in events:
                if event["type"] == trace_type:
                    items.append(trace_create(event))
                else:
                    items.append(span_create(event, error))
        except ApiError as error:
            # As many as were read stand before the wrong one.
            error.values["place"] = f"batch[{len(items)}].{error.values['place']}"
            raise
        return items


def _portions(batches: Sequence[Batch]) -> Iterator[Sequence[Batch]]:
    """The batches in their order, in runs of about _PORTION events."""
    run: list[Batch] = []
    events = 0
    for batch in batches:
        run.append(batch)
        events += len(batch.items)
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
