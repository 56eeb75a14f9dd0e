"""Makes the typed contract of a document that passed every rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twosignal_conformance.contract._extensions import Extensions
from twosignal_conformance.contract._survey import Survey
from twosignal_conformance.contract._types import (
    About,
    Clause,
    Contract,
    Dialect,
    Level,
    PayloadLimit,
    Question,
    RateLimit,
    Reading,
    Retry,
    Source,
    Tokens,
)

Row = Mapping[str, Any]


def build(
    path: Path, digest: str, document: Row, lines: Mapping[str, int], survey: Survey, extensions: Extensions
) -> Contract:
    """The contract."""
    limits = {
        operation.body["operationId"]: _payload_limit(operation.body["x-payload-limit"])
        for operation in survey.operations
        if "x-payload-limit" in operation.body
    }
    unlimited = (operation.body["operationId"] for operation in survey.operations if "x-rate-limit" in operation.body)
    return Contract(
        version=document["info"]["version"],
        path=path,
        sha256=digest,
        document=document,
        lines=MappingProxyType(lines),
        clauses=_clauses(survey, lines, extensions.definitions["clause"]["properties"]["about"]["default"]),
        sources=MappingProxyType({row["tag"]: _source(row) for row in document["x-sources"]}),
        plans=MappingProxyType(document["x-plans"]),
        rate_limit=_rate_limit(document["x-rate-limit"]),
        payload_limits=MappingProxyType(limits),
        unlimited=frozenset(unlimited),
        retry=_retry(document["x-retry"]),
        tokens=_tokens(document["x-tokens"]),
        dialects=MappingProxyType({row["name"]: _dialect(row) for row in document["x-dialects"]}),
        questions=MappingProxyType({row["id"]: _question(row) for row in document["x-questions"]}),
    )


def _clauses(survey: Survey, lines: Mapping[str, int], about: Any) -> Mapping[str, Clause]:
    """By id, in the order of the document; `about` is what a clause means that does not say whom it binds."""
    names = {operation.pointer: operation.body["operationId"] for operation in survey.operations}
    clauses: dict[str, Clause] = {}
    for found in survey.clauses:
        row = found.row
        clauses[row["id"]] = Clause(
            id=row["id"],
            about=About(row.get("about", about)),
            level=Level(row["level"]),
            sources=tuple(row["sources"]),
            says=row["says"],
            untestable=row.get("untestable"),
            pointer=found.pointer,
            line=lines[found.pointer],
            operation_id=None if found.operation is None else names[found.operation],
        )
    return MappingProxyType(clauses)


def _source(row: Row) -> Source:
    return Source(row["tag"], row["title"], row["kind"], row["authority"], row.get("seed"))


def _rate_limit(row: Row) -> RateLimit:
    headers = row["headers"]
    return RateLimit(row["window"], headers["retry-after"], headers["limit"], headers["remaining"], headers["reset"])


def _payload_limit(row: Row) -> PayloadLimit:
    return PayloadLimit(row["bytes"], row["refused-above"], row.get("events"), row.get("events-at"))


def _retry(row: Row) -> Retry:
    wait, backoff = row["wait"], row["backoff"]
    return Retry(
        wait_statuses=tuple(wait["statuses"]),
        wait_headers=tuple(wait["headers"]),
        backoff_statuses=tuple(backoff["statuses"]),
        delays=tuple(backoff["delays"]),
        most=backoff["most"],
        never=tuple(row["never"]),
    )


def _tokens(row: Row) -> Tokens:
    return Tokens(row["access"]["lifetime"], tuple(row["access"]["claims"]), row["refresh"]["lifetime"])


def _dialect(row: Row) -> Dialect:
    values = {
        name: Reading(tuple(value["sources"]), value["says"], value.get("status"))
        for name, value in row["values"].items()
    }
    return Dialect(row["name"], row["canonical"], MappingProxyType(values), row["clause"])


def _question(row: Row) -> Question:
    return Question(row["id"], row["subject"], tuple(row.get("settled-by", ())), row.get("irrelevant"))
