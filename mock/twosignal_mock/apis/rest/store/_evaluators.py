"""Evaluators and the counts of a month in the store: their records, and what the repositories offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from twosignal_mock.engine.store import JsonText


class EvaluatorRecord(NamedTuple):
    """What judges the traces of a project. The dashboard API makes and changes it."""

    id: str
    name: str
    """The `evaluatorName` of the scores that it gives."""
    type: str
    """A type of the catalogue."""
    config: JsonText
    """JSON object; a key that the type needs may be missing."""
    enabled: bool
    created: int
    """Milliseconds since 1970."""
    updated: int
    """Milliseconds since 1970."""


class Evaluators(Protocol):
    """The evaluators of a project."""

    def all(self) -> Sequence[EvaluatorRecord]:
        """Oldest first."""
        ...

    def find(self, evaluator_id: str) -> EvaluatorRecord | None:
        """The evaluator of this id."""
        ...

    def put(self, evaluator: EvaluatorRecord) -> None:
        """Keeps an evaluator, in the place of the one with its id if there is one."""
        ...

    def delete(self, evaluator_id: str) -> bool:
        """Forgets an evaluator; the scores that it gave stay. False when there was none."""
        ...


class UsageRecord(NamedTuple):
    """What a project used in a month."""

    month: str
    """In UTC, as `2026-03`."""
    traces: int = 0
    """That were written."""
    spans: int = 0
    """That were written."""
    evaluations: int = 0
    """Runs of evaluators."""


class Usage(Protocol):
    """What a project used, by month."""

    def all(self) -> Sequence[UsageRecord]:
        """The months in which something was counted, oldest first."""
        ...

    def add(self, counts: UsageRecord) -> None:
        """Adds counts to those of their month."""
        ...
