"""Reads log queries, in the language of /x-appsignal-log-query: from a text to comparisons joined by AND and OR.

Lark reads it (LALR): it looks at each character once and does not recurse, however deep the parentheses go. Its
contextual lexer knows a word from a value, which may hold the signs of operators.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, cast

from lark import Lark, Token, UnexpectedCharacters, UnexpectedToken

from twosignal_mock.apis.appsignal.logs import _grammar as grammar
from twosignal_mock.apis.appsignal.store import Comparison, Junction, Query
from twosignal_mock.engine.api import ApiError


class QueryReader:
    """Reads queries of one language."""

    def __init__(self, language: Mapping[str, Any]) -> None:
        """`language` is /x-appsignal-log-query."""
        self._limits = language["limits"]
        self._quote = language["quote"]
        self._legacy, self._legacy_cause = re.compile(language["legacy"]["pattern"]), language["legacy"]["cause"]
        opening, closing = language["group"]
        self._levels = {grammar.OPENING: 1, grammar.CLOSING: -1}
        joints = {grammar.joint_of(row): row["word"] for row in language["precedence"]}
        self._shown = {**_SHOWN, **joints, grammar.OPENING: repr(opening), grammar.CLOSING: repr(closing)}
        tree = cast(Any, _Tree(language))
        self._lark = Lark(grammar.grammar_of(language), parser="lalr", lexer="contextual", transformer=tree)

    def read(self, text: str, *, legacy: bool) -> Query:
        """The query that a text says. `legacy`: whether the old names of attributes are understood.

        Raises ApiError: `invalid-log-query` with the place of the fault, or the cause of the legacy syntax.
        """
        if len(text) > (most := self._limits["characters"]):
            _refuse(most, f"the query has more than {most:,} characters; send a shorter one")
        try:
            query = self._parse(text)
        except UnexpectedCharacters as error:
            at = cast(int, error.pos_in_stream)
            if text[at] == self._quote:
                _refuse(at, f"the quote {self._quote} is not closed")
            _refuse(at, f"got {text[at]!r}, expected {self._expected(error.allowed)}")
        except UnexpectedToken as error:
            ended = error.token.type == "$END"
            got = "the end of the query" if ended else repr(_cut(error.token))
            expected = self._expected(error.accepts or error.expected)
            _refuse(len(text) if ended else _start(error.token), f"got {got}, expected {expected}")
        return self._renamed(query, legacy=legacy)

    def _parse(self, text: str) -> Query:
        parser = cast(Any, self._lark.parse_interactive(text))
        level = terms = 0
        before = Token("", "", end_pos=0)
        for token in parser.iter_parse():
            level += self._levels.get(token.type, 0)
            terms += token.type in grammar.TERMS and before.type not in grammar.BEFORE_VALUES
            _check_spaces(before, token)
            for count, what, limit in ((level, "levels of parentheses", "depth"), (terms, "terms", "terms")):
                if count > (most := self._limits[limit]):
                    _refuse(_start(token), f"the query has more than {most} {what}; send a simpler one")
            before = token
        return cast(Query, parser.feed_eof())

    def _expected(self, names: Iterable[str]) -> str:
        known = sorted({self._shown[name] for name in names if name in self._shown})
        return " or ".join(known) or "the end of the query"

    def _renamed(self, query: Query, *, legacy: bool) -> Query:
        """The query with the names of today. It is at most as deep as the language allows."""
        if isinstance(query, Junction):
            return Junction(query.joined_by, tuple(self._renamed(term, legacy=legacy) for term in query.terms))
        old = self._legacy.fullmatch(query.field)
        if old is None:
            return query
        if not legacy:
            raise ApiError(self._legacy_cause, field=query.field, replacement=old[1])
        return Comparison(old[1], query.operator, query.values, query.negated)


class _Operator(NamedTuple):
    name: str
    negated: bool


class _Tree:
    """What Lark makes of each rule; its methods have the names of rules."""

    def __init__(self, language: Mapping[str, Any]) -> None:
        rows = language["operators"]
        positive = {row["sign"]: row["name"] for row in rows if "negates" not in row}
        self._operators = {
            row["sign"]: _Operator(positive[row.get("negates", row["sign"])], "negates" in row) for row in rows
        }
        words = language["words"]
        self._word_field, self._word_operator = words["field"], self._operators[words["operator"]]
        self._without_case = {name for name, row in language["fields"].items() if row["ignores-case"]}
        self._contains_folds = language["contains-ignores-case"]
        self._number = re.compile(language["number"])
        self._separator = language["path-separator"]
        escaped = f"[{re.escape(language['escape'])}{re.escape(language['quote'])}]"
        self._escape = re.compile(f"{re.escape(language['escape'])}({escaped})")
        for row in language["precedence"]:
            setattr(self, grammar.level_of(row), _joining(row["name"]))

    def everything(self, _: Sequence[Token]) -> Query:
        """The query without terms."""
        return Junction("and", ())

    def word(self, children: Sequence[Token]) -> Query:
        """A term without an operator."""
        return self._comparison(self._word_field, self._word_operator, children)

    def comparison(self, children: Sequence[Token]) -> Query:
        """Field, sign and one or several values."""
        field, sign, *values = children
        if not all(field.split(self._separator)):
            problem = f"the field {_cut(field)!r} has an empty name; expected names joined by {self._separator!r}"
            _refuse(_start(field), problem)
        if sign.type == grammar.NUMBER_SIGN and self._number.fullmatch(values[0]) is None:
            _refuse(_start(values[0]), f"got {_cut(values[0])!r} after {sign}, expected a decimal number")
        return self._comparison(str(field), self._operators[sign], values)

    def _comparison(self, field: str, operator: _Operator, tokens: Sequence[Token]) -> Query:
        values = [self._text(token) for token in tokens]
        if (operator.name == "contains" and self._contains_folds) or field in self._without_case:
            values = [value.casefold() for value in values]
        return Comparison(field, operator.name, tuple(values), operator.negated)

    def _text(self, token: Token) -> str:
        return self._escape.sub(r"\1", token[1:-1]) if token.type == grammar.QUOTED else str(token)


def _joining(name: str) -> Callable[[Sequence[Query | Token]], Query]:
    """Joins terms; those that are joined in the same way become part of it."""

    def join(children: Sequence[Query | Token]) -> Query:
        terms = tuple(_flat(name, (child for child in children if not isinstance(child, Token))))
        return terms[0] if len(terms) == 1 else Junction(name, terms)

    return join


def _flat(name: str, terms: Iterable[Query]) -> Iterator[Query]:
    for term in terms:
        if isinstance(term, Junction) and term.joined_by == name:
            yield from term.terms
        else:
            yield term


def _check_spaces(before: Token, token: Token) -> None:
    """Refuses a space at an operator, which the grammar allows."""
    if before.end_pos == token.start_pos or not {before.type, token.type} & grammar.SIGNS:
        return
    sign, lacks = (token, "a field before it") if token.type in grammar.SIGNS else (before, "a value behind it")
    _refuse(_start(sign), f"the operator {sign} lacks {lacks}; leave no space between them")


def _refuse(start: int, problem: str) -> NoReturn:
    """`start` counts characters from 0, and the caller's position from 1."""
    raise ApiError("invalid-log-query", position=start + 1, problem=problem)


def _start(token: Token) -> int:
    return token.start_pos or 0


def _cut(text: str) -> str:
    """As much of what was sent as a message repeats."""
    return str(text) if len(text) <= _MOST_REPEATED else f"{text[:_MOST_REPEATED]}…"


_MOST_REPEATED = 40
"""Characters."""
_SHOWN = {
    grammar.WORD: "a word",
    grammar.QUOTED: "a quoted text",
    grammar.VALUE: "a value",
    grammar.ITEM: "a value",
    grammar.LIST_OPENING: "a list",
    grammar.LIST_CLOSING: "the end of the list",
    grammar.SEPARATOR: "another value of the list",
    **dict.fromkeys(grammar.SIGNS, "an operator"),
}
"""What a message calls a terminal."""
