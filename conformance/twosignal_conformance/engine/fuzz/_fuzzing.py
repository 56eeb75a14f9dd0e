"""What an API hands over so that its contract can be fuzzed, a finding, and the document as the fuzzer gets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twosignal_contract import Contract

from twosignal_conformance.engine.api_client import ApiClient
from twosignal_conformance.engine.judgement import Judge


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed check of Schemathesis."""

    check: str
    """Its name there, such as response_schema_conformance."""
    code: str
    operation: str
    """operationId."""
    status: int
    title: str
    message: str
    case: str
    scenario: str = ""
    """What is odd about the request, such as object_missing_required_property; empty for a valid one."""
    credentials: str = ""
    """Of a finding about keys, with which the request went: no_auth, invalid_auth or generated_auth."""


def _nothing_issued(_client: ApiClient, _judge: Judge, _data: object) -> list[str]:
    return []


def _widen_nothing(_document: dict[str, Any], _contract: Contract, _operations: Sequence[str]) -> None:
    """The document says it all."""


def _no_clause(_failure: Failure) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Fuzzing:
    """How one API is fuzzed."""

    invalid: str
    """The cause of an error that refuses data as invalid."""
    left_out: frozenset[str] = frozenset()
    """Operations that are never fuzzed, beside those that need no key and change something."""
    reading_only: bool = False
    """True when nothing is fuzzed that changes something: what a link leads to may be somebody's."""
    refusing: frozenset[str] = frozenset()
    """Operations that refuse valid data for a reason which OpenAPI cannot say."""
    narrow: tuple[str, ...] = ()
    """Dialects whose other values mean that less is accepted than the schemas say."""
    tolerated: tuple[str, ...] = ()
    """Causes of errors that valid data may meet, such as a rate limit."""
    issued_format: str = ""
    """The format of values that only the server can make, such as cursors; empty when there are none."""
    issued: Callable[[ApiClient, Judge, Any], list[str]] = _nothing_issued
    """Values of that format that the server issued; the last argument is the test data of the check."""
    widen: Callable[[dict[str, Any], Contract, Sequence[str]], None] = _widen_nothing
    """Allows in a copy of the document, for these operations, what its dialects allow beside the schemas."""
    clause_of: Callable[[Failure], str | None] = _no_clause
    """The clause that the server breaks if the finding is right; None for what no clause says."""

    def operations(self, contract: Contract) -> tuple[str, ...]:
        """What is fuzzed: reading, and what needs the key.

        Not what needs no key and changes something, such as a sign-in: hundreds of odd ones lock people out.
        """
        kept = (
            row for row in contract.operations.values() if row.method == "GET" or (row.keyed and not self.reading_only)
        )
        return tuple(row.id for row in kept if row.id not in self.left_out)


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
