"""What no schema can say: names used once, names that exist, numbers that fit each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from twosignal_mock.contract._pointer import join
from twosignal_mock.contract._problem import Problem
from twosignal_mock.contract._quote import one_of, quote
from twosignal_mock.contract._walk import Site, Walk, operations

Row = tuple[str, Mapping[str, Any]]
"""A mapping of the document with its pointer."""


def check_frame(document: Any) -> Iterator[Problem]:
    """What the loader itself needs of the document, before anything else can be said about it."""
    version = document.get("openapi")
    if not (isinstance(version, str) and version.startswith("3.1.")):
        came = "'openapi' is missing" if version is None else quote(version)
        yield Problem("" if version is None else "/openapi", came, "OpenAPI 3.1", "write openapi: 3.1.1")
    for keyword in ("info", "paths"):
        if keyword not in document:
            yield Problem("", f"'{keyword}' is missing", "a mapping", "add it")
    info = document.get("info")
    if isinstance(info, dict) and not isinstance(info.get("version"), str):
        missing = "version" not in info
        came = "'version' is missing" if missing else quote(info["version"])
        yield Problem("/info" if missing else "/info/version", came, "a string", "add it" if missing else "quote it")


def check_operations(walk: Walk) -> Iterator[Problem]:
    """Each operation has a name of its own, and a payload limit that can be kept."""
    named: list[Row] = []
    for site, _, _ in operations(walk):
        name = site.value.get("operationId")
        if name is None:
            yield Problem(site.pointer, "'operationId' is missing", "a string", "add it")
        elif not isinstance(name, str):
            yield Problem(join(site.pointer, "operationId"), quote(name), "a string", "correct it")
        else:
            named.append((site.pointer, site.value))
    yield from _repeated(named, "operationId", "operation")


def check_consistency(document: Any, walk: Walk) -> Iterator[Problem]:
    """Whether the extensions agree with each other; each must obey its schema already."""
    clauses = list(clause_rows(walk.sites))
    sources, dialects, questions = (list(_rows(document, f"x-{name}")) for name in ("sources", "dialects", "questions"))
    yield from _repeated(sources, "tag", "source")
    yield from _repeated(clauses, "id", "clause")
    yield from _repeated(dialects, "name", "dialect")
    yield from _repeated(questions, "id", "question")
    yield from _unknown_sources(clauses, dialects, {row["tag"] for _, row in sources})
    ids = {row["id"] for _, row in clauses}
    names = {row["name"] for _, row in dialects}
    yield from _dialects(dialects, ids)
    yield from _questions(questions, ids.union(names).__contains__)
    for site in walk.sites:
        yield from _payload_limit(site)


def clause_rows(sites: Iterable[Site]) -> Iterator[Row]:
    """Every clause of the document, in its order."""
    for site in sites:
        for index, row in enumerate(site.value.get("x-clauses", ())):
            yield join(site.pointer, "x-clauses", index), row


def _rows(document: Any, keyword: str) -> Iterator[Row]:
    for index, row in enumerate(document[keyword]):
        yield join("", keyword, index), row


def _repeated(rows: Iterable[Row], key: str, noun: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for pointer, row in rows:
        if row[key] in first:
            came = f"{quote(row[key])} is the {key} of the {noun} at {first[row[key]]} too"
            yield Problem(join(pointer, key), came, f"each {key} once", "choose another")
        first.setdefault(row[key], pointer)


def _unknown_sources(clauses: list[Row], dialects: list[Row], tags: set[str]) -> Iterator[Problem]:
    values = [
        (join(pointer, "values", name), value) for pointer, row in dialects for name, value in row["values"].items()
    ]
    for pointer, row in [*clauses, *values]:
        for index, tag in enumerate(row["sources"]):
            if tag not in tags:
                came, remedy = f"{quote(tag)} is no tag of x-sources", "correct it or declare it there"
                yield Problem(join(pointer, "sources", index), came, one_of(sorted(tags)), remedy)


def _dialects(dialects: list[Row], ids: set[str]) -> Iterator[Problem]:
    for pointer, row in dialects:
        if row["canonical"] not in row["values"]:
            came = f"{quote(row['canonical'])} is none of the values"
            yield Problem(join(pointer, "canonical"), came, one_of(sorted(row["values"])), "correct it")
        if row["clause"] not in ids:
            came = f"{quote(row['clause'])} names no clause"
            yield Problem(join(pointer, "clause"), came, "the id of a clause", "correct it")


def _questions(questions: list[Row], is_known: Callable[[str], bool]) -> Iterator[Problem]:
    for pointer, row in questions:
        for index, name in enumerate(row.get("settled-by", ())):
            if not is_known(name):
                came, expected = f"{quote(name)} names nothing", "the id of a clause or the name of a dialect"
                yield Problem(join(pointer, "settled-by", index), came, expected, "correct it")


def _payload_limit(site: Site) -> Iterator[Problem]:
    limit = site.value.get("x-payload-limit")
    if limit is not None and limit["refused-above"] < limit["bytes"]:
        came = f"{limit['refused-above']} is below bytes ({limit['bytes']})"
        where = join(site.pointer, "x-payload-limit", "refused-above")
        yield Problem(where, came, f"{limit['bytes']} or more", "raise it")
