"""Which variables a template has, and what a push makes of it."""

from __future__ import annotations

import re


def find_variables(content: str) -> tuple[str, ...]:
    """The names that stand in the content as {{name}}, each once, in the order of their first use.

    A name is letters, digits, `_`, `.` and `-`, blanks around it allowed; what else stands in double braces is text.
    """
    return tuple(dict.fromkeys(_VARIABLE.findall(content)))


# Every quantifier is bounded: a megabyte of braces or blanks costs as much as one of letters.
_VARIABLE = re.compile(r"\{\{[ \t]{0,20}([\w.-]{1,200})[ \t]{0,20}\}\}")
