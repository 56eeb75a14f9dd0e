"""What a person sees while a run goes on: a live line on a terminal, elsewhere a line for each thing that ended."""

from __future__ import annotations

import threading
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from twosignal_conformance.engine.judgement import Judge, Outcome, ScenarioRun
from twosignal_conformance.engine.reports._wording import OUTCOMES, way_of
from twosignal_conformance.engine.texts import SHOWN, one_line


class _LiveLine:
    """How far a run is, how much is violated, and what is going on; nothing where the console is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: Progress | None = None
        self._task = TaskID(0)

    @property
    def on(self) -> bool:
        """True while it is shown."""
        return self._shown is not None

    def start(self, total: int) -> None:
        """Show it, if the console is a terminal."""
        if not self._console.is_terminal:
            return
        columns = (
            SpinnerColumn(),
            BarColumn(bar_width=18),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[broken]}", style="red"),
            TextColumn("{task.description}", markup=False),
        )
        self._shown = Progress(*columns, console=self._console, transient=True)
        self._task = self._shown.add_task("", total=total, broken="")
        self._shown.start()

    def update(self, *, advance: int = 0, description: str | None = None, broken: str = "") -> None:
        """Show something else."""
        if self._shown is not None:
            self._shown.update(self._task, advance=advance, description=description, broken=broken)

    def close(self) -> None:
        """Take it away."""
        if self._shown is not None:
            self._shown.stop()
            self._shown = None


class CheckProgress:
    """Shows the checks of a run about a server; see judgement.Progress."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = _LiveLine(console)
        self._broken = 0
        self._began = 0.0

    def planned(self, checks: int, note: str = "") -> None:
        """See Progress."""
        if note:
            self._console.print(note, style="dim", markup=False)
        self._live.start(checks)

    def started(self, check: str) -> None:
        """See Progress."""
        self._began = time.monotonic()
        self._live.update(description=_sentence(check), broken=self._told)

    def ended(self, judge: Judge) -> None:
        """See Progress."""
        self._broken += len({record.clause for record in judge.violations})
        self._live.update(advance=1, broken=self._told)
        if not self._live.on:
            seconds = time.monotonic() - self._began
            self._console.print(f"{_word(judge):9}{judge.name}  {seconds:.2f} s", markup=False)

    def close(self) -> None:
        """Take the live line away."""
        self._live.close()

    @property
    def _told(self) -> str:
        return f"{self._broken} violated" if self._broken else ""


class ScenarioProgress:
    """Shows the scenarios of a run about a client, which may run at once, in threads."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = _LiveLine(console)
        self._lock = threading.Lock()
        self._running: list[str] = []
        self._ways: dict[str, str] = {}
        """How scenarios ended, each with the first that did."""

    def planned(self, scenarios: int) -> None:
        """So many scenarios will run."""
        self._live.start(scenarios)

    def started(self, name: str) -> None:
        """This scenario runs now."""
        with self._lock:
            self._running.append(name)
            self._live.update(description=", ".join(self._running))

    def ended(self, row: ScenarioRun) -> None:
        """It ended. A terminal shows no line for one that went well."""
        with self._lock:
            if row.name in self._running:
                self._running.remove(row.name)
            self._live.update(advance=1, description=", ".join(self._running))
            if not self._live.on or row.outcome is not Outcome.DONE:
                detail = f"  {self._told(row)}" if row.detail else ""
                self._console.print(Text(f"{OUTCOMES[row.outcome][1]:14}{row.name}  {row.seconds:.2f} s{detail}"))

    def _told(self, row: ScenarioRun) -> str:
        """How it ended: once for all scenarios that end in the same way, as they do when the command cannot start."""
        first = self._ways.setdefault(way_of(row), row.name)
        return one_line(row.detail, SHOWN) if first == row.name else f"as {first}"

    def close(self) -> None:
        """Take the live line away."""
        self._live.close()


def _word(judge: Judge) -> str:
    """What became of a check, in one word."""
    states = (("error", judge.crashed), ("violated", judge.violations), ("done", judge.decided or not judge.clauses))
    return next((word for word, holds in states if holds), "untested")


def _sentence(check: str) -> str:
    """A check's name as the sentence it is."""
    return check.partition("::")[2].removeprefix("test_").replace("_", " ")
