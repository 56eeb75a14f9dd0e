"""The operation of OTLP: spans go the way of native ones."""

from __future__ import annotations

from twosignal_mock._call import Call, Operation, Setting
from twosignal_mock.contract import Contract
from twosignal_mock.resources.otel._rules import Bounds
from twosignal_mock.resources.otel._wire import resource_spans, span_keys
from twosignal_mock.resources.traces import Ingestion
from twosignal_mock.store import Transaction


def operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:
    """POST /api/v1/otel/traces."""
    del setting  # ids are hexadecimal digits here, whatever the dialect says of identifiers
    return (Operation("ingestOtlpTraces", _Ingest(contract), writes=True, repeatable=True, attempt_keys=span_keys),)


class _Ingest:
    def __init__(self, contract: Contract) -> None:
        self._bounds = Bounds.of(contract)
        self._longest_tag: int = contract.document["components"]["schemas"]["Tag"]["maxLength"]

    def __call__(self, call: Call, transaction: Transaction) -> object:
        ingestion = Ingestion(transaction, call.now)
        accepted = 0
        for attributes, tags, spans in resource_spans(call.body, self._bounds, self._longest_tag):
            ingestion.add_otlp_spans(spans, attributes, tags)
            accepted += len(spans)
        ingestion.finish()
        return {"accepted": accepted}
