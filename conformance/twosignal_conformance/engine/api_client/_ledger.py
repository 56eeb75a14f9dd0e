"""The run ledger: what a run creates, on disk before the request that creates it goes out.

The ledger is all that an operator has to find what a run left behind. A JSON object a line: first `{"run": ...}`, then
`{"creates": kind, "id": ..., ...}` for each thing, and `{"deletes": kind, "id": ...}` for each that the run deleted.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from twosignal_conformance.engine.api_client._secrets import Secrets
from twosignal_conformance.engine.api_client._skipped import CheckSkipped


class LedgerError(Exception):
    """The ledger cannot be begun."""


class LedgerFull(CheckSkipped):
    """The ledger takes nothing more, and what is not in it must not be created."""


@dataclass(frozen=True, slots=True)
class Creation:
    """Something that a request would create."""

    kind: str
    """What it is, in one word; the budget counts one kind."""
    id: str
    name: str
    holds: int = 0
    """How many smaller things come with it."""


class Ledger:
    """Appends to a file and flushes each entry; safe to use from several threads."""

    def __init__(self, path: Path | None, secrets: Secrets) -> None:
        self.path = path
        self._secrets = secrets
        self._lock = threading.Lock()
        self._file: IO[str] | None = None
        self.creations: list[tuple[str, str]] = []
        """Kind and id of what is in it, for whoever cleans up."""
        self.problem = ""
        """Why nothing more can be written; empty as long as it can."""

    def open(self, run: Mapping[str, object]) -> None:
        """Create the file and say which run it is of, or go on in one that is there; LedgerError when it cannot be."""
        if self.path is not None:
            try:
                self._file = self.path.open("a", encoding="utf-8")
                self._write([{"run": dict(run)}])
            except OSError as error:
                raise LedgerError(self._said(error)) from None
            except LedgerFull as skipped:
                raise LedgerError(skipped.reason) from None

    def creating(self, creations: Sequence[Creation], *, purpose: str, key: str) -> None:
        """Note what the next request creates, and with which key (by its option, never itself); LedgerFull."""
        if creations:
            self.creations += [(row.kind, row.id) for row in creations]
            self._write(
                [
                    {
                        "creates": row.kind,
                        "id": row.id,
                        "name": row.name,
                        "holds": row.holds,
                        "check": purpose,
                        "key": key,
                    }
                    for row in creations
                ]
            )

    def deleted(self, kind: str, identifier: str) -> None:
        """Note that something which was created is gone; LedgerFull."""
        self._write([{"deletes": kind, "id": identifier}])

    def close(self) -> None:
        """Nothing more is created."""
        if self._file is not None:
            # What did not fit is still in the buffer, and does not fit now.
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _write(self, rows: Sequence[Mapping[str, object]]) -> None:
        with self._lock:
            if self.problem:
                raise LedgerFull(self.problem)
            if self._file is not None:
                lines = (json.dumps(self._hidden(row), ensure_ascii=False) for row in rows)
                try:
                    self._file.write("".join(f"{line}\n" for line in lines))
                    self._file.flush()
                except OSError as error:
                    self.problem = self._said(error)
                    raise LedgerFull(self.problem) from None

    def _hidden(self, row: Mapping[str, object]) -> dict[str, object]:
        """A row without secrets. Each text is hidden by itself: the name of a field here says nothing about it."""
        hide = self._secrets.hide
        inner = {name: self._hidden(value) for name, value in row.items() if isinstance(value, dict)}
        return {name: hide(value) if isinstance(value, str) else value for name, value in row.items()} | inner

    def _said(self, error: OSError) -> str:
        return f"--ledger: {self.path} cannot be written ({error.strerror})"
