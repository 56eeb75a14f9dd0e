"""Which of the documented ways the server speaks; any of them is right, the report says which."""

from __future__ import annotations

from collections.abc import Mapping

from twosignal_contract import Dialect, pick


class Dialects:
    """What was seen, by dialect."""

    def __init__(self, known: Mapping[str, Dialect]) -> None:
        self._known = known
        self._seen: dict[str, dict[str, int]] = {}

    def note(self, name: str, value: str) -> None:
        """The server spoke this value of this dialect; KeyError for what the contract does not list."""
        pick(pick(self._known, name, "dialect").values, value, f"value of the dialect {name}")
        counts = self._seen.setdefault(name, {})
        counts[value] = counts.get(value, 0) + 1

    @property
    def seen(self) -> Mapping[str, str]:
        """Name to value; several values of one dialect stand beside each other, the more frequent one first."""
        return {
            name: ", ".join(sorted(counts, key=lambda value: -counts[value]))
            for name, counts in sorted(self._seen.items())
        }
