"""What no schema can say of extensions: names that exist, numbers that fit, templates that can be filled."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from twosignal_contract._lookup import NOTHING, join, look_up
from twosignal_contract._openapi_rules import Row, repeated
from twosignal_contract._problems import Problem, one_of, quote
from twosignal_contract._templates import check_template
from twosignal_contract._walk import Walk


def check_extensions(document: Mapping[str, Any], walk: Walk) -> Iterator[Problem]:
    """Whether the extensions agree with each other; each must obey its schema already."""
    clauses: list[Row] = [(site.pointer, site.row) for site in walk.clauses]
    sources, dialects, questions = (_rows(document, f"x-{name}") for name in ("sources", "dialects", "questions"))
    yield from repeated(sources, "tag", "source")
    yield from repeated(clauses, "id", "clause")
    yield from repeated(dialects, "name", "dialect")
    yield from repeated(questions, "id", "question")
    yield from _unknown_sources(clauses, dialects, {row["tag"] for _, row in sources})
    ids = {row["id"] for _, row in clauses}
    yield from _dialects(dialects, ids)
    yield from _questions(questions, ids | {row["name"] for _, row in dialects})
    yield from _limits(document, walk)
    yield from _errors(document)


def _rows(document: Mapping[str, Any], keyword: str) -> list[Row]:
    return [(join("", keyword, index), row) for index, row in enumerate(document.get(keyword, ()))]


def _unknown_sources(clauses: list[Row], dialects: list[Row], tags: set[str]) -> Iterator[Problem]:
    values = [
        (join(pointer, "values", name), value) for pointer, row in dialects for name, value in row["values"].items()
    ]
    for pointer, row in [*clauses, *values]:
        for index, tag in enumerate(row["sources"]):
            if tag not in tags:
                found, expected = f"{quote(tag)} is no tag of x-sources", one_of(sorted(tags)) if tags else "a source"
                yield Problem(join(pointer, "sources", index), found, expected, "correct it or declare it there")


def _dialects(dialects: list[Row], ids: Collection[str]) -> Iterator[Problem]:
    for pointer, row in dialects:
        if row["canonical"] not in row["values"]:
            found = f"{quote(row['canonical'])} is none of the values"
            yield Problem(join(pointer, "canonical"), found, one_of(sorted(row["values"])), "correct it")
        if row["clause"] not in ids:
            found = f"{quote(row['clause'])} names no clause"
            yield Problem(join(pointer, "clause"), found, "the id of a clause", "correct it")


def _questions(questions: list[Row], known: Collection[str]) -> Iterator[Problem]:
    for pointer, row in questions:
        for index, name in enumerate(row.get("settled-by", ())):
            if name not in known:
                found, expected = f"{quote(name)} names nothing", "the id of a clause or the name of a dialect"
                yield Problem(join(pointer, "settled-by", index), found, expected, "correct it")


def _limits(document: Mapping[str, Any], walk: Walk) -> Iterator[Problem]:
    pair = ("x-plans", "x-rate-limit")
    if present := [keyword for keyword in pair if keyword in document]:
        for missing in set(pair).difference(present):
            found = f"'{present[0]}' stands without '{missing}'"
            yield Problem(join("", present[0]), found, "both or none", f"add '{missing}' or remove it")
    for site in walk.operations:
        limit = site.value.get("x-payload-limit")
        if limit is not None and limit["refused-above"] < limit["bytes"]:
            found = f"{limit['refused-above']} is below bytes ({limit['bytes']})"
            where = join(site.pointer, "x-payload-limit", "refused-above")
            yield Problem(where, found, f"{limit['bytes']} or more", "raise it")


def _errors(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Each body is a template, with a text at the places that x-api names."""
    places = [document["x-api"][name] for name in ("error-code", "error-message") if name in document["x-api"]]
    for cause, row in document["x-errors"].items():
        pointer = join("", "x-errors", cause, "body")
        yield from check_template(row["body"], pointer)
        for place in places:
            found = look_up(row["body"], place)
            if found is NOTHING:
                yield Problem(pointer, f"{quote(row['body'])} has no {place}", "what x-api says of each body", "add it")
