"""Opens SQLite and checks whose file it is; turns SQLite's errors into the store's."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from pathlib import Path

import apsw

from twosignal_mock.engine.store._connection import Connection
from twosignal_mock.engine.store._interface import StateError
from twosignal_mock.engine.store.sqlite._migrations import check_migrations, create_list, migrate

Scripts = Mapping[str, Sequence[str]]
"""The migrations of each part of the state, by its name."""

APPLICATION_ID = int.from_bytes(b"2SMK")
"""Marks a state file of ours; https://www.sqlite.org/pragma.html#pragma_application_id."""

_STATEMENTS_KEPT = 300
"""Compiled statements that a connection keeps; a resource has ten or twenty."""
_CHECKPOINT_PAGES = 4000
"""Pages in the write-ahead log (16 MB) from which on they are written back into the file. SQLite's own 1,000 are what
one group of large batches changes; the next one changes the same places of its indexes again, and they were written
back each time."""
_WAL_KEPT = 32 * 1024 * 1024
"""Bytes that the log is cut back to after a checkpoint."""

_WRITER_CACHE_KIB = 16 * 1024
"""Pages that the writer may keep. SQLite's own 2 MB hold fewer than a group of large batches changes, and those beyond
would go into the log in the middle of the transaction, to be read back and written again. More than this gains nothing
that can be measured, and takes its time to fill: memory should soon be what it will stay."""

_MOST_MEMORY = 1 << 40
"""Bytes that a state in memory may grow to; SQLite's own bound is 1 GB, about 500,000 traces."""


def open_memory(scripts: Scripts) -> Connection:
    """A new, empty state in memory.

    The name ":memory:" would do the same, but its pages never leave the page cache, and a commit looks at all that are
    there: it took 6 microseconds with 20 MB, and more with every row. A private file of the memdb VFS stays flat.
    """
    flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = Connection("file:state?vfs=memdb", flags=flags, statementcachesize=_STATEMENTS_KEPT)
    bound = ctypes.c_int64(_MOST_MEMORY)
    connection.file_control("main", apsw.SQLITE_FCNTL_SIZE_LIMIT, ctypes.addressof(bound))
    connection.pragma("journal_mode", "memory")
    connection.pragma("locking_mode", "exclusive")
    _bring_up_to_date(connection, scripts)
    return connection


def open_file(path: Path, scripts: Scripts) -> Connection:
    """The state in a file, to be changed; made when it is not there, migrated when an older build made it.

    Raises StateError, and then nothing is changed.
    """
    try:
        connection = Connection(str(path), statementcachesize=_STATEMENTS_KEPT)
    except apsw.Error as error:
        raise StateError(f"The state file {path} cannot be opened: {error}") from error
    try:
        _check(connection, path, scripts)
        _prepare(connection)
        _bring_up_to_date(connection, scripts)
    except apsw.Error as error:
        connection.close()
        raise StateError(f"The state file {path} cannot be used: {error}; name another file with --state") from error
    except StateError:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> Connection:
    """A second connection to a file that `open_file` opened, for reading only."""
    flags = apsw.SQLITE_OPEN_READONLY
    return Connection(str(path), flags=flags, statementcachesize=_STATEMENTS_KEPT)


def _check(connection: apsw.Connection, path: Path, scripts: Scripts) -> None:
    tables = connection.pragma("schema_version")
    if connection.readonly("main"):
        raise StateError(f"The state file {path} is read-only: make it writable, or name another file with --state")
    application, version = connection.pragma("application_id"), connection.pragma("user_version")
    if tables == 0 and application == 0 and version == 0:
        return
    if application != APPLICATION_ID:
        raise StateError(
            f"The state file {path} is a SQLite database of another program (application_id {application}): "
            "name another file with --state"
        )
    check_migrations(connection, scripts, f"The state file {path}")


def _prepare(connection: apsw.Connection) -> None:
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.pragma("wal_autocheckpoint", _CHECKPOINT_PAGES)
    connection.pragma("journal_size_limit", _WAL_KEPT)
    connection.pragma("cache_size", -_WRITER_CACHE_KIB)
    # What a work changes is kept aside until it is over, so that it can be undone alone: not in a file of its own.
    connection.pragma("temp_store", "memory")


def _bring_up_to_date(connection: apsw.Connection, scripts: Scripts) -> None:
    with connection:
        if connection.pragma("application_id") == 0:
            connection.pragma("application_id", APPLICATION_ID)
            create_list(connection)
        migrate(connection, scripts)
