"""The clauses of a report by area, which is the first word of their ids."""

from __future__ import annotations

from collections.abc import Iterable

from twosignal_conformance.judgement import Judgement

_TITLES = {"auth": "authentication", "http": "HTTP", "json": "JSON", "otlp": "OTLP", "rate": "rate limits"}
"""Areas whose word in ids is short for something."""


def area_of(row: Judgement) -> str:
    """The area of a clause, for people."""
    word = row.clause.id.partition(".")[0]
    title = _TITLES.get(word, word)
    return title[0].upper() + title[1:]


def by_area(rows: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """Area to its clauses, both in the order of the document."""
    found: dict[str, list[Judgement]] = {}
    for row in rows:
        found.setdefault(area_of(row), []).append(row)
    return found
