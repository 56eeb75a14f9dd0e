"""Saved visuals in the store: what they ask of the metrics. Their data are made when they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from twosignal_mock.engine.store import JsonText


class SavedVisual(NamedTuple):
    """A chart that somebody saved."""

    id: str
    site: int
    """The number of its site."""
    title: str
    kind: str
    """`timeseries` or `list`."""
    query: JsonText
    """The body of the operation that gives its data, without the site."""


class SavedVisuals(Protocol):
    """The saved visuals of a project."""

    def all(self) -> Sequence[SavedVisual]:
        """By id."""
        ...

    def find(self, id_: str) -> SavedVisual | None:
        """The one of this id."""
        ...

    def put(self, visual: SavedVisual) -> None:
        """Keeps a saved visual, in the place of the one with its id if there is one."""
        ...
