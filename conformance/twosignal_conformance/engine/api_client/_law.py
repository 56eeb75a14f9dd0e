"""Look-ups in the contract, so that a check writes no size, status, code, bound or name of its own.

Names no resource: an operation, a schema, an error cause or a clause is always an argument.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

import jsonschema_rs

from twosignal_conformance.contract import Contract
from twosignal_conformance.engine.api_client._law_rows import ErrorRow, Operation, Parameter

_Value = TypeVar("_Value")

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Law(Contract):
    """The contract, and questions that checks ask it. A name that it does not have is the suite's error: KeyError."""

    def __repr__(self) -> str:
        return f"Law({str(self.path)!r}, version={self.version!r})"

    @classmethod
    def of(cls, contract: Contract) -> Law:
        """The same contract, able to answer."""
        return cls(**{row.name: getattr(contract, row.name) for row in fields(contract)})

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """By operationId, in the order of the document."""
        found = {}
        for path, item in self.document["paths"].items():
            for method in _METHODS:
                if method in item:
                    row = self._operation(path, method, item[method])
                    found[row.id] = row
        return MappingProxyType(found)

    def operation(self, operation_id: str) -> Operation:
        """One operation."""
        return pick(self.operations, operation_id, "operation")

    def operation_at(self, method: str, path: str) -> Operation | None:
        """The operation that a method and a path (without query) name, if the document has it."""
        return next((row for row in self.operations.values() if (row.method, row.path) == (method.upper(), path)), None)

    def parameter(self, operation_id: str, name: str) -> Parameter:
        """A parameter of an operation, such as ("listTraces", "limit")."""
        body = self._body(operation_id)
        rows = (self.resolve(row) for row in body.get("parameters", ()))
        found = {row["name"]: row for row in rows}
        row = pick(found, name, f"parameter of {operation_id}")
        return Parameter(name, row["in"], row.get("required", False), self.resolve(row["schema"]))

    def error(self, cause: str) -> ErrorRow:
        """Status, code and message template of a cause, such as "unknown-resource"."""
        row = pick(self.document["x-errors"], cause, "error cause")
        return ErrorRow(row["status"], row["code"], row["message"])

    def schema(self, name: str) -> Mapping[str, Any]:
        """A schema of /components/schemas with the reference at its top resolved."""
        return self.resolve(pick(self.document["components"]["schemas"], name, "schema"))

    def enum(self, name: str) -> tuple[Any, ...]:
        """The values of an enumeration schema, such as "SpanType"."""
        return tuple(self.schema(name)["enum"])

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """The node, or what its `$ref` names."""
        while "$ref" in node:
            place: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                place = place[step.replace("~1", "/").replace("~0", "~")]
            node = place
        return node

    def statuses(self, clause_id: str) -> frozenset[int]:
        """Every documented status on which a clause leaves a choice: those of the dialect that the clause settles."""
        rows = [row for row in self.dialects.values() if row.clause == clause_id]
        found = {value.status for row in rows for value in row.values.values() if value.status is not None}
        if not found:
            raise KeyError(f"no dialect with statuses is settled by the clause {clause_id}")
        return frozenset(found)

    def successes(self, operation_id: str) -> frozenset[int]:
        """Every documented success status of an operation, those of dialects included."""
        found = {self.operation(operation_id).success}
        for row in self.dialects.values():
            if self.clauses[row.clause].operation_id == operation_id:
                found |= {value.status for value in row.values.values() if value.status and value.status < 300}
        return frozenset(found)

    def values(self, dialect: str) -> tuple[str, ...]:
        """The documented values of a dialect, the canonical one first."""
        row = pick(self.dialects, dialect, "dialect")
        return (row.canonical, *(name for name in row.values if name != row.canonical))

    def example(self, operation_id: str, name: str | None = None) -> Any:
        """A copy of an example of an operation's request; the first one without a name."""
        media = next(iter(self.resolve(self._body(operation_id)["requestBody"])["content"].values()))
        examples = media["examples"]
        row = self.resolve(pick(examples, name or next(iter(examples)), f"example of {operation_id}"))
        return jsonlike_copy(row["value"])

    def response_example(self, operation_id: str, status: int) -> Any:
        """The last example of a response; of pages that is the one on which a walk ends."""
        row = self.resolve(pick(self._body(operation_id)["responses"], str(status), f"response of {operation_id}"))
        examples = next(iter(row["content"].values()))["examples"]
        return jsonlike_copy(self.resolve(list(examples.values())[-1])["value"])

    def flaws(self, schema: str, value: Any) -> list[str]:
        """What a value breaks of a schema in /components/schemas, each as "place: problem"; empty when it is valid."""
        return self._flaws(f"#/components/schemas/{pick_name(self.document['components']['schemas'], schema)}", value)

    def response_flaws(self, operation_id: str, status: int, value: Any) -> list[str]:
        """What a body breaks of the schema that the document gives the response with this status."""
        responses = self._body(operation_id)["responses"]
        row = self.resolve(pick(responses, str(status), f"response of {operation_id}"))
        media = next(iter(row["content"].values()))
        return self._flaws(media["schema"]["$ref"], value) if "$ref" in media["schema"] else []

    def line(self, clause_id: str) -> int:
        """Line of a clause in the document, 1 is the first."""
        return pick(self.clauses, clause_id, "clause").line

    def _flaws(self, reference: str, value: Any) -> list[str]:
        validator = self._validators.get(reference)
        if validator is None:
            schema = {"$ref": reference, "components": self.document["components"]}
            validator = self._validators[reference] = jsonschema_rs.Draft202012Validator(schema)
        found = []
        for error in validator.iter_errors(value):
            place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
            found.append(f"{place.lstrip('.') or 'body'}: {error.message}")
        return found

    @cached_property
    def _validators(self) -> dict[str, jsonschema_rs.Draft202012Validator]:
        return {}

    @cached_property
    def _bodies(self) -> Mapping[str, Mapping[str, Any]]:
        paths = self.document["paths"]
        return {row.id: paths[row.path][row.method.lower()] for row in self.operations.values()}

    def _body(self, operation_id: str) -> Mapping[str, Any]:
        return pick(self._bodies, operation_id, "operation")

    def _operation(self, path: str, method: str, body: Mapping[str, Any]) -> Operation:
        scheme = next(iter(self.document["security"][0]))
        security = body.get("security", self.document["security"])
        content = self.resolve(body["requestBody"])["content"] if "requestBody" in body else {}
        return Operation(
            id=body["operationId"],
            method=method.upper(),
            path=path,
            keyed=any(scheme in row for row in security),
            success=min(int(status) for status in body["responses"] if status.startswith("2")),
            media_type=next(iter(content), None),
            area=body["tags"][0],
            pointer=f"/paths/{path.replace('~', '~0').replace('/', '~1')}/{method}",
        )


def pick(table: Mapping[str, _Value], name: str, kind: str) -> _Value:
    """The value of a name; a KeyError that names near ones says which line of the suite to look at."""
    if name in table:
        return table[name]
    raise KeyError(f"the contract has no {kind} {name!r}{near(name, table)}")


def pick_name(table: Mapping[str, object], name: str) -> str:
    """The name, if the table has it."""
    pick(table, name, "schema")
    return name


def near(name: str, names: Iterable[str]) -> str:
    """The end of a message that names similar names, or nothing."""
    found = difflib.get_close_matches(name, list(names), n=3, cutoff=0.5)
    return f"; near: {', '.join(found)}" if found else ""


def jsonlike_copy(value: Any) -> Any:
    """A deep copy of plain data."""
    if isinstance(value, Mapping):
        return {key: jsonlike_copy(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [jsonlike_copy(inner) for inner in value]
    return value
