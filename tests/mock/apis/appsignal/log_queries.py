"""Log queries for tests: queries that Hypothesis makes, their text in any spelling, and which lines they match."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from twosignal_contract import load_contract
from twosignal_mock.apis.appsignal.store import Comparison, Junction, Query

CONTRACT = load_contract(load_contract().path.parent / "contracts" / "appsignal.openapi.yaml")
LANGUAGE = CONTRACT.extension("x-appsignal-log-query")
OPERATORS = LANGUAGE["operators"]
_POSITIVE = [row for row in OPERATORS if "negates" not in row]
_SIGNS = {row["name"]: row["sign"] for row in OPERATORS}
_NEGATIVE_SIGNS = {row["negates"]: row["sign"] for row in OPERATORS if "negates" in row}
_RESERVED = {row["word"] for row in LANGUAGE["precedence"]}
_OUTSIDE = set("".join(LANGUAGE["group"]) + LANGUAGE["list"]["open"] + LANGUAGE["list"]["close"] + LANGUAGE["quote"])
_NAMES = st.sampled_from(["status_code", "user", "id", "ÉTAT", "a-b", "x\\y", "straße"])
_FIELDS = st.one_of(st.sampled_from(sorted(LANGUAGE["fields"])), st.lists(_NAMES, min_size=1, max_size=3).map(".".join))
VALUES = st.one_of(
    st.sampled_from(
        ["", "error", "401", "-12.5", "a=b:c", "timed out", "ÀÉ straße", "AND", 'say "hi"', "\\", "K", "1,2"]
    ),
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12),
)
NUMBERS = st.from_regex(LANGUAGE["number"], fullmatch=True).filter(lambda text: text.isascii() and len(text) < 25)


def _normal(field: str, operator: str, value: str) -> str:
    folds = LANGUAGE["fields"].get(field, {}).get("ignores-case") or operator == "contains"
    return value.casefold() if folds else value


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    row = draw(st.sampled_from(_POSITIVE))
    field, sign = draw(_FIELDS), row["sign"]
    if row["compares"] == "number":
        return Comparison(field, row["name"], (draw(NUMBERS),))
    most = 3 if sign in LANGUAGE["list"]["operators"] else 1
    values = draw(st.lists(VALUES, min_size=1, max_size=most))
    negated = sign in _NEGATIVE_SIGNS and draw(st.booleans())
    return Comparison(field, row["name"], tuple(_normal(field, row["name"], value) for value in values), negated)


def _junctions(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    joined = st.sampled_from([row["name"] for row in LANGUAGE["precedence"]])
    terms = st.lists(inner, min_size=2, max_size=4)
    return st.builds(_flat, joined, terms)


def _flat(joined_by: str, terms: list[Query]) -> Query:
    flat: list[Query] = []
    for term in terms:
        flat += term.terms if isinstance(term, Junction) and term.joined_by == joined_by else [term]
    return Junction(joined_by, tuple(flat))


Draw = Callable[[st.SearchStrategy[Any]], Any]
"""Gives an example of a strategy."""
QUERIES: st.SearchStrategy[Query] = st.recursive(comparisons(), _junctions, max_leaves=12)


def write(query: Query, draw: Draw, tighter: bool = False) -> str:
    """A text that means the query; which of its spellings is drawn."""
    if isinstance(query, Comparison):
        text = _write_comparison(query, draw)
    else:
        (row,) = (row for row in LANGUAGE["precedence"] if row["name"] == query.joined_by)
        joint = f" {row['word']} "
        terms = [write(term, draw, tighter=query.joined_by == "and") for term in query.terms]
        text = terms[0]
        for term in terms[1:]:
            text += (draw(st.sampled_from([joint, " ", "  "])) if row["implicit"] else joint) + term
        if query.joined_by == "or" and tighter:
            return f"({text})"
    return f"( {text} )" if draw(st.integers(0, 5)) == 0 else text


def _write_comparison(query: Comparison, draw: Draw) -> str:
    sign = _SIGNS[query.operator]
    values = [
        _write_value(value, draw, number="great" in query.operator or "less" in query.operator)
        for value in query.values
    ]
    listed = len(values) > 1
    if query.field == LANGUAGE["words"]["field"] and sign == LANGUAGE["words"]["operator"] and not query.negated:
        quoted = _quoted(query.values[0])
        return str(draw(st.sampled_from([quoted, f"{query.field}{sign}{quoted}"])))
    text = "[" + draw(st.sampled_from([",", ", "])).join(values) + "]" if listed else values[0]
    return f"{query.field}{_NEGATIVE_SIGNS[sign] if query.negated else sign}{text}"


def _write_value(value: str, draw: Draw, *, number: bool) -> str:
    if number:
        return value
    bare = value and not _OUTSIDE & set(value) and "," not in value and not re.search(r"\s", value)
    return value if bare and draw(st.booleans()) else _quoted(value)


def _quoted(value: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


# --- an independent reading of what a query means --------------------------------------------------------------------
def matches(query: Query, line: Mapping[str, str]) -> bool:
    """`line` is its fields as text, those of attributes by their dotted names."""
    if isinstance(query, Junction):
        return (all if query.joined_by == "and" else any)(matches(term, line) for term in query.terms)
    return _holds(query, line.get(query.field)) is not query.negated


def _holds(query: Comparison, text: str | None) -> bool:
    if text is None:
        return False
    if query.operator == "equal":
        return text in query.values
    if query.operator == "contains":
        return query.values[0] in text.casefold()
    if re.fullmatch(LANGUAGE["number"], text) is None:
        return False
    left, right = float(text), float(query.values[0])
    return {"greater": left > right, "less": left < right}.get(query.operator.split("-")[0], False) or (
        query.operator.endswith("equal") and left == right
    )
