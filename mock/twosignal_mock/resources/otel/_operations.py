"""The operation of OTLP: spans go the way of native ones."""

from __future__ import annotations

from collections.abc import Sequence

from twosignal_mock._call import Call, Operation, Setting
from twosignal_mock.contract import Contract
from twosignal_mock.resources.otel._rules import Bounds
from twosignal_mock.resources.otel._wire import resource_spans, span_keys
from twosignal_mock.resources.traces import Ingestion
from twosignal_mock.store import Transaction


def operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:
    """POST /api/v1/otel/traces."""
    del setting  # ids are hexadecimal digits here, whatever the dialect says of identifiers
    ingest = _Ingest(contract)
    return (Operation("ingestOtlpTraces", ingest, writes=True, handle_all=ingest.all, attempt_keys=span_keys),)


class _Ingest:
    def __init__(self, contract: Contract) -> None:
        self._bounds = Bounds.of(contract)
        self._longest_tag: int = contract.document["components"]["schemas"]["Tag"]["maxLength"]

    def __call__(self, call: Call, transaction: Transaction) -> object:
        (answer,) = self.all([call], transaction)
        return answer

    def all(self, calls: Sequence[Call], transaction: Transaction) -> Sequence[object]:
        """Takes in the spans of several calls."""
        ingestion = Ingestion(transaction)
        accepted = [self._add(call, ingestion) for call in calls]
        ingestion.finish()
        return [{"accepted": count} for count in accepted]

    def _add(self, call: Call, ingestion: Ingestion) -> int:
        accepted = 0
        for attributes, tags, spans in resource_spans(call.body, self._bounds, self._longest_tag):
            ingestion.add_otlp_spans(spans, attributes, tags, call.now)
            accepted += len(spans)
        return accepted
