"""The operation of OTLP: spans go the way of native ones."""

from __future__ import annotations

from collections.abc import Sequence

from twosignal_contract import Contract

from twosignal_mock.apis.rest.otel._rules import Bounds
from twosignal_mock.apis.rest.otel._values import Export
from twosignal_mock.apis.rest.otel._wire import resource_spans, span_keys
from twosignal_mock.apis.rest.traces import Ingestion
from twosignal_mock.engine.api import Call, Joint, Operation, Setting
from twosignal_mock.engine.store import Transaction


def operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:
    """POST /api/v1/otel/traces."""
    del setting  # ids are hexadecimal digits here, whatever the dialect says of identifiers
    ingest = _Ingest(contract)
    joint = Joint(ingest.read, ingest.all)
    return (Operation("ingestOtlpTraces", ingest, writes=True, joint=joint, attempt_keys=span_keys),)


class _Ingest:
    def __init__(self, contract: Contract) -> None:
        self._bounds = Bounds.of(contract)
        self._longest_tag: int = contract.document["components"]["schemas"]["Tag"]["maxLength"]

    def __call__(self, call: Call, transaction: Transaction) -> object:
        (answer,) = self.all([self.read(call)], transaction)
        return answer

    def read(self, call: Call) -> Export:
        """What a call brings."""
        return Export(call.now, list(resource_spans(call.body, self._bounds, self._longest_tag)))

    def all(self, exports: Sequence[Export], transaction: Transaction) -> Sequence[object]:
        """Takes in what several calls brought."""
        ingestion = Ingestion(transaction)
        for export in exports:
            for attributes, tags, spans in export.resources:
                ingestion.add_otlp_spans(spans, attributes, tags, export.now)
        ingestion.finish()
        return [{"accepted": sum(len(resource.spans) for resource in export.resources)} for export in exports]
