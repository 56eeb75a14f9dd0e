"""The clauses of a report by area: the first word of their ids, the second one of those that bind clients."""

from __future__ import annotations

from collections.abc import Iterable

from twosignal_contract import About

from twosignal_conformance.engine.judgement import Judgement

_TITLES = {
    "auth": "authentication",
    "base-url": "base URL",
    "cli": "command line",
    "http": "HTTP",
    "json": "JSON",
    "otlp": "OTLP",
    "rate": "rate limits",
    "retry": "retries",
}
"""Areas whose word in ids is short for something."""


def area_of(row: Judgement) -> str:
    """The area of a clause, for people."""
    words = row.clause.id.split(".")
    word = words[1] if row.clause.about is About.CLIENT else words[0]
    title = _TITLES.get(word, word)
    return title[0].upper() + title[1:]


def by_area(rows: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """Area to its clauses, both in the order of the document."""
    found: dict[str, list[Judgement]] = {}
    for row in rows:
        found.setdefault(area_of(row), []).append(row)
    return found
