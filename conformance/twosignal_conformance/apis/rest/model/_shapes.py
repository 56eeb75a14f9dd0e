"""What the rules of the machine choose from: kinds of spans, orders of a batch, spellings, filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SPACING = 2.0
"""Seconds between the starts of two traces: told apart even by a server that keeps whole seconds."""

MOST_TRACES = 60
"""Of one example; fewer than the largest page holds, so one request shows them all."""

COLOURS = ("red", "green")
"""Ends of names and of tags, by which traces are filtered for."""

PRIORITIES = (1, 2.5, "high", None)
"""Values in metadata."""


@dataclass(frozen=True, slots=True)
class Values:
    """What a trace is made of beside its times and its colour; the first ones of each kind are the simplest."""

    suffix: str = ""
    """End of the name."""
    tags: tuple[str, ...] = ()
    """Ends of further tags."""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        kinds = {"name": self.suffix, "tags": self.tags, "metadata": self.metadata}
        return ", ".join(f"{name} {value!r}" for name, value in kinds.items() if value)


PLAIN = Values()
"""Nothing beside what every trace has."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of span."""

    label: str
    """Empty for one that was made up."""
    cost: float | None = None
    tokens: int | None = None
    failed: bool = False
    open: bool = False

    def __str__(self) -> str:
        made = f"cost {self.cost}, tokens {self.tokens}{', failed' * self.failed}{', open' * self.open}"
        return self.label or made


SHAPES = (
    Shape("plain"),
    Shape("0.1 $", cost=0.1, tokens=120),
    Shape("0.2 $", cost=0.2, tokens=7),
    Shape("0.0007 $", cost=0.0007),
    Shape("failed", tokens=3, failed=True),
    Shape("open", open=True),
)
"""Costs that binary arithmetic cannot add, and everything else that a sum or a status may forget."""


class Order(StrEnum):
    """How the events of a batch stand."""

    MADE = "as made"
    CHILDREN_FIRST = "children before parents"
    SPANS_FIRST = "spans before traces"
    REVERSED = "reversed"

    @property
    def early(self) -> bool:
        """True when spans stand before their trace, which a server need not take."""
        return self in (Order.SPANS_FIRST, Order.REVERSED)


class Again(StrEnum):
    """What is sent a second time."""

    WHOLE = "the whole"
    LAST = "the last event of"
    BACKWARDS = "backwards"
    WITH_NEW = "with a new span,"


class Filter(StrEnum):
    """What a query asks for, always among the traces of one example."""

    NAME = "name"
    TAG = "one tag"
    TAGS = "two tags"
    FINE = "status OK"
    FAILED = "status ERROR"
    NAME_AND_TAG = "name and tag"
