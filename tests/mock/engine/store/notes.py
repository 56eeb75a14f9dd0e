"""What a small API keeps: notes in the order in which they came, and marks by name. The engine is tested with it."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple, Protocol

import apsw
from twosignal_mock.engine.store import JsonText, MadeOnce, RecordSet, SqliteTables, Tables, Transaction


class Note(NamedTuple):
    """A text; several may have one id."""

    id: str
    text: str = ""


class Mark(NamedTuple):
    """A value of any kind, by its name."""

    name: str
    any_value: JsonText = "{}"


class Notes(Protocol):
    """The repository of notes."""

    def add(self, *notes: Note) -> None: ...

    def all(self) -> Sequence[Note]: ...

    def texts(self) -> Sequence[str]: ...


class Marks(Protocol):
    """The repository of marks."""

    def put(self, *marks: Mark) -> None: ...

    def all(self) -> Sequence[Mark]: ...


class Repositories(Protocol):
    """What a transaction gives this API."""

    @property
    def notes(self) -> Notes: ...

    @property
    def marks(self) -> Marks: ...


class _SqliteNotes:
    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def add(self, *notes: Note) -> None:
        self._connection.executemany("INSERT INTO note VALUES (?, ?, ?)", [(self._project, *note) for note in notes])
        texts = [(self._project, note.text) for note in notes]
        self._connection.executemany("INSERT OR IGNORE INTO note_text VALUES (?, ?)", texts)

    def all(self) -> Sequence[Note]:
        rows = self._connection.execute("SELECT id, text FROM note WHERE project = ? ORDER BY rowid", (self._project,))
        return [Note(str(id_), str(text)) for id_, text in rows]

    def texts(self) -> Sequence[str]:
        rows = self._connection.execute("SELECT text FROM note_text WHERE project = ? ORDER BY text", (self._project,))
        return [str(text) for (text,) in rows]


class _SqliteMarks:
    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def put(self, *marks: Mark) -> None:
        rows = [(self._project, *mark) for mark in marks]
        self._connection.executemany("INSERT OR REPLACE INTO mark VALUES (?, ?, ?)", rows)

    def all(self) -> Sequence[Mark]:
        rows = self._connection.execute(
            "SELECT name, value FROM mark WHERE project = ? ORDER BY name", (self._project,)
        )
        return [Mark(str(name), str(value)) for name, value in rows]


class _SqliteRepositories:
    notes = MadeOnce(_SqliteNotes)
    marks = MadeOnce(_SqliteMarks)

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self.connection = connection
        self.project = project


NOTES: Tables[Repositories] = Tables(
    name="notes",
    export_version=1,
    record_sets=(
        RecordSet(
            "notes", Note, lambda all_: all_.notes.all(), lambda all_, new: all_.notes.add(*new), attrgetter("id")
        ),
        RecordSet(
            "marks", Mark, lambda all_: all_.marks.all(), lambda all_, new: all_.marks.put(*new), attrgetter("name")
        ),
    ),
    sqlite=SqliteTables(
        migrations=(
            """
CREATE TABLE note (project INTEGER NOT NULL, id TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX note_by_project ON note (project);
CREATE TABLE note_text (project INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (project, text)) WITHOUT ROWID;
CREATE TABLE mark (
    project INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (project, name)
) WITHOUT ROWID;
""",
        ),
        tables=("note", "mark"),
        repositories=_SqliteRepositories,
        derived={"note_text": "INSERT INTO note_text SELECT DISTINCT project, text FROM note WHERE project = ?"},
    ),
)


def marks_of(transaction: Transaction) -> Sequence[Mark]:
    """All marks of a project."""
    return transaction.of(NOTES).marks.all()


def notes_of(transaction: Transaction) -> Sequence[Note]:
    """All notes of a project."""
    return transaction.of(NOTES).notes.all()
