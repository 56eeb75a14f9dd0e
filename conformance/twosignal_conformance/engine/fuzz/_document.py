"""The document as the fuzzer gets it: with every response that a dialect allows, so that none of them is a finding."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from twosignal_contract import Contract

from twosignal_conformance.engine.fuzz._fuzzing import Fuzzing


def document_of(fuzzing: Fuzzing, contract: Contract, issued: Sequence[str] = ()) -> bytes:
    """As JSON: what is fuzzed, with the success statuses of dialects beside the canonical one.

    `issued` are values that the server issued; the example of the document is one that it did not.
    """
    document = json.loads(json.dumps(contract.document, default=_plain))
    operations = fuzzing.operations(contract)
    _leave_out(document, contract, operations)
    _put_examples(document, contract, fuzzing.issued_format, issued)
    for row in map(contract.operation, operations):
        responses = document["paths"][row.path][row.method.lower()]["responses"]
        for status in contract.successes(row.id):
            responses.setdefault(str(status), responses[str(row.success)])
    fuzzing.widen(document, contract, operations)
    return json.dumps(document).encode()


def _leave_out(document: dict[str, Any], contract: Contract, kept: Sequence[str]) -> None:
    """Take away what is not fuzzed, and the links that lead there; a filter of the fuzzer stops no link."""
    for row in contract.operations.values():
        methods = document["paths"][row.path]
        if row.id not in kept:
            del methods[row.method.lower()]
            continue
        for response in methods[row.method.lower()]["responses"].values():
            links = response.get("links", {})
            for name in [name for name, link in links.items() if link.get("operationId") not in kept]:
                del links[name]


def _put_examples(document: dict[str, Any], contract: Contract, form: str, issued: Sequence[str]) -> None:
    """Give parameters of this format an example which the server knows, or none."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for row in operation.get("parameters", ()) if isinstance(operation, dict) else ():
                if contract.resolve(row.get("schema", {})).get("format") == form:
                    row.pop("example", None)
                    row.pop("examples", None)
                    row.update({"example": issued[0]} if issued else {})


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON: {value!r}")
