"""Whole projects at once: snapshots, which are copies of rows, and exports, which are values of the APIs' interfaces.

An export can be imported into a store of any kind. An API's `Tables` describe what it keeps; nothing here knows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from twosignal_mock.engine.store._accounts import Project, SnapshotRecord
from twosignal_mock.engine.store._interface import CopyPosition, Store, Transaction
from twosignal_mock.engine.store._project_registry import ProjectRegistry
from twosignal_mock.engine.store._record_codec import Codec, RecordError, codec_of
from twosignal_mock.engine.store._tables import RecordSet, Tables

_FORMAT = "twosignal-mock-project"
_VERSION = 1
"""Of the frame of an export; each API has a version of its own in it."""
_PIECE = 2000
"""Rows that one write copies or adds. It takes some ten milliseconds, and other writes may have to wait for it."""


class UnknownSnapshotError(LookupError):
    """A project has no snapshot of this name."""


class ExportError(ValueError):
    """This is no export that this build can read. The message says what came and what was expected."""


class Archive:
    """What can be done with all data of a project."""

    def __init__(self, store: Store, registry: ProjectRegistry) -> None:
        self._store = store
        self._registry = registry
        self._parts = {tables.name: _Part(tables) for tables in store.tables}
        self._copying = asyncio.Lock()
        """One at a time: what is copied must not be dropped meanwhile."""

    async def snapshot(self, project: Project, name: str, now: int) -> SnapshotRecord:
        """Keeps the data under a name, in place of a snapshot that has it; `now` in milliseconds since 1970."""
        async with self._copying, self._registry.new_rows() as number:
            record = SnapshotRecord(project.id, name, number, now)
            # Reads go on meanwhile, and so does whatever others write.
            with self._store.hold(project.number):
                await self._copy(project.number, number)
                await self._store.write(number, lambda transaction: transaction.accounts.save_snapshot(record))
        return record

    async def restore(self, project: Project, name: str) -> Project:
        """The project with the data of a snapshot, under another number. Raises UnknownSnapshotError."""
        async with self._copying:
            snapshot = await self._find(project, name)
            return await self._registry.refill_project(project.id, partial(self._copy, snapshot.number))

    async def drop_snapshot(self, project: Project, name: str) -> None:
        """Forgets a snapshot. Raises UnknownSnapshotError."""
        async with self._copying:
            await self._find(project, name)
            await self._store.write(0, lambda transaction: transaction.accounts.drop_snapshot(project.id, name))
        await self._registry.sweep_left_over()

    async def snapshots(self, project: Project) -> tuple[SnapshotRecord, ...]:
        """The snapshots of a project, oldest first."""
        records = await self._store.read(0, lambda transaction: transaction.accounts.snapshots())
        return tuple(record for record in records if record.project_id == project.id)

    async def export(self, project: Project) -> Mapping[str, Any]:
        """All data of a project, ready for JSON; keys and users are not among them."""

        def work(transaction: Transaction) -> Mapping[str, Any]:
            return {name: part.export(transaction) for name, part in self._parts.items()}

        apis = await self._store.read(project.number, work)
        return {"format": _FORMAT, "version": _VERSION, "apis": apis}

    async def import_(self, project: Project, exported: Any) -> Project:
        """The project with exported data in place of its own, under another number. Raises ExportError."""
        try:
            pieces = list(self._pieces(exported))
        except RecordError as error:
            raise ExportError(str(error)) from error
        return await self._registry.refill_project(project.id, partial(self._add, pieces))

    def _pieces(self, exported: Any) -> Iterator[_Piece]:
        """What has to be added. All of it is checked before anything is written."""
        _check_fields("export", exported, {"format": _FORMAT, "version": _VERSION}, "apis")
        for name, content in exported["apis"].items():
            if name not in self._parts:
                raise RecordError("apis", name, f"one of {', '.join(self._parts)}")
            yield from self._parts[name].pieces(content)

    async def _add(self, pieces: Sequence[_Piece], target: int) -> None:
        for piece in pieces:
            await self._store.write(target, piece.add)
            await asyncio.sleep(0)

    async def _copy(self, source: int, target: int) -> None:
        """Copies all rows of a number that nobody changes meanwhile; in pieces, so that others find room between."""
        position: CopyPosition | None = CopyPosition()
        while position is not None:
            position = await self._store.write(target, partial(_copy_some, source, position))
            await asyncio.sleep(0)

    async def _find(self, project: Project, name: str) -> SnapshotRecord:
        records = await self.snapshots(project)
        for record in records:
            if record.name == name:
                return record
        known = ", ".join(record.name for record in records) or "none"
        raise UnknownSnapshotError(f"The project {project.id} has no snapshot {name!r}; it has: {known}")


class _Piece(NamedTuple):
    """Some records that one write adds."""

    tables: Tables[Any]
    records: RecordSet[Any]
    values: Sequence[Any]

    def add(self, transaction: Transaction) -> None:
        self.records.add(transaction.of(self.tables), self.values)


class _Part:
    """What an export holds of one API."""

    def __init__(self, tables: Tables[Any]) -> None:
        self._tables = tables
        self._codecs: Mapping[str, tuple[RecordSet[Any], Codec]] = {
            records.name: (records, codec_of(records.record)) for records in tables.record_sets
        }

    def export(self, transaction: Transaction) -> Mapping[str, Any]:
        repositories = transaction.of(self._tables)
        shown = {
            name: [codec.to_json(record) for record in records.read(repositories)]
            for name, (records, codec) in self._codecs.items()
        }
        return {"version": self._tables.export_version, "records": shown}

    def pieces(self, content: Any) -> Iterator[_Piece]:
        path = f"apis.{self._tables.name}"
        _check_fields(path, content, {"version": self._tables.export_version}, "records")
        came = content["records"]
        if came.keys() != self._codecs.keys():
            raise RecordError(f"{path}.records", sorted(came), f"the keys {', '.join(self._codecs)}")
        for name, (records, codec) in self._codecs.items():
            values = _read_all(came[name], f"{path}.records.{name}", records, codec)
            for begin in range(0, len(values), _PIECE):
                yield _Piece(self._tables, records, values[begin : begin + _PIECE])


def _read_all(came: Any, path: str, records: RecordSet[Any], codec: Codec) -> Sequence[Any]:
    if not isinstance(came, list):
        raise RecordError(path, came, "an array")
    values = [codec.from_json(value, f"{path}[{index}]") for index, value in enumerate(came)]
    seen = set()
    for index, value in enumerate(values):
        if (key := records.key(value)) in seen:
            raise RecordError(f"{path}[{index}]", came[index], "a record that did not come before")
        seen.add(key)
    return values


def _check_fields(path: str, value: Any, fixed: Mapping[str, object], content: str) -> None:
    """Raises RecordError unless it is an object with the fixed values, and an object as its content."""
    if not isinstance(value, dict) or any(value.get(name) != wanted for name, wanted in fixed.items()):
        wanted = " and ".join(f"{name!r}: {wanted!r}" for name, wanted in fixed.items())
        raise RecordError(path, value, f"an object with {wanted}")
    if not isinstance(value.get(content), dict):
        raise RecordError(f"{path}.{content}", value.get(content), "an object")


def _copy_some(source: int, position: CopyPosition, transaction: Transaction) -> CopyPosition | None:
    return transaction.rows.copy_some(source, position, _PIECE)
