"""A connection to SQLite that remembers what it read for as long as nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import apsw

T = TypeVar("T")

_MOST_REMEMBERED = 1000
"""Values; of what is small and asked for again and again."""


class Connection(apsw.Connection):
    """SQLite's, with a memory: a statement takes longer than most of what it is asked."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._remembered: dict[Hashable, tuple[int, Any]] = {}
        """Values with the version of the state that they are of."""

    def remember(self, key: Hashable, read: Callable[[], T]) -> T:
        """What `read` gave when the state was last asked for this key, or gives now if it has changed since.

        To be called behind another statement of the same transaction, and in one that changes nothing: only then does
        SQLite's number of the state's version stand for what the transaction sees.
        """
        version = self.data_version()
        known = self._remembered.get(key)
        if known is not None and known[0] == version:
            return known[1]  # type: ignore[no-any-return]  # what the same `read` gave
        value = read()
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = version, value
        return value
