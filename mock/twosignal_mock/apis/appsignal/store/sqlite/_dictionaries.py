"""Actions and slow events have numbers, so that rows and sums stay small. They stay until their project is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from twosignal_mock.apis.appsignal.spans import Action, SlowEvent, action_digest
from twosignal_mock.engine.store import Connection


class KnownAction(NamedTuple):
    """An action with its number."""

    number: int
    site: int
    service: str
    namespace: str
    name: str
    digest: str


class Actions:
    """The actions of one project."""

    def __init__(self, connection: Connection, project: int) -> None:
        self._connection = connection
        self._project = project
        self._numbers: dict[Action, int] = {}
        self._known: dict[int, KnownAction] = {}

    def number(self, action: Action) -> int:
        """The number of an action, which gets one when it has none."""
        number = self._numbers.get(action)
        if number is None:
            row = (self._project, action.site, action.namespace, action.name, action.service)
            number = _number(self._connection, _FIND_ACTION, row)
            if number is None:
                number = _next(self._connection, "appsignal_action", self._project)
                self._connection.execute(_ADD_ACTION, (*row, action_digest(action), number))
            self._numbers[action] = number
        return number

    def get(self, number: int) -> KnownAction:
        """The action of a number."""
        known = self._known.get(number)
        if known is None:
            row: Any = self._connection.execute(f"{_ACTIONS} AND number = ?", (self._project, number)).fetchone()
            known = self._known[number] = KnownAction(*row)
        return known

    def of_sites(self, sites: Sequence[int]) -> Sequence[KnownAction]:
        """All actions of some sites."""
        found = []
        for site in sites:
            rows: Any = self._connection.execute(f"{_ACTIONS} AND site = ?", (self._project, site))
            found += [KnownAction(*row) for row in rows]
        self._known.update((action.number, action) for action in found)
        return found


class SlowEvents:
    """The slow events of one project."""

    def __init__(self, connection: Connection, project: int) -> None:
        self._connection = connection
        self._project = project
        self._numbers: dict[tuple[int, str], int] = {}

    def number(self, event: SlowEvent) -> int:
        """The number of a slow event, which gets one when it has none."""
        key = (event.site, event.digest)
        number = self._numbers.get(key)
        if number is None:
            number = self.find(*key)
            if number is None:
                number = _next(self._connection, "appsignal_slow_event", self._project)
                self._connection.execute(_ADD_EVENT, (self._project, number, *event))
            self._numbers[key] = number
        return number

    def find(self, site: int, digest: str) -> int | None:
        """The number of the slow event of a digest."""
        return _number(self._connection, _FIND_EVENT, (self._project, site, digest))

    def get(self, number: int) -> SlowEvent:
        """The slow event of a number."""
        row: Any = self._connection.execute(_EVENT, (self._project, number)).fetchone()
        return SlowEvent(*row)


_ACTIONS = f"SELECT {', '.join(KnownAction._fields)} FROM appsignal_action WHERE project = ?"
_FIND_ACTION = (
    "SELECT number FROM appsignal_action WHERE project = ? AND site = ? AND namespace = ? AND name = ? AND service = ?"
)
_ADD_ACTION = (
    "INSERT INTO appsignal_action (project, site, namespace, name, service, digest, number) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_FIND_EVENT = "SELECT number FROM appsignal_slow_event WHERE project = ? AND site = ? AND digest = ?"
_ADD_EVENT = "INSERT INTO appsignal_slow_event (project, number, site, digest, name, body) VALUES (?, ?, ?, ?, ?, ?)"
_EVENT = "SELECT site, digest, name, body FROM appsignal_slow_event WHERE project = ? AND number = ?"


def _number(connection: Connection, statement: str, bindings: tuple[Any, ...]) -> int | None:
    row: Any = connection.execute(statement, bindings).fetchone()
    return None if row is None else row[0]


def _next(connection: Connection, table: str, project: int) -> int:
    """The number behind the highest: one look-up in the index that begins with project and number."""
    row: Any = connection.execute(f"SELECT ifnull(max(number), 0) + 1 FROM {table} WHERE project = ?", (project,))
    ((number,),) = row.fetchall()
    return int(number)
