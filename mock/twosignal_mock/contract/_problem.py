"""What can be wrong with a document, as values: collected while reading, reported all together, one line each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what came, what was expected, what to do next, and where."""

    pointer: str
    """JSON pointer of the place (RFC 6901); empty for the whole document."""
    came: str
    expected: str
    remedy: str
    file: str = ""
    """The document as the caller named it."""
    line: int | None = None
    """Line of the place, 1 is the first; None when the file could not be read at all."""

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        pointer = f" {self.pointer}" if self.pointer else ""
        # Words of the document are quoted in the message; whatever stands in them, a problem stays one line.
        text = f"{self.file}{line}{pointer}: {self.came}; expected {self.expected}; {self.remedy}"
        return " ".join(text.split())


class ContractError(Exception):
    """The document cannot be used; `problems` says why, in the order of its lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(map(str, self.problems)))
