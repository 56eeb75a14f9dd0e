"""What a work gets: one project's repositories on one connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from twosignal_mock.engine.store._connection import Connection
from twosignal_mock.engine.store._tables import Tables
from twosignal_mock.engine.store.sqlite._accounts import SqliteAccounts
from twosignal_mock.engine.store.sqlite._rows import RowTables, SqliteRows

R = TypeVar("R")


class SqliteTransaction:
    """A Transaction. It makes repositories when they are first asked for."""

    __slots__ = ("_connection", "_made", "_project", "_tables")

    def __init__(self, connection: Connection, tables: RowTables, project: int) -> None:
        self._connection = connection
        self._tables = tables
        self._project = project
        self._made: dict[str, Any] = {}

    @property
    def accounts(self) -> SqliteAccounts:
        """Projects, keys, users and snapshots."""
        return SqliteAccounts(self._connection)

    @property
    def rows(self) -> SqliteRows:
        """The project's rows, whatever they mean."""
        return SqliteRows(self._connection, self._project, self._tables)

    def of(self, tables: Tables[R]) -> R:
        """The repositories of an API, the same ones for as long as the transaction lasts."""
        made: R | None = self._made.get(tables.name)
        if made is None:
            made = self._made[tables.name] = tables.sqlite.repositories(self._connection, self._project)
        return made

    def on(self, project: int) -> SqliteTransaction:
        """The same unit of work on another project of the sandbox, by its number."""
        return SqliteTransaction(self._connection, self._tables, project)


class MadeOnce(Generic[R]):
    """An attribute of an API's repositories: the repository is made when it is first asked for, and stays.

    Most transactions need one of five. From the second time on Python finds it in the object, and nothing is called.
    """

    def __init__(self, make: Callable[[Connection, int], R]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, repositories: None, owner: type) -> MadeOnce[R]: ...

    @overload
    def __get__(self, repositories: Any, owner: type) -> R: ...

    def __get__(self, repositories: Any, owner: type) -> MadeOnce[R] | R:
        if repositories is None:
            return self
        made = self._make(repositories.connection, repositories.project)
        repositories.__dict__[self._name] = made
        return made
