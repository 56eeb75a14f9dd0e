"""What was found so far, one line of JSON each, so that a long bench can be continued."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """One run against one server."""

    kind: str
    """`broken`, `legal`, `independent` (legal, not before the mock), or `control` with what it was tried on."""
    server: str
    seed: int
    good: bool
    """A broken server was caught, by the judge or by the control; a legal one was left alone."""
    by: str
    """The profile, or the checks of the control, that decided."""
    seconds: float
    told: str = ""
    """Why it is not good."""
    digest: str = ""
    """Of what judged it, see `_digest`."""
    date: str = ""
    """The day of the run, UTC."""

    @property
    def key(self) -> tuple[str, str, int]:
        """What it is the result of."""
        return self.kind, self.server, self.seed


class Results:
    """The file of results. The last line for a run counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._rows = {row.key: row for row in _read(path)} if path.exists() else {}

    def __iter__(self) -> Iterator[Result]:
        return iter(list(self._rows.values()))

    def of(self, kind: str) -> list[Result]:
        """Those of a kind."""
        return [row for row in self if row.kind == kind]

    def get(self, kind: str, server: str, seed: int, digest: str) -> Result | None:
        """The result of a run, if there is one of this very judge."""
        row = self._rows.get((kind, server, seed))
        return row if row is not None and row.digest == digest else None

    def keep(self, wanted: Collection[tuple[str, str, int]]) -> None:
        """Forget what is the result of nothing that is wanted, such as of a server that was renamed."""
        self._rows = {key: row for key, row in self._rows.items() if key in wanted}

    def add(self, row: Result) -> None:
        """Keep one."""
        with self._lock:
            self._rows[row.key] = row
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(row)) + "\n")


def _read(path: Path) -> Iterator[Result]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield Result(**json.loads(line))
