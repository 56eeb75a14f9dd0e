"""The document as the fuzzer gets it: with every response that a dialect allows, so that none of them is a finding."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from twosignal_contract import Contract

CURSOR = "x-cursor"
"""The format of cursors in the document."""

NARROW = ("identifiers", "span-spelling")
"""Dialects whose other values mean that less is accepted than the schemas say."""


def fuzzed_operations(contract: Contract) -> tuple[str, ...]:
    """What is fuzzed: reading, and what needs the key.

    Not what needs no key and changes something, the sessions: hundreds of odd sign-ins lock people out. Nor the
    operation whose evaluators may call models and web hooks on the server's account; it has checks of its own.
    """
    kept = (row for row in contract.operations.values() if row.keyed or row.method == "GET")
    return tuple(row.id for row in kept if row.id != "validateOutput")


def document_of(contract: Contract, cursors: Sequence[str] = ()) -> bytes:
    """As JSON: what is fuzzed, with the success statuses of dialects beside the canonical one.

    `cursors` are those that the server issued; the example of the document is one that it did not.
    """
    document = json.loads(json.dumps(contract.document, default=_plain))
    _leave_out(document, contract)
    _put_cursors(document, contract, cursors)
    for row in map(contract.operation, fuzzed_operations(contract)):
        responses = document["paths"][row.path][row.method.lower()]["responses"]
        for status in contract.successes(row.id):
            responses.setdefault(str(status), responses[str(row.success)])
    for dialect in contract.dialects.values():
        operation = contract.clauses[dialect.clause].operation_id
        if operation in fuzzed_operations(contract) and "data" in dialect.values and "bare" in dialect.values:
            _enveloped(document, contract, operation)
    return json.dumps(document).encode()


def _leave_out(document: dict[str, Any], contract: Contract) -> None:
    """Take away what is not fuzzed, and the links that lead there; a filter of the fuzzer stops no link."""
    kept = fuzzed_operations(contract)
    for row in contract.operations.values():
        methods = document["paths"][row.path]
        if row.id not in kept:
            del methods[row.method.lower()]
            continue
        for response in methods[row.method.lower()]["responses"].values():
            links = response.get("links", {})
            for name in [name for name, link in links.items() if link.get("operationId") not in kept]:
                del links[name]


def _put_cursors(document: dict[str, Any], contract: Contract, cursors: Sequence[str]) -> None:
    """Give parameters that are cursors an example which the server knows, or none."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for row in operation.get("parameters", ()) if isinstance(operation, dict) else ():
                if contract.resolve(row.get("schema", {})).get("format") == CURSOR:
                    row.pop("example", None)
                    row.pop("examples", None)
                    row.update({"example": cursors[0]} if cursors else {})


def _enveloped(document: dict[str, Any], contract: Contract, operation: str) -> None:
    """Allow the response of an operation inside of "data", too."""
    row = contract.operation(operation)
    media = document["paths"][row.path][row.method.lower()]["responses"][str(row.success)]["content"]
    for body in media.values():
        inside = {"type": "object", "required": ["data"], "properties": {"data": body["schema"]}}
        body["schema"] = {"anyOf": [body["schema"], inside]}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON: {value!r}")
