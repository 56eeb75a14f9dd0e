"""What a work gets: the repositories of one project on one connection. A new resource adds one row to REPOSITORIES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import apsw

from twosignal_mock.store.sqlite import _accounts, _routing, _scores, _sessions, _templates, _traces
from twosignal_mock.store.sqlite._accounts import SqliteAccounts
from twosignal_mock.store.sqlite._routing import SqliteRoutingConfigs
from twosignal_mock.store.sqlite._rows import SqliteRows, rows_class
from twosignal_mock.store.sqlite._scores import SqliteScores
from twosignal_mock.store.sqlite._sessions import SqliteSessions
from twosignal_mock.store.sqlite._templates import SqliteTemplates
from twosignal_mock.store.sqlite._traces import SqliteTraces


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
        self._connection = connection
        self._project = project

    def __getattr__(self, name: str) -> Any:
        make = _MAKERS.get(name)
        if make is None:
            raise AttributeError(name)
        repository = make(self._connection, self._project)
        setattr(self, name, repository)
        return repository


_MAKERS: dict[str, Callable[[apsw.Connection, int], Any]] = {
    **{repository.name: repository.make for repository in REPOSITORIES},
    "rows": rows_class(TABLES, DERIVED),
}
