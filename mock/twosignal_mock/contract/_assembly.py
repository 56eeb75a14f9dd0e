"""Puts the typed contract together from a document that was found sound."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from twosignal_mock.contract import _model as model
from twosignal_mock.contract._extensions import ExtensionSchema
from twosignal_mock.contract._pointer import join
from twosignal_mock.contract._routing import build_routing
from twosignal_mock.contract._walk import Site, Walk, operations

Row = Mapping[str, Any]
Value = TypeVar("Value")


def assemble(path: Path, content: bytes, document: Row, walk: Walk, schema: ExtensionSchema) -> model.Contract:
    """The contract; the document must have passed every check."""
    enabled: bool = schema.default("routing-config", "enabled")
    return model.Contract(
        version=document["info"]["version"],
        path=path,
        sha256=sha256(content).hexdigest(),
        document=document,
        clauses=_clauses(walk, model.About(schema.default("clause", "about"))),
        sources=_by(lambda source: source.tag, map(_source, document["x-sources"])),
        plans=MappingProxyType(document["x-plans"]),
        rate_limit=_rate_limit(document["x-rate-limit"]),
        errors=MappingProxyType({cause: model.ErrorKind(**row) for cause, row in document["x-errors"].items()}),
        retry=_retry(document["x-retry"]),
        tokens=_tokens(document["x-tokens"]),
        routing=build_routing(document["x-routing"], enabled),
        dialects=_by(lambda dialect: dialect.name, map(_dialect, document["x-dialects"])),
        questions=_by(lambda question: question.id, map(_question, document["x-questions"])),
        operations=tuple(_operation(*found) for found in operations(walk)),
    )


def _by(name: Callable[[Value], str], values: Iterable[Value]) -> Mapping[str, Value]:
    return MappingProxyType({name(value): value for value in values})


def _clauses(walk: Walk, about: model.About) -> Mapping[str, model.Clause]:
    names = {site.pointer: site.value["operationId"] for site, _, _ in operations(walk)}
    return _by(
        lambda clause: clause.id,
        (
            _clause(row, join(site.pointer, "x-clauses", index), names.get(site.operation or ""), about)
            for site in walk.sites
            for index, row in enumerate(site.value.get("x-clauses", ()))
        ),
    )


def _clause(row: Row, pointer: str, operation_id: str | None, about: model.About) -> model.Clause:
    return model.Clause(
        id=row["id"],
        about=model.About(row.get("about", about)),
        level=model.Level(row["level"]),
        sources=tuple(row["sources"]),
        says=row["says"],
        untestable=row.get("untestable"),
        pointer=pointer,
        operation_id=operation_id,
    )


def _source(row: Row) -> model.Source:
    return model.Source(row["tag"], row["title"], row["kind"], row["authority"], row.get("seed"))


def _rate_limit(row: Row) -> model.RateLimit:
    headers = row["headers"]
    named = model.RateHeaders(headers["retry-after"], headers["limit"], headers["remaining"], headers["reset"])
    return model.RateLimit(row["algorithm"], row["key"], row["window"], named)


def _retry(row: Row) -> model.Retry:
    wait, backoff = row["wait"], row["backoff"]
    return model.Retry(
        wait_statuses=tuple(wait["statuses"]),
        wait_headers=tuple(wait["headers"]),
        backoff_statuses=tuple(backoff["statuses"]),
        delays=tuple(backoff["delays"]),
        most=backoff["most"],
        never=tuple(row["never"]),
    )


def _tokens(row: Row) -> model.Tokens:
    access, refresh = row["access"], row["refresh"]
    return model.Tokens(access["lifetime"], tuple(access["claims"]), refresh["lifetime"])


def _dialect(row: Row) -> model.Dialect:
    values = (
        model.DialectValue(name, tuple(value["sources"]), value["says"], value.get("status"))
        for name, value in row["values"].items()
    )
    return model.Dialect(row["name"], row["canonical"], _by(lambda value: value.name, values), row["clause"])


def _question(row: Row) -> model.Question:
    return model.Question(row["id"], row["subject"], tuple(row.get("settled-by", ())), row.get("irrelevant"))


def _operation(site: Site, method: str, path: str) -> model.OperationOutline:
    limit = site.value.get("x-payload-limit")
    return model.OperationOutline(
        operation_id=site.value["operationId"],
        method=method,
        path=path,
        pointer=site.pointer,
        payload_limit=limit and _payload_limit(limit),
        rate_limited="x-rate-limit" not in site.value,  # at an operation it says one thing: exempt
    )


def _payload_limit(row: Row) -> model.PayloadLimit:
    return model.PayloadLimit(row["bytes"], row["refused-above"], row.get("events"), row.get("events-at"))
