"""What was found of the mutants so far, and what people found out about those that survived.

Results are lines of JSON, keyed by the text of the mutant and the digest of what judged it: a bench that was
interrupted goes on, and after a change of the suite everything is judged again.
"""

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .mutants import HERE, Mutant
from .trials import CAUGHT, PROFILES, try_mutant

SURVIVORS = HERE / "survivors.md"
CLASSES = ("same", "legal", "not observable", "missed")

Line = dict[str, object]


@dataclass(frozen=True)
class Survivor:
    """A row of the table: `kind` is one of CLASSES, `clause` leaves it open (legal) or is broken by it (missed)."""

    id: str
    name: str
    kind: str
    clause: str
    why: str


def read_survivors(file: Path = SURVIVORS) -> dict[str, Survivor]:
    """The rows of survivors.md, by the ids of mutants."""
    rows = [
        [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    return {row[0]: Survivor(*row) for row in rows}


def is_reserved(mutant: Mutant, known: Iterable[str]) -> bool:
    """True when nobody has looked at whether it survives; who stands in the table was looked at."""
    return mutant.reserved and mutant.id not in known


class Results:
    """The file of results; of a mutant and a judge the last line counts."""

    def __init__(self, file: Path, digest: str) -> None:
        self.file, self.digest = file, digest
        self._lock = threading.Lock()
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        rows = [row for row in map(json.loads, lines) if row["digest"] == digest]
        self._rows: dict[str, Line] = {str(row["id"]): row for row in rows}

    def __getitem__(self, mutant: Mutant) -> Line:
        return self._rows[mutant.id]

    def __contains__(self, mutant: Mutant) -> bool:
        return mutant.id in self._rows

    def go_on(
        self, mutants: Sequence[Mutant], profile: str, *, seed: int, workers: int, tell: Callable[[str], None]
    ) -> None:
        """Judge those that are open, and keep what was found at once."""
        todo = [mutant for mutant in mutants if self._is_open(mutant, profile)]
        with ThreadPoolExecutor(workers) as pool:
            jobs = [pool.submit(self._judge, mutant, profile, seed) for mutant in todo]
            try:
                for number, job in enumerate(jobs, start=1):
                    row = job.result()
                    name = "(reserved)" if row["reserved"] else str(row["mutant"])
                    tell(f"{number} of {len(todo)}: {row['verdict']:<9} {name}  {row['seconds']} s")
            finally:
                pool.shutdown(cancel_futures=True)

    def _is_open(self, mutant: Mutant, profile: str) -> bool:
        """True without a result, and for one that survived a lesser profile."""
        row = self._rows.get(mutant.id)
        lesser = row is not None and PROFILES.index(str(row["profile"])) < PROFILES.index(profile)
        return row is None or (lesser and row["verdict"] == "survived")

    def _judge(self, mutant: Mutant, profile: str, seed: int) -> Line:
        known = self._rows.get(mutant.id)
        row = try_mutant(mutant, profile, seed, str(known["profile"]) if known else None)
        row |= {"reserved": mutant.reserved, "digest": self.digest, "date": f"{datetime.now(UTC):%Y-%m-%d}"}
        with self._lock:
            self._rows[mutant.id] = row
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a", encoding="utf-8") as file:
                print(json.dumps(row), file=file, flush=True)
        return row


@dataclass(frozen=True)
class Tally:
    """Of the mutants that were judged and start: how many were caught, and what is known of the others."""

    caught: int
    survived: dict[str, int]
    """By class; `open` for those that nobody has classified."""

    @property
    def raw(self) -> tuple[int, int]:
        """Caught, of all."""
        return self.caught, self.caught + sum(self.survived.values())

    @property
    def counted(self) -> tuple[int, int]:
        """Caught, of those that are neither same, legal nor unobservable; what nobody classified counts as missed."""
        return self.caught, self.caught + self.survived.get("missed", 0) + self.survived.get("open", 0)


def tally(results: Results, mutants: Iterable[Mutant], survivors: dict[str, Survivor]) -> Tally:
    """The tally of those that have a result."""
    rows = [results[mutant] for mutant in mutants if mutant in results]
    caught = sum(row["verdict"] in CAUGHT for row in rows)
    kinds = [
        survivors[str(row["id"])].kind if str(row["id"]) in survivors else "open"
        for row in rows
        if row["verdict"] == "survived"
    ]
    return Tally(caught, {kind: kinds.count(kind) for kind in sorted(set(kinds))})
