"""The store: one narrow interface, its errors beside it. Every implementation passes tests/mock/store/contract.

All rows belong to a project's number. Check and change happen in one write; what a write returned is on disk.
A repository (traces, scores, ...) is bound to one project and lives as long as its transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeVar

from twosignal_mock.contract import RoutingConfig
from twosignal_mock.store._accounts import KeyRecord, ProjectRecord, SnapshotRecord, UserRecord
from twosignal_mock.store._records import ListedTrace, ScoreRecord, SpanRecord, TraceQuery, TraceRecord
from twosignal_mock.store._session_records import SessionRecord
from twosignal_mock.store._template_records import TemplateRecord, TemplateVersionRecord

T = TypeVar("T")


class StoreError(Exception):
    """The store could not do it: disk full, file read-only, I/O error. Nothing of the work was kept."""


class StateError(Exception):
    """The state file cannot be used: unreadable, not ours, of another schema version, or opened by another process."""


# --- traces and spans -------------------------------------------------------------------------------------------------


class TraceReader(Protocol):
    """The traces of a project."""

    def find(self, trace: str) -> TraceRecord | None:
        """The trace with this id, listed or not."""
        ...

    def spans(self, trace: str) -> Sequence[SpanRecord]:
        """All spans of a trace, by start and id."""
        ...

    def page(self, query: TraceQuery) -> Sequence[ListedTrace]:
        """The first listed traces that the query asks for, in the order of (place, id)."""
        ...

    def has_span(self, trace: str, name: str) -> bool:
        """Whether a span of the trace has this id, or came in an event with this id."""
        ...


class Traces(TraceReader, Protocol):
    """The traces of a project, to be changed."""

    def claim(self, events: Sequence[str]) -> Container[int]:
        """At which indexes of `events` stand ids that are new in the project; from now on they are not."""
        ...

    def add_spans(self, spans: Sequence[SpanRecord]) -> Container[int]:
        """At which indexes of `spans` stand those that are new in their traces, and kept; others leave all as it is."""
        ...

    def save(self, *traces: TraceRecord) -> None:
        """Keeps traces, each once, as they are now: those that `find` gave in this transaction, and new ones."""
        ...

    def count_score(self, trace: str) -> None:
        """Raises the number of scores of a trace by one."""
        ...


# --- scores -----------------------------------------------------------------------------------------------------------


class ScoreReader(Protocol):
    """The scores of a project."""

    def of_trace(self, trace: str) -> Sequence[ScoreRecord]:
        """The scores of a trace and its spans, oldest first."""
        ...


class Scores(ScoreReader, Protocol):
    """The scores of a project, to be changed."""

    def add(self, score: ScoreRecord) -> None:
        """Keeps a score."""
        ...


# --- what stands above the projects -----------------------------------------------------------------------------------


class Accounts(Protocol):
    """Projects, keys, users and snapshots; not bound to a project."""

    def projects(self) -> Sequence[ProjectRecord]:
        """All projects."""
        ...

    def api_keys(self) -> Sequence[KeyRecord]:
        """All API keys."""
        ...

    def users(self) -> Sequence[UserRecord]:
        """All users."""
        ...

    def snapshots(self) -> Sequence[SnapshotRecord]:
        """All snapshots, oldest first."""
        ...

    def next_number(self) -> int:
        """A project number that was never given out."""
        ...

    def save_project(self, project: ProjectRecord) -> None:
        """Keeps a project in place of the one with its id."""
        ...

    def save_key(self, key: KeyRecord) -> None:
        """Keeps a key in place of the one with its digest."""
        ...

    def save_user(self, user: UserRecord) -> None:
        """Keeps a new user."""
        ...

    def save_snapshot(self, snapshot: SnapshotRecord) -> None:
        """Keeps a snapshot in place of the one with its name."""
        ...

    def drop_project(self, project_id: str) -> None:
        """Forgets a project with its keys, users and snapshots; its rows stay until Rows.drop_some."""
        ...

    def drop_snapshot(self, project_id: str, name: str) -> None:
        """Forgets a snapshot; its rows stay until Rows.drop_some."""
        ...


class CopyPlace(NamedTuple):
    """How far a copy of all rows is."""

    table: int = 0
    after: tuple[Any, ...] = ()
    """What tells the last row of the table that was copied; only who copies knows what it means."""

    def next_table(self) -> CopyPlace:
        """Where the next table begins."""
        return CopyPlace(self.table + 1)


class RowsReader(Protocol):
    """The rows of a project's number in the tables of all resources, whatever they mean."""

    def export(self) -> Mapping[str, Any]:
        """All rows, ready for JSON."""
        ...

    def numbers(self) -> Sequence[int]:
        """The numbers of all projects that have rows."""
        ...


