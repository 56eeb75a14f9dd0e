"""Rules between distant places of the document: a name is given once, what is named exists, numbers fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from twosignal_conformance.contract._problems import Notes
from twosignal_conformance.contract._survey import Reference, Survey
from twosignal_conformance.contract._wording import as_json, choice, indefinite

Row = tuple[str, Mapping[str, Any]]
"""A mapping with its pointer."""


def judge_head(document: Mapping[str, Any], notes: Notes) -> None:
    """Whether this is a document of the kind that the rest expects."""
    format_version, info = document.get("openapi"), document.get("info")
    if format_version is None:
        notes.add("", "'openapi' is missing", "OpenAPI 3.1", "write openapi: 3.1.1")
    elif not str(format_version).startswith("3.1.") or not isinstance(format_version, str):
        notes.add("/openapi", as_json(format_version), "OpenAPI 3.1", "write openapi: 3.1.1")
    for word in ("info", "paths"):
        if word not in document:
            notes.add("", f"'{word}' is missing", "a mapping", "add it")
    if isinstance(info, dict) and "version" not in info:
        notes.add("/info", "'version' is missing", "a string", "add it")
    elif isinstance(info, dict) and not isinstance(info["version"], str):
        notes.add("/info/version", as_json(info["version"]), "a string", "quote it")


def judge_operations(survey: Survey, notes: Notes) -> None:
    """Operations have names, each its own, and links name them."""
    rows: list[Row] = []
    for operation in survey.operations:
        name = operation.body.get("operationId")
        if name is None:
            notes.add(operation.pointer, "'operationId' is missing", "a string", "add it")
        elif isinstance(name, str):
            rows.append((operation.pointer, operation.body))
        else:
            notes.add(f"{operation.pointer}/operationId", as_json(name), "a string", "correct it")
    _judge_unique(rows, "operationId", "operation", notes)
    names = [operation.body.get("operationId") for operation in survey.operations]
    for pointer, name in survey.links:
        if name not in names:
            notes.add(pointer, f"{as_json(name)} names no operation", "the operationId of an operation", "correct it")


def judge_references(survey: Survey, document: Any, notes: Notes) -> None:
    """References stay in the document, lead somewhere, and to an object of the kind that is wanted."""
    for reference in survey.references:
        wanted = f"a local reference (#/...) to {indefinite(reference.kind.replace('-', ' '))}"
        came, remedy = _mistake_of(reference, survey, document)
        if came:
            notes.add(reference.pointer, f"{as_json(reference.target)} {came}", wanted, remedy)


def judge_extensions(survey: Survey, document: Mapping[str, Any], notes: Notes) -> None:
    """Clauses, sources, dialects and questions know each other; payload limits leave no gap."""
    clauses: list[Row] = [(clause.pointer, clause.row) for clause in survey.clauses]
    sources, dialects, questions = (_rows(document, name) for name in ("x-sources", "x-dialects", "x-questions"))
    for rows, key, noun in (
        (sources, "tag", "source"),
        (clauses, "id", "clause"),
        (dialects, "name", "dialect"),
        (questions, "id", "question"),
    ):
        _judge_unique(rows, key, noun, notes)
    tags = sorted({row["tag"] for _, row in sources})
    ids = {row["id"] for _, row in clauses}
    for pointer, row in clauses:
        _judge_tags(pointer, row, tags, notes)
    for pointer, row in dialects:
        _judge_dialect(pointer, row, ids, tags, notes)
    settled = ids | {row["name"] for _, row in dialects}
    for pointer, row in questions:
        for index, name in enumerate(row.get("settled-by", [])):
            if name not in settled:
                expected = "the id of a clause or the name of a dialect"
                notes.add(f"{pointer}/settled-by/{index}", f"{as_json(name)} names nothing", expected, "correct it")
    for operation in survey.operations:
        limit = operation.body.get("x-payload-limit")
        if limit and limit["refused-above"] < limit["bytes"]:
            came = f"{limit['refused-above']} is below bytes ({limit['bytes']})"
            place = f"{operation.pointer}/x-payload-limit/refused-above"
            notes.add(place, came, f"{limit['bytes']} or more", "raise it")


def _rows(document: Mapping[str, Any], keyword: str) -> list[Row]:
    return [(f"/{keyword}/{index}", row) for index, row in enumerate(document[keyword])]


def _judge_unique(rows: Iterable[Row], key: str, noun: str, notes: Notes) -> None:
    seen: dict[str, str] = {}
    for pointer, row in rows:
        name = row[key]
        if name in seen:
            came = f"{as_json(name)} is the {key} of the {noun} at {seen[name]} too"
            notes.add(f"{pointer}/{key}", came, f"each {key} once", "choose another")
        else:
            seen[name] = pointer


def _judge_tags(pointer: str, row: Mapping[str, Any], tags: list[str], notes: Notes) -> None:
    for index, tag in enumerate(row["sources"]):
        if tag not in tags:
            came = f"{as_json(tag)} is no tag of x-sources"
            notes.add(f"{pointer}/sources/{index}", came, choice(tags), "correct it or declare it there")


def _judge_dialect(pointer: str, row: Mapping[str, Any], ids: set[str], tags: list[str], notes: Notes) -> None:
    for name, value in row["values"].items():
        _judge_tags(f"{pointer}/values/{name.replace('~', '~0').replace('/', '~1')}", value, tags, notes)
    if row["canonical"] not in row["values"]:
        came = f"{as_json(row['canonical'])} is none of the values"
        notes.add(f"{pointer}/canonical", came, choice(sorted(row["values"])), "correct it")
    if row["clause"] not in ids:
        notes.add(f"{pointer}/clause", f"{as_json(row['clause'])} names no clause", "the id of a clause", "correct it")


def _mistake_of(reference: Reference, survey: Survey, document: Any) -> tuple[str, str]:
    """What is wrong with a reference and what to do; empty when nothing is."""
    target = reference.target
    if not (isinstance(target, str) and (target == "#" or target.startswith("#/"))):
        return "leads out of the document", "copy here what it names"
    pointer = unquote(target.removeprefix("#"))
    kind = survey.kinds.get(pointer)
    if kind is not None:
        wrong = f"leads to {indefinite(kind.replace('-', ' '))}"
        return ("", "") if kind == reference.kind else (wrong, "correct it")
    # Not an object that the walk met, so it is something inside an example, a list of names, or nothing at all.
    return ("leads to no place of its own" if _exists(document, pointer) else "leads nowhere"), "correct it"


def _exists(document: Any, pointer: str) -> bool:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for step in steps:
        try:
            document = document[int(step)] if isinstance(document, list) else document[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return False
    return True
