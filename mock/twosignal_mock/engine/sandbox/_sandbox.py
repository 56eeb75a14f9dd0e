"""A sandbox: everything that belongs to one project beside its rows. It is made when the project first calls.

For one event loop: nothing here is locked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from hashlib import blake2b

from twosignal_contract import Contract

from twosignal_mock.engine.api import Project
from twosignal_mock.engine.sandbox._clock import Clock, ClockStart
from twosignal_mock.engine.sandbox._delays import Delay
from twosignal_mock.engine.sandbox._dropped import DroppedSandboxes
from twosignal_mock.engine.sandbox._fault import ErrorCatalogue
from twosignal_mock.engine.sandbox._fault_rules import Faults
from twosignal_mock.engine.sandbox._journal import Journal
from twosignal_mock.engine.sandbox._ledger import LEDGER_SIZE, Ledger
from twosignal_mock.engine.sandbox._rate import RateWindow
from twosignal_mock.engine.store import key_digest

JOURNAL_SIZE = 1000
"""Entries, when nobody says otherwise."""


_VARIANTS = "89ab"
"""The first digit of a UUID's fourth group (RFC 9562 section 4.1)."""


class IdSource:
    """Gives UUIDs in the shape of version 4."""

    __slots__ = ("_count", "_hash")

    def __init__(self, seed: int, sandbox: str, salt: str = "") -> None:
        self._hash = blake2b(repr((seed, sandbox, salt)).encode(), digest_size=16)
        self._count = 0

    def __call__(self) -> str:
        """The next id."""
        self._count += 1
        digest = self._hash.copy()
        digest.update(self._count.to_bytes(8))
        text = digest.hexdigest()
        variant = _VARIANTS[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def branch(self, salt: str) -> None:
        """Go on with other ids, after an import of rows that may hold the ids that would be next."""
        self._hash.update(salt.encode())


class Sandbox:
    """The clock, limits, faults, journal, ledger and ids of one project."""

    __slots__ = ("_limits", "_ordinals", "_rates", "_windows", "clock", "faults", "ids", "journal", "ledger", "project")

    def __init__(
        self,
        project: Project,
        *,
        clock: Clock,
        faults: Faults,
        journal: Journal,
        ledger: Ledger,
        ids: IdSource,
        rates: Mapping[str, tuple[int, int]],
        limits: bool,
    ) -> None:
        self.project = project
        self.clock = clock
        self.faults = faults
        self.journal = journal
        self.ledger = ledger
        self.ids = ids
        self._rates = rates
        self._limits = limits
        self._windows: dict[tuple[str, str], RateWindow] = {}
        self._ordinals: dict[str, int] = {}

    def sharing(self, project: Project) -> Sandbox:
        """What another project has that shares this sandbox: all of it but the project."""
        shared = copy(self)
        shared.project = project
        return shared

    def uses(self) -> Mapping[str, int]:
        """When each key was last used in this run: its digest to milliseconds since 1970."""
        uses: dict[str, int] = {}
        for (_, key), window in self._windows.items():
            if window.last is not None:
                digest = key_digest(key)
                uses[digest] = max(uses.get(digest, 0), window.last // 1000)
        return uses

    def window(self, api: str, key: str) -> RateWindow | None:
        """The rate window of one of the project's keys with an API; None when the project's plan has no limit there."""
        window = self._windows.get((api, key))
        if window is None and (rate := self._rates.get(api)) is not None:
            window = self._windows[api, key] = RateWindow(*rate, refuses=self._limits)
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
    """The sandboxes of a server, one for each project, made when they are first used."""

    def __init__(
        self,
        contracts: Sequence[Contract],
        *,
        seed: int = 0,
        clock: ClockStart | None = None,
        limits: bool = True,
        latency: Delay | None = None,
        journal_size: int = JOURNAL_SIZE,
        ledger_size: int = LEDGER_SIZE,
        salt: str = "",
        find_project: Callable[[str], Project | None] = lambda _id: None,
    ) -> None:
        """`find_project`: by its id, a project whose sandbox others share.

        `salt` tells the runs on one state apart, so that no run gives the ids of another; empty for a new state.
        """
        self._find_project = find_project
        self._contracts = tuple(contracts)
        self._seed = seed
        self._clock = clock or ClockStart()
        self._limits = limits
        self._latency = latency
        self._journal_size = journal_size
        self._ledger_size = ledger_size
        self._salt = salt
        self._catalogues: dict[str, ErrorCatalogue] = {}
        for contract in self._contracts:
            self._catalogues |= dict.fromkeys(contract.operations, ErrorCatalogue(contract.errors))
        self._of_number: dict[int, Sandbox] = {}
        self._of_id: dict[str, Sandbox] = {}
        self.dropped = DroppedSandboxes()
        """What is left of those that were dropped."""

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Sandbox]:
        return iter(tuple(sandbox for sandbox in self._of_id.values() if not sandbox.project.home))

    def of(self, project: Project) -> Sandbox:
        """The sandbox of a project. A request asks once, when its key was found."""
        sandbox = self._of_number.get(project.number)
        return sandbox if sandbox is not None else self._find(project)

    def by_id(self, project_id: str) -> Sandbox | None:
        """The sandbox of a project that called before; None otherwise."""
        return self._of_id.get(project_id)

    def drop(self, project_id: str) -> bool:
        """Forget a sandbox but for its journal; whether there was one. With it goes what other projects share of it."""
        sandbox = self._of_id.pop(project_id, None)
        if sandbox is None:
            return False
        del self._of_number[sandbox.project.number]
        if not sandbox.project.home:
            self.dropped.keep(sandbox.project, sandbox.clock.kind, sandbox.journal)
            for other in [each for each, found in self._of_id.items() if found.project.home == project_id]:
                self.drop(other)
        return True

    def drop_unknown(self) -> None:
        """Forget what projects had that shared a sandbox, and are gone."""
        for sandbox in [each for each in self._of_id.values() if each.project.home]:
            if self._find_project(sandbox.project.id) is None:
                self.drop(sandbox.project.id)

    def _find(self, project: Project) -> Sandbox:
        sandbox = self._of_id.get(project.id)
        if sandbox is None:
            return self._make(project)
        if sandbox.project.number < project.number:
            # Its rows were replaced (a snapshot was restored): they have a new number, and all else goes on.
            del self._of_number[sandbox.project.number]
            sandbox.project = project
            self._of_number[project.number] = sandbox
        # Otherwise the request came before rows were replaced: it belongs to the rows that are there now.
        return sandbox

    def _make(self, project: Project) -> Sandbox:
        home = self._find_project(project.home) if project.home else None
        if home is not None:
            shared = self._of_number[project.number] = self._of_id[project.id] = self.of(home).sharing(project)
            return shared
        sandbox = Sandbox(
            project,
            clock=self._clock.make(),
            faults=Faults(self._catalogues, self._seed, project.name, self._latency),
            journal=Journal(self._journal_size),
            ledger=Ledger(self._ledger_size),
            ids=IdSource(self._seed, project.name, self._salt),
            rates={
                contract.api.name: (contract.plans[project.plan], contract.rate_limit.window)
                for contract in self._contracts
                if contract.rate_limit.window and project.plan in contract.plans
            },
            limits=self._limits,
        )
        self._of_number[project.number] = self._of_id[project.id] = sandbox
        return sandbox
