"""A sandbox: everything that belongs to one project beside its rows. `Sandboxes` makes one when a project first calls.

For one event loop: nothing here is locked.
"""

from __future__ import annotations

from collections.abc import Iterator

from twosignal_contract import Contract

from twosignal_mock.engine.api import Project
from twosignal_mock.engine.sandbox._clock import Clock, ClockStart
from twosignal_mock.engine.sandbox._fault import ErrorCatalogue
from twosignal_mock.engine.sandbox._faults import Faults
from twosignal_mock.engine.sandbox._ids import IdSource
from twosignal_mock.engine.sandbox._journal import Journal
from twosignal_mock.engine.sandbox._ledger import LEDGER_SIZE, Ledger
from twosignal_mock.engine.sandbox._rate import RateWindow

JOURNAL_SIZE = 1000
"""Entries, when nobody says otherwise."""


class Sandbox:
    """The clock, limits, faults, journal, ledger and ids of one project."""

    __slots__ = ("_limits", "_ordinals", "_rate", "_windows", "clock", "faults", "ids", "journal", "ledger", "project")

    def __init__(
        self,
        project: Project,
        *,
        clock: Clock,
        faults: Faults,
        journal: Journal,
        ledger: Ledger,
        ids: IdSource,
        rate: tuple[int, int],
        limits: bool,
    ) -> None:
        self.project = project
        self.clock = clock
        self.faults = faults
        self.journal = journal
        self.ledger = ledger
        self.ids = ids
        self._rate = rate
        self._limits = limits
        self._windows: dict[str, RateWindow] = {}
        self._ordinals: dict[str, int] = {}

    def window(self, key: str) -> RateWindow:
        """The rate window of one of the project's keys, named by its digest."""
        window = self._windows.get(key)
        if window is None:
            limit, seconds = self._rate
            window = self._windows[key] = RateWindow(limit, seconds, refuses=self._limits)
        return window

    def next_ordinal(self, operation_id: str) -> int:
        """The number of this request among those of its operation, from 1."""
        ordinal = self._ordinals.get(operation_id, 0) + 1
        self._ordinals[operation_id] = ordinal
        return ordinal

    def new_id(self) -> str:
        """A fresh UUID."""
        return self.ids()


class Sandboxes:
    """The sandboxes of a server, one for each project, made on first use."""

    __slots__ = (
        "_catalogue",
        "_clock",
        "_contract",
        "_journal_size",
        "_ledger_size",
        "_limits",
        "_of_id",
        "_of_number",
        "_salt",
        "_seed",
    )

    def __init__(
        self,
        contract: Contract,
        *,
        seed: int = 0,
        clock: ClockStart | None = None,
        limits: bool = True,
        journal_size: int = JOURNAL_SIZE,
        ledger_size: int = LEDGER_SIZE,
        salt: str = "",
    ) -> None:
        self._contract = contract
        self._seed = seed
        self._clock = clock or ClockStart()
        self._limits = limits
        self._journal_size = journal_size
        self._ledger_size = ledger_size
        # A server that finds an older state must not give the ids again which that state holds: the salt tells its runs
        # apart (empty for a fresh state).
        self._salt = salt
        self._catalogue = ErrorCatalogue(contract)
        self._of_number: dict[int, Sandbox] = {}
        self._of_id: dict[str, Sandbox] = {}

    def __len__(self) -> int:
        return len(self._of_id)

    def __iter__(self) -> Iterator[Sandbox]:
        return iter(tuple(self._of_id.values()))

    def of(self, project: Project) -> Sandbox:
        """The sandbox of a project; ask once for a request, when its key was found, and keep the answer."""
        sandbox = self._of_number.get(project.number)
        return sandbox if sandbox is not None else self._find(project)

    def by_id(self, project_id: str) -> Sandbox | None:
        """The sandbox of a project that called before; None otherwise."""
        return self._of_id.get(project_id)

    def drop(self, project_id: str) -> bool:
        """Forget a sandbox; whether there was one."""
        sandbox = self._of_id.pop(project_id, None)
        if sandbox is None:
            return False
        del self._of_number[sandbox.project.number]
        return True

    def _find(self, project: Project) -> Sandbox:
        sandbox = self._of_id.get(project.id)
        if sandbox is None:
            return self._make(project)
        if sandbox.project.number < project.number:
            # Its rows were replaced (a snapshot was restored): they have a new number, and all else goes on.
            del self._of_number[sandbox.project.number]
            sandbox.project = project
            self._of_number[project.number] = sandbox
        # Otherwise this is a request that came before rows were replaced: it belongs to what is there now.
        return sandbox

    def _make(self, project: Project) -> Sandbox:
        sandbox = Sandbox(
            project,
            clock=self._clock.make(),
            faults=Faults(self._contract, self._seed, project.name, self._catalogue),
            journal=Journal(self._journal_size),
            ledger=Ledger(self._ledger_size),
            ids=IdSource(self._seed, project.name, self._salt),
            rate=(self._contract.plans.get(project.plan, 0), self._contract.rate_limit.window),
            limits=self._limits,
        )
        self._of_number[project.number] = self._of_id[project.id] = sandbox
        return sandbox
