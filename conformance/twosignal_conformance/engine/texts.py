"""Texts of strangers as people are shown them: what a server or a client wrote commands no terminal and no CI.

A report may end in the log of a CI, which takes lines of its own form for orders: GitHub `::stop-commands::` at the
beginning of a line and `##[` wherever it stands, Azure Pipelines `##vso[`, TeamCity `##teamcity[`.
"""

from __future__ import annotations

import re

SHOWN = 500
"""Characters of a text that is quoted in one line."""

LONGEST = 2_000
"""Characters of a line that quotes several texts, such as the error of a check."""

_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Control characters, line ends that only some programs know, signs that are invisible or turn the direction of
writing, and halves of characters; a line feed and a tab are none of them."""

_ORDER = re.compile(r"#(?=#\w*\[)")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """The text with escapes for what commands a terminal, is invisible or fits into no file; lines stay lines."""
    return _ODD.sub(_escaped, text)


def is_plain(text: str) -> bool:
    """True when the text is one line that needs no escapes."""
    return not _ODD.search(text) and "\n" not in text and "\t" not in text


def one_line(text: str, most: int | None = None) -> str:
    """As `visible`, on one line that no CI takes for an order; of a longer text than `most` its beginning."""
    line = no_order(re.sub(r"[\n\t]", _escaped, visible(text)))
    return line if most is None or len(line) <= most else f"{line[:most]}..."


def no_order(text: str, between: str = "\\") -> str:
    """The text with something between the signs by which a CI knows an order in the middle of a line."""
    return _ORDER.sub(lambda sign: sign[0] + between, text)


def _escaped(sign: re.Match[str]) -> str:
    return _SHORT.get(sign[0], f"\\u{ord(sign[0]):04x}")