class Rows(RowsReader, Protocol):
    """The same, to be changed."""

    def copy_some(self, number: int, place: CopyPlace, most: int) -> CopyPlace | None:
        """Adds a copy of at most `most` rows of another number, from a place on; where to go on, None: nowhere."""
        ...

    def load(self, exported: Mapping[str, Any]) -> None:
        """Adds what `export` gave. Raises ValueError when it is not that."""
        ...

    def drop_some(self, most: int) -> bool:
        """Removes at most so many rows; whether there may be more."""
        ...


# --- templates --------------------------------------------------------------------------------------------------------


class Templates(Protocol):
    """The prompt templates of a project, each name once."""

    def all(self) -> Sequence[TemplateRecord]:
        """By name, in the order of code points."""
        ...

    def find(self, name: str) -> TemplateRecord | None:
        """The template of this name."""
        ...

    def version(self, template_id: str, number: int) -> TemplateVersionRecord | None:
        """The version of a template that has this number."""
        ...

    def put(self, template: TemplateRecord) -> None:
        """Keeps a template, in the place of the one with its name if there is one."""
        ...

    def add_version(self, template_id: str, version: TemplateVersionRecord) -> None:
        """Keeps a further version of a template."""
        ...


# --- routing ----------------------------------------------------------------------------------------------------------


class RoutingConfigs(Protocol):
    """The model routing configurations of a project, each name once."""

    def all(self) -> Sequence[RoutingConfig]:
        """By name, in the order of code points."""
        ...

    def find(self, name: str) -> RoutingConfig | None:
        """The configuration of this name, enabled or not."""
        ...

    def put(self, config: RoutingConfig) -> None:
        """Keeps a configuration, in the place of the one with its name if there is one."""
        ...

    def delete(self, name: str) -> bool:
        """Whether there was one of this name; now there is none."""
        ...


# --- sessions ---------------------------------------------------------------------------------------------------------


class Sessions(Protocol):
    """The open sessions of the users of a project."""

    def find(self, session_id: str) -> SessionRecord | None:
        """The session of this id, if it is open."""
        ...

    def find_by_refresh(self, digest: str) -> SessionRecord | None:
        """The open session whose present refresh token has this SHA-256 digest, in hexadecimal digits."""
        ...

    def put(self, session: SessionRecord) -> None:
        """Keeps a session, in the place of the one with its id if there is one."""
        ...

    def end(self, session_id: str) -> None:
        """Ends a session; one that is not open stays so."""
        ...

    def end_expired(self, now: int) -> None:
        """Ends those whose refresh token expired at `now` (milliseconds since 1970) or before."""
        ...


# --- the store --------------------------------------------------------------------------------------------------------


class Reader(Protocol):
    """What may be read in a project."""

    # Each resource adds its repository here.

    @property
    def traces(self) -> TraceReader:
        """Its traces."""
        ...

    @property
    def scores(self) -> ScoreReader:
        """Its scores."""
        ...

    @property
    def accounts(self) -> Accounts:
        """What stands above the projects."""
        ...

    @property
    def rows(self) -> RowsReader:
        """Its rows, whatever they mean."""
        ...

    @property
    def templates(self) -> Templates:
        """Prompt templates."""
        ...

    @property
    def routing(self) -> RoutingConfigs:
        """Model routing configurations."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Open sessions."""
        ...


class Transaction(Reader, Protocol):
    """What may be changed in a project; all of it is kept or nothing."""

    @property
    def traces(self) -> Traces:
        """Its traces."""
        ...

    @property
    def scores(self) -> Scores:
        """Its scores."""
        ...

    @property
    def rows(self) -> Rows:
        """Its rows, whatever they mean."""
        ...


class Store(Protocol):
    """Where the state of all projects lives."""

    async def write(self, project: int, work: Callable[[Transaction], T], *, repeatable: bool = False) -> T:
        """What `work` returns, once its changes are stored; whatever it raises is raised here, and nothing is kept.

        `work` runs alone and must not block; it runs once, but a `repeatable` one perhaps again, when all that it did
        was undone. Raises StoreError when the changes cannot be stored.
        """
        ...

    def read(self, project: int, work: Callable[[Reader], T]) -> T:
        """What `work` returns on the state of all writes that were answered."""
        ...

    def hold(self, project: int) -> AbstractContextManager[None]:
        """While it lasts, writes to a project wait; those that came before are not over. Not twice at a time."""
        ...

    async def close(self) -> None:
        """Waits for the writes under way, and lets the file go."""
        ...
