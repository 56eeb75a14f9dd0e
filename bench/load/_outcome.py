"""What a generator saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class LoadError(Exception):
    """A generator could not be run, or said nothing that can be read; the text holds what it printed."""


@dataclass(frozen=True)
class Outcome:
    """One run of a generator."""

    requests: int
    """Answered requests."""
    seconds: float
    refused: int
    """Answers with a status of 400 or more."""
    broken: int
    """Connections and requests that came to nothing."""
    latency: Mapping[str, float]
    """Milliseconds by percentile: `50`, `90`, `99`, `99.9`."""

    @property
    def rate(self) -> float:
        """Answered requests per second."""
        return self.requests / self.seconds if self.seconds else 0.0
