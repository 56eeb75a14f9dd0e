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

    def enabled(self, but: str, limit: int) -> Sequence[str]:
        """The ids of the first enabled ones whose type is another than `but`, oldest first."""
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


class EvaluationRecord(NamedTuple):
    """A trace that evaluators have yet to judge. A trace has one at most, and none once all have."""

    trace: str
    ready: int | None
    """Milliseconds since 1970 at which the trace was found complete; None: it is not."""
    elsewhere: bool
    """True when those that are left need somebody elsewhere: a model, or a webhook."""
    evaluators: JsonText
    """JSON array: ids of those that are left."""


class Evaluations(Protocol):
    """The traces of a project that evaluators have yet to judge."""

    def any(self) -> bool:
        """True when there is one."""
        ...

    def find(self, trace: str) -> EvaluationRecord | None:
        """That of a trace."""
        ...

    def put(self, evaluation: EvaluationRecord) -> None:
        """Keeps one, in the place of that of its trace if there is one."""
        ...

    def move(self, trace: str, ready: int | None) -> None:
        """Says anew when a trace was found complete, if none of its evaluators has begun."""
        ...

    def due(self, until: int, limit: int, *, elsewhere: bool) -> Sequence[EvaluationRecord]:
        """Of those that were ready by an instant, the first so many, in their order."""
        ...

    def first_ready(self, *, elsewhere: bool) -> int | None:
        """When the first of them was ready, milliseconds since 1970; None when none is."""
        ...

    def delete(self, trace: str) -> None:
        """Forgets that of a trace."""
        ...

    def all(self) -> Sequence[EvaluationRecord]:
        """By trace."""
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
