"""Puts the typed contract together from a document that passed every check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from twosignal_contract import _model as model
from twosignal_contract._contract import Contract
from twosignal_contract._extensions import Extensions
from twosignal_contract._operation_assembly import OperationAssembly
from twosignal_contract._templates import ErrorTemplate
from twosignal_contract._walk import ClauseSite, Walk

Row = Mapping[str, Any]
Value = TypeVar("Value")


def assemble(
    path: Path, content: bytes, document: Row, lines: Mapping[str, int], walk: Walk, extensions: Extensions
) -> Contract:
    """The contract."""
    # What a clause means that does not say whom it binds.
    default_about = extensions.default("clause", "about")
    api = document["x-api"]
    places = (api.get("error-code"), api.get("error-message"))
    operations = OperationAssembly(document, lines)
    names = {site.pointer: site.value["operationId"] for site in walk.operations}
    return Contract(
        api=model.Api(api["name"], api["title"]),
        version=document["info"]["version"],
        path=path,
        sha256=sha256(content).hexdigest(),
        document=document,
        lines=MappingProxyType(lines),
        operations=_by(lambda row: row.id, map(operations.operation, walk.operations)),
        schemas=operations.schemas(),
        security_schemes=operations.security_schemes,
        clauses=_by(lambda row: row.id, (_clause(site, names, lines, default_about) for site in walk.clauses)),
        sources=_by(lambda row: row.tag, map(_source, document.get("x-sources", ()))),
        errors=MappingProxyType(
            {
                cause: ErrorTemplate(cause, row["status"], row["body"], *places)
                for cause, row in document["x-errors"].items()
            }
        ),
        plans=MappingProxyType(document.get("x-plans", {})),
        rate_limit=_rate_limit(document["x-rate-limit"]) if "x-rate-limit" in document else model.RateLimit(),
        retry=_retry(document["x-retry"]) if "x-retry" in document else model.Retry(),
        dialects=_by(lambda row: row.name, map(_dialect, document.get("x-dialects", ()))),
        questions=_by(lambda row: row.id, map(_question, document.get("x-questions", ()))),
        extensions=operations.extensions(document),
        extension_definitions=extensions.own_definitions,
    )


def _by(name: Callable[[Value], str], values: Iterable[Value]) -> Mapping[str, Value]:
    return MappingProxyType({name(value): value for value in values})


def _clause(site: ClauseSite, names: Mapping[str, str], lines: Mapping[str, int], about: str) -> model.Clause:
    row = site.row
    return model.Clause(
        id=row["id"],
        about=model.About(row.get("about", about)),
        level=model.Level(row["level"]),
        sources=tuple(row["sources"]),
        says=_on_one_line(row["says"]),
        untestable=_on_one_line(row["untestable"]) if "untestable" in row else None,
        pointer=site.pointer,
        line=lines[site.pointer],
        operation_id=names.get(site.operation or ""),
    )


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


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


def _dialect(row: Row) -> model.Dialect:
    values = (
        model.DialectValue(name, tuple(value["sources"]), value["says"], value.get("status"))
        for name, value in row["values"].items()
    )
    return model.Dialect(row["name"], row["canonical"], _by(lambda value: value.name, values), row["clause"])


def _question(row: Row) -> model.Question:
    return model.Question(row["id"], row["subject"], tuple(row.get("settled-by", ())), row.get("irrelevant"))
