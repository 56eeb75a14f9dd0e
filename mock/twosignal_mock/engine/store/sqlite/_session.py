"""What a work gets: the repositories of one project on one connection. A new resource adds one row to REPOSITORIES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import apsw

from twosignal_mock.engine.store.sqlite import _accounts, _routing, _scores, _sessions, _templates, _traces
from twosignal_mock.engine.store.sqlite._accounts import SqliteAccounts
from twosignal_mock.engine.store.sqlite._routing import SqliteRoutingConfigs
from twosignal_mock.engine.store.sqlite._rows import SqliteRows, rows_class
from twosignal_mock.engine.store.sqlite._scores import SqliteScores
from twosignal_mock.engine.store.sqlite._sessions import SqliteSessions
from twosignal_mock.engine.store.sqlite._templates import SqliteTemplates
from twosignal_mock.engine.store.sqlite._traces import SqliteTraces


class Repository(NamedTuple):
    """One resource in the store."""

    name: str
    """The attribute of Transaction and Reader."""
    make: Callable[[apsw.Connection, int], Any]
    schema: str
    """Statements that make its tables; every table that holds rows of a project has an indexed column `project`."""
    tables: tuple[str, ...]
    """Those tables: what a snapshot copies, an export holds and a drop removes."""
    derived: Mapping[str, str] = MappingProxyType({})
    """Tables that follow from the others, and the statement that makes their rows for a project."""


REPOSITORIES = (
    Repository("accounts", SqliteAccounts, _accounts.SCHEMA, _accounts.TABLES),
    Repository("traces", SqliteTraces, _traces.SCHEMA, _traces.TABLES, _traces.DERIVED),
    Repository("scores", SqliteScores, _scores.SCHEMA, _scores.TABLES),
    Repository("templates", SqliteTemplates, _templates.SCHEMA, _templates.TABLES),
    Repository("routing", SqliteRoutingConfigs, _routing.SCHEMA, _routing.TABLES),
    Repository("sessions", SqliteSessions, _sessions.SCHEMA, _sessions.TABLES),
)

SCHEMA = "".join(repository.schema for repository in REPOSITORIES)
TABLES = tuple(table for repository in REPOSITORIES for table in repository.tables)
DERIVED = {table: make for repository in REPOSITORIES for table, make in repository.derived.items()}


class Session:
    """A Transaction, or a Reader, of one project. Repositories are made when they are first asked for."""

    accounts: SqliteAccounts
    traces: SqliteTraces
    scores: SqliteScores
    templates: SqliteTemplates
    routing: SqliteRoutingConfigs
    sessions: SqliteSessions
    rows: SqliteRows

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self.connection = connection
        self.project = project


class _Lazy:
    """An attribute that is made when it is first asked for, and stands in the object from then on."""

    def __init__(self, name: str, make: Callable[[apsw.Connection, int], Any]) -> None:
        self._name = name
        self._make = make

    def __get__(self, session: Session, _: type[Session]) -> Any:
        repository = session.__dict__[self._name] = self._make(session.connection, session.project)
        return repository


for _repository in REPOSITORIES:
    setattr(Session, _repository.name, _Lazy(_repository.name, _repository.make))
Session.rows = _Lazy("rows", rows_class(TABLES, DERIVED))  # type: ignore[assignment]  # which gives one
