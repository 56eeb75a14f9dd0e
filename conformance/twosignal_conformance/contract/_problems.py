"""Problems of a document: values that are gathered until all are known, then raised together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A place of the document with what is wrong there, in three parts: what came, what was expected, what to do."""

    file: str
    line: int | None
    """1 is the first; None when there is no text to count lines in."""
    pointer: str
    """JSON pointer (RFC 6901), empty for the whole document."""
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        if self.pointer:
            place += f" {self.pointer}"
        # A key of the document may hold a line break; whoever reads the output counts on a line for each problem.
        return " ".join(f"{place}: {self.message}".split())


class ContractError(Exception):
    """A document by which nothing can be judged."""

    problems: tuple[Problem, ...]
    """All that was found, ordered by line."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Notes:
    """Gathers problems by pointer, while the lines are looked up for each at once."""

    def __init__(self, file: str, lines: dict[str, int]) -> None:
        self._file = file
        self._lines = lines
        self.problems: list[Problem] = []

    def add(self, pointer: str, came: str, expected: str, remedy: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(self._file, self.line(pointer), pointer, f"{came}; expected {expected}; {remedy}"))

    def line(self, pointer: str) -> int:
        """Line of the place, or of what holds it when the place itself is not there."""
        while pointer not in self._lines and pointer:
            pointer = pointer[: pointer.rindex("/")]
        return self._lines.get(pointer, 1)

    def stop(self) -> None:
        """Raise what was gathered, if anything was."""
        if self.problems:
            raise ContractError(*self.problems)
