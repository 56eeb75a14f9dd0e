"""Log queries as conditions of SQLite: one that a line fulfils, and one that the chunks with such lines fulfil.

Values are always bound. A condition is 1 or 0 and never NULL, so that NOT means what the language says of a line
without the field.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from twosignal_mock.apis.appsignal.store._logs import Comparison, Query


class Condition(NamedTuple):
    """A condition with what is bound to its question marks."""

    sql: str
    values: tuple[object, ...] = ()


# --- of lines --------------------------------------------------------------------------------------------------------
def condition_of(query: Query) -> Condition:
    """What a row of appsignal_log_line fulfils when it matches. As deep as the query."""
    if isinstance(query, Comparison):
        condition = _comparison(query)
        return Condition(f"NOT {condition.sql}", condition.values) if query.negated else condition
    return _joined(query.joined_by, [condition_of(term) for term in query.terms])


def _joined(joined_by: str, conditions: Sequence[Condition]) -> Condition:
    if not conditions:
        return Condition("1")
    sql = f" {joined_by.upper()} ".join(condition.sql for condition in conditions)
    return Condition(f"({sql})", tuple(value for condition in conditions for value in condition.values))


def _comparison(comparison: Comparison) -> Condition:
    if comparison.operator == "equal":
        text = _text(comparison.field)
        marks = ", ".join("?" * len(comparison.values))
        return Condition(f"coalesce({text.sql} IN ({marks}), 0)", (*text.values, *comparison.values))
    if comparison.operator == "contains":
        folded = _folded(comparison.field)
        return Condition(f"coalesce(instr({folded.sql}, ?) > 0, 0)", (*folded.values, *comparison.values))
    path, sign = _path("number", comparison.field), _SIGNS[comparison.operator]
    return Condition(f"coalesce((fields ->> ?) {sign} CAST(? AS NUMERIC), 0)", (path, *comparison.values))


_SIGNS = {"greater": ">", "less": "<", "greater-or-equal": ">=", "less-or-equal": "<="}
_COLUMNS = {"severity": "severity", "hostname": "hostname", "group": '"group"', "message": "message"}
"""Of the fields that are no attributes."""


def _text(field: str) -> Condition:
    column = _COLUMNS.get(field)
    return Condition("(fields ->> ?)", (_path("text", field),)) if column is None else Condition(column)


def _folded(field: str) -> Condition:
    text = _text(field)
    return Condition(f"coalesce(fields ->> ?, lower({text.sql}))", (_path("folded", field), *text.values))


def _path(part: str, field: str) -> str:
    """https://www.sqlite.org/json1.html#path_arguments; a name in quotes is read as JSON reads a string."""
    return f"$.{part}.{orjson.dumps(field).decode()}"


# --- of chunks -------------------------------------------------------------------------------------------------------
class _Need(NamedTuple):
    """An FTS5 table, and what the text of a chunk in it must match."""

    table: str
    match: str


_TERMS, _GRAMS = "appsignal_log_term", "appsignal_log_gram"
"""Field and value of all lines as one word each; the messages by trigrams."""
_TERM_LENGTH = 100
"""Characters of field and value that make the word; the trigger of the table says the same."""
_GRAM = 3
_MOST_GRAMS = 40
"""Trigrams of a text that are asked for; the rest of a long one would make nothing rarer."""
_MOST_ALTERNATIVES = 100
"""With more of them the index is not asked."""
_MOST_NEEDS = 20
"""Terms joined by AND that the index is asked for; the rest is left to the lines."""


def chunks_of(query: Query) -> Condition | None:
    """What the rows of appsignal_log_chunk fulfil in whose chunks a line may match; None when the index cannot tell."""
    need = _need(query)
    return _sql(need) if isinstance(need, _Need) else need


def _need(query: Query) -> _Need | Condition | None:
    if isinstance(query, Comparison):
        return None if query.negated else _need_of(query)
    needs = [_need(term) for term in query.terms]
    known = [need for need in needs if need is not None]
    if query.joined_by == "and":
        known = known[:_MOST_NEEDS]
    elif len(known) < len(needs) or len(known) > _MOST_ALTERNATIVES:
        return None
    return _together(query.joined_by, known) if known else None


def _need_of(comparison: Comparison) -> _Need | None:
    values = comparison.values
    if len(values) > _MOST_ALTERNATIVES or comparison.operator not in ("equal", "contains"):
        return None
    if comparison.field == "message":
        if any(len(value.casefold()) < _GRAM for value in values):
            return None
        return _Need(_GRAMS, " OR ".join(f"({_grams(value.casefold())})" for value in values))
    if comparison.operator == "contains":
        return None
    return _Need(_TERMS, " OR ".join(f'"{_term(comparison.field, value)}"' for value in values))


def _term(field: str, value: str) -> str:
    return f"{field}={value}"[:_TERM_LENGTH].encode().hex()


def _grams(text: str) -> str:
    grams = dict.fromkeys(text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1))
    return " AND ".join('"' + gram.replace('"', '""') + '"' for gram in list(grams)[:_MOST_GRAMS])


def _together(joined_by: str, needs: Sequence[_Need | Condition]) -> _Need | Condition:
    """As few questions to the index as there are tables."""
    matches: Mapping[str, list[str]] = defaultdict(list)
    others: list[Condition] = []
    for need in needs:
        if isinstance(need, _Need):
            matches[need.table].append(f"({need.match})")
        else:
            others.append(need)
    asked = [_Need(table, f" {joined_by.upper()} ".join(each)) for table, each in matches.items()]
    if len(asked) == 1 and not others:
        return asked[0]
    return _joined(joined_by, [*map(_sql, asked), *others])


def _sql(need: _Need) -> Condition:
    return Condition(f"rowid IN (SELECT rowid FROM {need.table} WHERE {need.table} MATCH ?)", (need.match,))
