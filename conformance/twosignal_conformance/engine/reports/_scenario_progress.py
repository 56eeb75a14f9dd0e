"""What a person sees while a client is judged: which scenarios run now, and how each ended."""

from __future__ import annotations

import threading

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from twosignal_conformance.engine.judgement import Outcome, ScenarioRun
from twosignal_conformance.engine.reports._scenarios import OUTCOMES


class ScenarioProgress:
    """Live on a terminal; elsewhere a line for each scenario. Scenarios may run at once, in threads."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._running: list[str] = []
        self._live: Progress | None = None
        self._task = TaskID(0)

    def planned(self, scenarios: int) -> None:
        """So many scenarios will run."""
        if self._console.is_terminal:
            columns = (
                SpinnerColumn(),
                BarColumn(bar_width=18),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.description}", markup=False),
            )
            self._live = Progress(*columns, console=self._console, transient=True)
            self._task = self._live.add_task("", total=scenarios)
            self._live.start()

    def started(self, name: str) -> None:
        """This scenario runs now."""
        with self._lock:
            self._running.append(name)
            self._show()

    def ended(self, row: ScenarioRun) -> None:
        """It ended; what went well is not told on a terminal."""
        with self._lock:
            if row.name in self._running:
                self._running.remove(row.name)
            if self._live is not None:
                self._live.advance(self._task)
                self._show()
            if self._live is None or row.outcome is not Outcome.DONE:
                detail = f"  {row.detail}" if row.detail else ""
                word = OUTCOMES[row.outcome][1]
                self._console.print(Text(f"{word:14}{row.name}  {row.seconds:.2f} s{detail}"))

    def close(self) -> None:
        """Take the live line away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _show(self) -> None:
        if self._live is not None:
            self._live.update(self._task, description=", ".join(self._running))


def announce_client(console: Console, command: str, *, scenarios: int, mock: str) -> None:
    """Before the first scenario: who is judged, and against which mock (its address, or that it is our own)."""
    console.print(Text.assemble(("judging ", "dim"), (command, "bold")))
    console.print(f"{scenarios} scenarios against {mock}; several run at once", style="dim", markup=False)
