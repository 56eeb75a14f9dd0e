"""Numbered migrations: a state file of this build opens in the next one.

The engine and each API have migrations of their own, numbered from 1. The file lists those that it has gone through,
each with a digest of its script and the build that ran it. So a file of a newer build is refused with the build that
can read it; and so is a file whose tables differ because somebody changed a script in place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import apsw

from twosignal_mock.engine.store._interface import StateError
from twosignal_mock.engine.store._tables import Tables
from twosignal_mock.engine.store.sqlite import _accounts

NUMBERED = 1
"""The `user_version` of a file whose migrations are numbered. Older builds wrote a checksum of their tables there."""

_LIST = """
CREATE TABLE migration (
    part TEXT NOT NULL, number INTEGER NOT NULL, digest TEXT NOT NULL, build TEXT NOT NULL,
    PRIMARY KEY (part, number)
) WITHOUT ROWID;
"""


class _Row(NamedTuple):
    """A migration that a file has gone through."""

    part: str
    number: int
    digest: str
    build: str


def create_list(connection: apsw.Connection) -> None:
    """Makes the list in a new state."""
    connection.execute(_LIST)
    connection.pragma("user_version", NUMBERED)


def scripts_of(apis: Iterable[Tables[Any]]) -> Mapping[str, Sequence[str]]:
    """The migrations of the engine and of each API, by name."""
    return {_accounts.NAME: _accounts.MIGRATIONS, **{api.name: api.sqlite.migrations for api in apis}}


def check_migrations(connection: apsw.Connection, scripts: Mapping[str, Sequence[str]], name: str) -> None:
    """Raises StateError when this build cannot read the state called `name`; nothing is changed."""
    found = connection.pragma("user_version")
    if found != NUMBERED:
        raise StateError(
            f"{name} was written by another version of twosignal-mock, from before its tables had numbers (schema "
            f"{found}): only the build that wrote it can read it; use that one, or name a new file with --state"
        )
    for row in _rows(connection):
        known = scripts.get(row.part, ())
        if row.number > len(known):
            raise StateError(
                f"{name} was written by another version of twosignal-mock, {row.build} (schema {row.number} of "
                f"{row.part!r}; this version, {_build()}, knows {len(known)}): use {row.build} or a newer one, or name "
                "a new file with --state"
            )
        if row.digest != _digest(known[row.number - 1]):
            raise StateError(
                f"{name} was written by another version of twosignal-mock, a build of {row.build} with other tables "
                f"(schema {row.number} of {row.part!r}): use that build, or name a new file with --state"
            )


def migrate(connection: apsw.Connection, scripts: Mapping[str, Sequence[str]]) -> None:
    """Runs the migrations that a state has not gone through yet: all of them, or none."""
    done = {(row.part, row.number) for row in _rows(connection)}
    for part, each in scripts.items():
        for number, script in enumerate(each, start=1):
            if (part, number) not in done:
                connection.execute(script)
                row = _Row(part, number, _digest(script), _build())
                connection.execute("INSERT INTO migration (part, number, digest, build) VALUES (?, ?, ?, ?)", row)


def _rows(connection: apsw.Connection) -> list[_Row]:
    """All migrations of a state, the newest of each part first: what is refused for it tells the newest build."""
    rows = connection.execute("SELECT part, number, digest, build FROM migration ORDER BY part, number DESC")
    return [_Row(str(part), int(str(number)), str(digest), str(build)) for part, number, digest, build in rows]


def _digest(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()


def _build() -> str:
    """The version of this package."""
    try:
        return version("twosignal-contract")
    except PackageNotFoundError:
        return "unknown"
