"""What the generator gives, and what it is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the sample."""

    operation_id: str
    body: dict[str, Any]
    received: int
    """Milliseconds since 1970 at which the server would have got it; never after the `now` of the sample."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that an agent calls; slow and failing as the real ones are."""

    name: str
    milliseconds: tuple[int, int]
    """Least and most."""
    failure: float
    """Share of calls that fail, 0 to 1."""
    error: str


@dataclass(frozen=True, slots=True)
class Agent:
    """A kind of trace."""

    name: str
    weight: int
    """How often, beside the other agents."""
    tags: tuple[str, ...]
    models: tuple[str, ...]
    """Names of the price table; one is drawn for each trace."""
    source: str | None
    """What it looks up before it begins; None: nothing."""
    tools: tuple[Tool, ...]
    rounds: tuple[int, int]
    """Least and most times that it asks the model and then calls a tool, before it answers."""
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    evaluators: tuple[str, ...]
