"""Whole projects at once: snapshots, export and import. Works by tables, so that a new resource needs nothing here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from twosignal_mock.engine.store._accounts import Project, SnapshotRecord
from twosignal_mock.engine.store._interface import Reader, Store, Transaction
from twosignal_mock.engine.store._project_interface import CopyPlace
from twosignal_mock.engine.store._project_registry import ProjectRegistry

_FORMAT = "twosignal-mock-project"
_PIECE = 2000
"""Rows that are copied in one write; takes some ten milliseconds, which others may have to wait."""


class UnknownSnapshotError(LookupError):
    """A project has no snapshot of this name."""


class ExportError(ValueError):
    """What is to be imported is no export of this version."""


class Archive(Protocol):
    """What can be done with all data of a project."""

    async def snapshot(self, project: Project, name: str, now: int) -> SnapshotRecord:
        """Keeps the data under a name, in place of a snapshot that has it; `now` in milliseconds since 1970."""
        ...

    async def restore(self, project: Project, name: str) -> Project:
        """The project with the data of a snapshot, under another number. Raises UnknownSnapshotError."""
        ...

    async def drop_snapshot(self, project: Project, name: str) -> None:
        """Forgets a snapshot. Raises UnknownSnapshotError."""
        ...

    async def snapshots(self, project: Project) -> tuple[SnapshotRecord, ...]:
        """The snapshots of a project, oldest first."""
        ...

    async def export(self, project: Project) -> Mapping[str, Any]:
        """All data of a project, ready for JSON; keys and users are not among them."""
        ...

    async def import_(self, project: Project, exported: Any) -> Project:
        """The project with exported data in place of its own, under another number. Raises ExportError."""
        ...


class StoreArchive:
    """An Archive in the store itself: a snapshot is a copy of the rows under a number of its own."""

    def __init__(self, store: Store, registry: ProjectRegistry) -> None:
        self._store = store
        self._registry = registry
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
        records = await self._store.read(0, lambda reader: reader.accounts.snapshots())
        return tuple(record for record in records if record.project_id == project.id)

    async def export(self, project: Project) -> Mapping[str, Any]:
        """All data of a project, ready for JSON; keys and users are not among them."""

        def work(reader: Reader) -> Mapping[str, Any]:
            return reader.rows.export()

        return {"format": _FORMAT, "tables": await self._store.read(project.number, work)}

    async def import_(self, project: Project, exported: Any) -> Project:
        """The project with exported data in place of its own, under another number. Raises ExportError."""
        if not isinstance(exported, dict) or exported.get("format") != _FORMAT:
            raise ExportError(f'This is no export of a project: expected an object with "format": "{_FORMAT}"')
        tables = exported.get("tables")
        if not isinstance(tables, dict):
            raise ExportError('An export of a project has an object "tables"')
        try:
            return await self._registry.refill_project(project.id, partial(self._load, tables))
        except ValueError as error:
            raise ExportError(f"This export does not fit: {error}") from error

    async def _load(self, tables: Mapping[str, Any], target: int) -> None:
        await self._store.write(target, lambda transaction: transaction.rows.load(tables))

    async def _copy(self, source: int, target: int) -> None:
        """Copies all rows of a number that nobody changes meanwhile; in pieces, so that others find room between."""
        place: CopyPlace | None = CopyPlace()
        while place is not None:
            work = partial(_copy_some, source, place)
            place = await self._store.write(target, work)
            await asyncio.sleep(0)

    async def _find(self, project: Project, name: str) -> SnapshotRecord:
        records = await self.snapshots(project)
        for record in records:
            if record.name == name:
                return record
        known = ", ".join(record.name for record in records) or "none"
        raise UnknownSnapshotError(f"The project {project.id} has no snapshot {name!r}; it has: {known}")


def _copy_some(source: int, place: CopyPlace, transaction: Transaction) -> CopyPlace | None:
    return transaction.rows.copy_some(source, place, _PIECE)
