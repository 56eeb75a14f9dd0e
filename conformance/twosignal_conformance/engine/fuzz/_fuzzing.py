"""What an API hands over so that its contract can be fuzzed, and what a finding is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


@dataclass(frozen=True, slots=True)
class Fuzzing:
    """How one API is fuzzed."""

    left_out: frozenset[str]
    """Operations that are never fuzzed, beside those that need no key and change something."""
    refusing: frozenset[str]
    """Operations that refuse valid data for a reason which OpenAPI cannot say."""
    narrow: tuple[str, ...]
    """Dialects whose other values mean that less is accepted than the schemas say."""
    invalid: str
    """The cause of an error that refuses data as invalid."""
    tolerated: tuple[str, ...]
    """Causes of errors that valid data may meet, such as a rate limit."""
    issued_format: str
    """The format of values that only the server can make, such as cursors."""
    issued: Callable[[ApiClient, Judge, Any], list[str]]
    """Values of that format that the server issued; the last argument is the test data of the check."""
    widen: Callable[[dict[str, Any], Contract, Sequence[str]], None]
    """Allows in a copy of the document, for these operations, what its dialects allow beside the schemas."""
    clause_of: Callable[[Failure], str | None]
    """The clause that the server breaks if the finding is right; None for what no clause says."""

    def operations(self, contract: Contract) -> tuple[str, ...]:
        """What is fuzzed: reading, and what needs the key.

        Not what needs no key and changes something, such as a sign-in: hundreds of odd ones lock people out.
        """
        kept = (row for row in contract.operations.values() if row.keyed or row.method == "GET")
        return tuple(row.id for row in kept if row.id not in self.left_out)
