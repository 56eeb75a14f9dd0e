"""What evaluators work with: the texts they judge, the verdict they give, and the work that one validation may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")

MOST_STEPS = 100_000_000
"""Steps that the evaluators of one validation may take together. A step takes some 6 ns at most (2026), so the worst
request keeps the server busy for less than a second; the contract allows five (validate.regex.bounded). A pattern of
100 instructions may read 1 MB, and two texts of 80,000 letters may be compared."""


class EvaluatorError(Exception):
    """An evaluator that cannot be run as it was asked for; `place` is relative to it, such as `.config.pattern`."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(problem)
        self.place = place
        self.problem = problem


class TooMuchWorkError(EvaluatorError):
    """An evaluator that would take more steps than are left."""

    def __init__(self) -> None:
        super().__init__("", "is too much work for texts of this size; shorten them or send fewer evaluators")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one evaluator says."""

    score: float
    """0 to 1."""
    passed: bool
    reason: str | None = None

    @classmethod
    def of(cls, passed: bool, reason: str | None) -> Verdict:
        """1 or 0, the reason only when it fails."""
        return cls(1.0, True) if passed else cls(0.0, False, reason)


@dataclass(slots=True)
class Subject:
    """What is judged. What evaluators derive from it is kept for the next ones, as `remember` says."""

    text: str
    expected: str | None = None
    """None: nothing is expected."""
    input: str | None = None
    """What the output answers; None when it is not known."""
    duration: int | None = None
    """Milliseconds; None when nothing was measured."""
    cost: Decimal | None = None
    """US dollars; None when nothing was measured."""
    trace: str | None = None
    """Id of the trace that is judged; None outside of one."""
    span: str | None = None
    """Id of its root span."""
    _steps: int = MOST_STEPS
    _memory: dict[object, Any] = field(default_factory=dict)

    def allow(self, steps: int = MOST_STEPS) -> None:
        """Sets how many steps are left."""
        self._steps = steps

    def spend(self, steps: int) -> None:
        """Has to be called before work that grows with the texts. Raises EvaluatorError when it would be too much."""
        if steps > self._steps:
            raise TooMuchWorkError
        self._steps -= steps

    def checked(self, which: str) -> str:
        """The text that a `check` of a configuration names: `input`, `output`, or `both`, one after the other."""
        if which == "output":
            return self.text
        return self.input or "" if which == "input" else f"{self.input or ''}\n{self.text}"

    def remember(self, key: object, make: Callable[[], T]) -> T:
        """What `make` gave when it was first asked for under this key: the same work twice is done once."""
        if key not in self._memory:
            self._memory[key] = make()
        kept: T = self._memory[key]
        return kept


Config = Mapping[str, Any]
"""The configuration of an evaluator, checked, with the defaults of the contract filled in."""
Evaluator = Callable[[Subject, Config], Verdict]
