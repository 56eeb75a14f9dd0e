"""What can be wrong with a document, as values: collected while it is read, reported all together, one line each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

_MOST_CHARACTERS = 60
"""A message is one line. It shows as much of a value as helps to recognise it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it stands, what was found, what was expected, and what to do."""

    pointer: str
    """JSON pointer of the place (RFC 6901); empty for the whole document."""
    found: str
    expected: str
    remedy: str
    file: str = ""
    """The document as the caller named it."""
    line: int | None = None
    """Line of the place, 1 is the first; None when the file could not be read at all."""

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        pointer = f" {self.pointer}" if self.pointer else ""
        # A key of the document may hold a line break; a problem stays one line all the same.
        text = f"{self.file}{line}{pointer}: {self.found}; expected {self.expected}; {self.remedy}"
        return " ".join(text.split())


class ContractError(Exception):
    """The document cannot be used; `problems` says why, in the order of its lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(map(str, self.problems)))


class Notes:
    """Collects the problems of one document, and finds the line of each."""

    def __init__(self, path: Path, lines: Mapping[str, int]) -> None:
        self.problems: list[Problem] = []
        self._file = display_name(path)
        self._lines = lines

    def add(self, pointer: str, found: str, expected: str, remedy: str) -> None:
        """Notes one problem."""
        self.problems.append(Problem(pointer, found, expected, remedy, self._file, nearest_line(self._lines, pointer)))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Notes problems whose lines are not known yet."""
        for problem in problems:
            line = nearest_line(self._lines, problem.pointer)
            self.problems.append(replace(problem, file=self._file, line=line))

    def stop(self) -> None:
        """Raises what was noted, if anything was."""
        if self.problems:
            raise ContractError(self.problems)


def nearest_line(lines: Mapping[str, int], pointer: str) -> int:
    """The line of the place, or of the nearest place above it that the file has."""
    while pointer and pointer not in lines:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer, 1)


def display_name(path: Path) -> str:
    """The path as messages show it: relative below the working directory, so that an editor finds `path:line`."""
    try:
        here = Path.cwd()
    except OSError:  # it was deleted; absolute paths are still good
        return str(path)
    return str(path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path)


def quote(value: Any) -> str:
    """The value as JSON, cut short."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "..."


def one_of(names: Iterable[Any]) -> str:
    """A choice: `one of must, should, may`."""
    words = [name if isinstance(name, str) else quote(name) for name in names]
    return words[0] if len(words) == 1 else "one of " + ", ".join(words)


def with_article(noun: str) -> str:
    """The noun with `a` or `an`; with `the` when a document has one of it (`the root`) or it is a plural."""
    if noun in {"root", "info"} or noun.endswith("s"):
        return f"the {noun}"
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def remedy_for(word: str, known: Sequence[str]) -> str:
    """What to do with an unknown word: perhaps a known one was meant."""
    near = get_close_matches(word, sorted(known), 1)
    return f"write '{near[0]}'" if near else "remove it"
