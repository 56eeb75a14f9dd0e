"""What a run found, as rows in sections: kept as JSON after each part, so that a run which stops can go on.

Every row says which part found it, so that a part which is begun again leaves nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

Value = str | float | int | None


@dataclass
class Record:
    """All that one run of the bench says."""

    about: dict[str, Any] = field(default_factory=dict)
    """Machine, versions, options and date."""
    sections: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _part: str = field(default="", compare=False)

    def begin(self, part: str) -> None:
        """Rows that are added from now on are of this part; those that it left before go."""
        self._part = part
        for section, rows in list(self.sections.items()):
            kept = [row for row in rows if row["part"] != part]
            if kept:
                self.sections[section] = kept
            else:
                del self.sections[section]

    def end(self, seconds: float | None) -> None:
        """The part is over; with None it failed, and is to be done again when the run goes on."""
        if seconds is not None:
            self.add("took", seconds=seconds)
        self._part = ""

    def add(self, section: str, **row: Value) -> None:
        """One more row."""
        self.sections.setdefault(section, []).append({"part": self._part, **row})

    def miss(self, name: str, why: str) -> None:
        """Something could not be had or measured."""
        self.add("missing", name=name, why=why)

    @property
    def missing(self) -> Mapping[str, str]:
        """What could not be had or measured, each with its reason."""
        return {str(row["name"]): str(row["why"]) for row in self.sections.get("missing", [])}

    @property
    def took(self) -> Mapping[str, float]:
        """The parts that are done, and how many seconds each took."""
        return {str(row["part"]): float(row["seconds"]) for row in self.sections.get("took", [])}

    def has_figures(self) -> bool:
        """Whether anything was measured."""
        return bool(self.sections.keys() - {"took", "missing"})

    def rows(self, section: str, **where: Value) -> list[dict[str, Any]]:
        """The rows of a section that have these values."""
        found = self.sections.get(section, [])
        return [row for row in found if all(row.get(name) == value for name, value in where.items())]

    def values(self, section: str, name: str, **where: Value) -> list[float]:
        """One value of each such row, in the order in which they were measured."""
        return [float(row[name]) for row in self.rows(section, **where) if row.get(name) is not None]

    def names(self, section: str, name: str) -> list[str]:
        """The different values of a column, in the order in which they first came."""
        return list(dict.fromkeys(str(row[name]) for row in self.sections.get(section, [])))

    def save(self, path: Path) -> None:
        """Writes all of it at once."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps({"about": self.about, "sections": self.sections}, indent=1) + "\n", "utf-8")
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """What `save` wrote."""
        told: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        return cls(dict(told["about"]), {name: list(rows) for name, rows in told["sections"].items()})
