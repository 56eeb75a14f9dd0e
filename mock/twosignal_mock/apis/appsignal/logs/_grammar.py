"""The grammar of log queries in Lark's notation, made of /x-appsignal-log-query.

https://lark-parser.readthedocs.io/en/stable/grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WORD, QUOTED, VALUE, ITEM = "WORD", "QUOTED", "VALUE", "ITEM"
OPENING, CLOSING = "OPENING", "CLOSING"
LIST_SIGN, TEXT_SIGN, NUMBER_SIGN = "LIST_SIGN", "TEXT_SIGN", "NUMBER_SIGN"
LIST_OPENING, LIST_CLOSING, SEPARATOR = "_LIST_OPENING", "_LIST_CLOSING", "_SEPARATOR"
SIGNS = frozenset((LIST_SIGN, TEXT_SIGN, NUMBER_SIGN))
BEFORE_VALUES = SIGNS | {LIST_OPENING, SEPARATOR}
TERMS = frozenset((WORD, QUOTED))
"""What begins a term, unless it is a value."""


def grammar_of(language: Mapping[str, Any]) -> str:
    """The rules: `everything`, `word`, `comparison`, and `joined_by_<name>` for each row of the precedence."""
    rows, precedence = language["operators"], language["precedence"]
    terminals = {**_words(language), **_signs(rows, language["list"]["operators"])}
    rules = _RULES.format(loosest=level_of(precedence[0]))
    tighter = [*(level_of(row) for row in precedence[1:]), "term"]
    for row, next_ in zip(precedence, tighter, strict=True):
        rules += f"{level_of(row)}: {next_} ({joint_of(row)}{'?' if row['implicit'] else ''} {next_})*\n"
    return rules + "".join(f"{name}: /{pattern}/\n" for name, pattern in terminals.items())


def level_of(row: Mapping[str, Any]) -> str:
    """The rule for what a row of the precedence joins."""
    return f"joined_by_{row['name']}"


def joint_of(row: Mapping[str, Any]) -> str:
    """The terminal for the word that joins."""
    return str(row["name"]).upper()


_RULES = r"""
start: {loosest} -> {loosest}
    | -> everything
?term: OPENING {loosest} CLOSING -> {loosest}
    | comparison
    | (WORD | QUOTED) -> word
comparison: WORD LIST_SIGN (VALUE | QUOTED | _list)
    | WORD TEXT_SIGN (VALUE | QUOTED)
    | WORD NUMBER_SIGN VALUE
_list: _LIST_OPENING (ITEM | QUOTED) (_SEPARATOR (ITEM | QUOTED))* _LIST_CLOSING
%ignore /\s+/
"""


def _signs(rows: Sequence[Mapping[str, Any]], listed: Sequence[str]) -> dict[str, str]:
    kinds: dict[str, list[str]] = {LIST_SIGN: [], TEXT_SIGN: [], NUMBER_SIGN: []}
    for row in rows:
        kind = LIST_SIGN if row["sign"] in listed else NUMBER_SIGN if row["compares"] == "number" else TEXT_SIGN
        kinds[kind].append(row["sign"])
    return {kind: _any_of(signs) for kind, signs in kinds.items()}


def _words(language: Mapping[str, Any]) -> dict[str, str]:
    """What is no sign. A word that joins is one only when nothing follows it directly; ANDROID is another word."""
    quote, escape = re.escape(language["quote"]), re.escape(language["escape"])
    of_list, group = language["list"], language["group"]
    separator = re.escape(of_list["separator"])
    outside = r"\s" + "".join(map(re.escape, (language["quote"], *group, of_list["open"], of_list["close"])))
    sign = _any_of(row["sign"] for row in language["operators"])
    end = rf"(?:[{outside}]|\Z)"
    joints = {joint_of(row): rf"{re.escape(row['word'])}(?={end})" for row in language["precedence"]}
    return {
        **joints,
        WORD: rf"(?!{'|'.join(joints.values())})(?:(?!{sign})[^{outside}])+",
        VALUE: f"[^{outside}]+",
        ITEM: f"[^{outside}{separator}]+",
        QUOTED: rf"{quote}(?:[^{quote}{escape}]|{escape}(?:.|\n))*{quote}",
        OPENING: re.escape(group[0]),
        CLOSING: re.escape(group[1]),
        LIST_OPENING: re.escape(of_list["open"]),
        LIST_CLOSING: re.escape(of_list["close"]),
        SEPARATOR: separator,
    }


def _any_of(texts: Iterable[str]) -> str:
    """One of these texts, longer ones first."""
    return "(?:" + "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)) + ")"
