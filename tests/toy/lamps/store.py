"""What the API keeps: one row for each lamp that was ever switched on."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple, Protocol

import apsw
from twosignal_mock.engine.store import RecordSet, SqliteTables, Tables


class Lamp(NamedTuple):
    """A lamp that is on."""

    id: int
    brightness: int
    colour: str


class Lamps(Protocol):
    """The repository of lamps."""

    def find(self, lamp_id: int) -> Lamp | None: ...

    def put(self, lamp: Lamp) -> None: ...

    def all(self) -> Sequence[Lamp]: ...


class _SqliteLamps:
    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection, self._project = connection, project

    def find(self, lamp_id: int) -> Lamp | None:
        return next((lamp for lamp in self.all() if lamp.id == lamp_id), None)

    def put(self, lamp: Lamp) -> None:
        self._connection.execute("INSERT OR REPLACE INTO lamp VALUES (?, ?, ?, ?)", (self._project, *lamp))

    def all(self) -> Sequence[Lamp]:
        lamps = "SELECT id, brightness, colour FROM lamp WHERE project = ? ORDER BY id"
        rows = self._connection.execute(lamps, (self._project,))
        return [Lamp(int(str(id_)), int(str(brightness)), str(colour)) for id_, brightness, colour in rows]


def _add(lamps: Lamps, records: Sequence[Lamp]) -> None:
    for lamp in records:
        lamps.put(lamp)


TABLES: Tables[Lamps] = Tables(
    name="lamps",
    export_version=1,
    record_sets=(RecordSet("lamps", Lamp, lambda lamps: lamps.all(), _add, attrgetter("id")),),
    sqlite=SqliteTables(
        migrations=(
            "CREATE TABLE lamp (project INTEGER NOT NULL, id INTEGER NOT NULL, brightness INTEGER NOT NULL, "
            "colour TEXT NOT NULL, PRIMARY KEY (project, id)) WITHOUT ROWID;",
        ),
        tables=("lamp",),
        repositories=_SqliteLamps,
    ),
)
