"""The contract: one frozen value, and the questions that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twosignal_contract._lookup import NOTHING, UnknownNameError, look_up, pick, resolve
from twosignal_contract._model import Api, Clause, Dialect, PayloadLimit, Question, RateLimit, Retry, Source
from twosignal_contract._operations import Operation, Parameter, SecurityScheme
from twosignal_contract._problems import Problem, display_name, nearest_line
from twosignal_contract._templates import ErrorTemplate


@dataclass(frozen=True, slots=True)
class Contract:
    """The whole document, checked. Look-ups raise UnknownNameError, which names what was meant."""

    api: Api
    version: str
    """/info/version"""
    path: Path
    sha256: str
    """Hex digest of the file's bytes."""
    document: Mapping[str, Any] = field(repr=False)
    """The document as plain dictionaries and lists; not to be changed."""
    lines: Mapping[str, int] = field(repr=False)
    """JSON pointer to line (1 is the first), for every place of the document."""
    operations: Mapping[str, Operation] = field(repr=False)
    """By operationId, in the order of the document."""
    schemas: Mapping[str, Any] = field(repr=False)
    """/components/schemas with the reference at the top of each resolved."""
    security_schemes: Mapping[str, SecurityScheme] = field(repr=False)
    clauses: Mapping[str, Clause] = field(repr=False)
    sources: Mapping[str, Source] = field(repr=False)
    errors: Mapping[str, ErrorTemplate] = field(repr=False)
    """By cause."""
    plans: Mapping[str, int] = field(repr=False)
    """Requests that each plan may send in one window of `rate_limit`; empty when nothing is limited."""
    rate_limit: RateLimit = field(repr=False)
    retry: Retry = field(repr=False)
    dialects: Mapping[str, Dialect] = field(repr=False)
    questions: Mapping[str, Question] = field(repr=False)
    extensions: Mapping[str, Any] = field(repr=False)
    """`x-<api>-...` of the root, as the document has them."""
    extension_definitions: Mapping[str, Any] = field(repr=False)
    """`$defs` of the JSON Schema that the document names for them; empty when it names none."""

    def operation(self, operation_id: str) -> Operation:
        """One operation."""
        return pick(self.operations, operation_id, "operation")

    def operation_at(self, method: str, path: str) -> Operation | None:
        """The operation of a method and a path without query; one without parameters goes before one with them."""
        wanted = [row for row in self.operations.values() if row.method == method.upper()]
        literal = (row for row in wanted if row.path == path)
        return next(literal, None) or next((row for row in wanted if row.pattern.fullmatch(path)), None)

    def parameter(self, operation_id: str, name: str) -> Parameter:
        """A parameter of an operation."""
        return self.operation(operation_id).parameter(name)

    @property
    def payload_limits(self) -> Mapping[str, PayloadLimit]:
        """By operationId, for those operations that have one."""
        return {row.id: row.payload_limit for row in self.operations.values() if row.payload_limit is not None}

    def clause(self, clause_id: str) -> Clause:
        """One clause."""
        return pick(self.clauses, clause_id, "clause")

    def error(self, cause: str) -> ErrorTemplate:
        """Status and body of a cause."""
        return pick(self.errors, cause, "error cause")

    def dialect(self, name: str) -> Dialect:
        """One dialect."""
        return pick(self.dialects, name, "dialect")

    def extension(self, keyword: str) -> Any:
        """One of `extensions`."""
        return pick(self.extensions, keyword, "extension of the root")

    def schema(self, name: str) -> Any:
        """A schema of /components/schemas with the reference at its top resolved."""
        return pick(self.schemas, name, "schema")

    def enum(self, name: str) -> tuple[Any, ...]:
        """The values of an enumeration schema."""
        return tuple(self.schema(name)["enum"])

    def resolve(self, node: Any) -> Any:
        """The node, or what its `$ref` stands for."""
        return resolve(self.document, node)[0]

    def at(self, pointer: str) -> Any:
        """What stands at a JSON pointer."""
        found = look_up(self.document, pointer)
        if found is NOTHING:
            raise UnknownNameError(f"nothing at {pointer}")
        return found

    def problem(self, pointer: str, found: str, expected: str, remedy: str) -> Problem:
        """A problem of this document, for a ContractError of those who cannot use it."""
        return Problem(pointer, found, expected, remedy, display_name(self.path), self.line(pointer))

    def line(self, pointer: str) -> int:
        """The line of a place, or of the nearest place above it."""
        return nearest_line(self.lines, pointer)

    def statuses(self, clause_id: str) -> frozenset[int]:
        """Every documented status on which a clause leaves a choice: those of the dialects that the clause decides."""
        rows = [row for row in self.dialects.values() if row.clause == clause_id]
        found = {value.status for row in rows for value in row.values.values() if value.status is not None}
        if not found:
            raise UnknownNameError(f"no dialect with statuses is decided by the clause {clause_id}")
        return frozenset(found)

    def successes(self, operation_id: str) -> frozenset[int]:
        """Every documented success status of an operation, those of dialects included."""
        found = set(self.operation(operation_id).successes)
        for row in self.dialects.values():
            if self.clauses[row.clause].operation_id == operation_id:
                found |= {value.status for value in row.values.values() if value.status and value.status < 300}
        return frozenset(found)
