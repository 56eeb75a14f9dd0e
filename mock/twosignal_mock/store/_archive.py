"""Whole projects at once: snapshots, export and import. Works by tables, so that a new resource needs nothing here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from twosignal_mock._call import Project
from twosignal_mock.store._accounts import SnapshotRecord
from twosignal_mock.store._catalogue import Catalogue
from twosignal_mock.store._interface import Reader, Store, Transaction

_FORMAT = "twosignal-mock-project"


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

    def snapshots(self, project: Project) -> tuple[SnapshotRecord, ...]:
        """The snapshots of a project, oldest first."""
        ...

    def export(self, project: Project) -> Mapping[str, Any]:
        """All data of a project, ready for JSON; keys and users are not among them."""
        ...

    async def import_(self, project: Project, exported: Any) -> Project:
        """The project with exported data in place of its own, under another number. Raises ExportError."""
        ...


class StoreArchive:
    """An Archive in the store itself: a snapshot is a copy of the rows under a number of its own."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    async def snapshot(self, project: Project, name: str, now: int) -> SnapshotRecord:
        """Keeps the data under a name, in place of a snapshot that has it; `now` in milliseconds since 1970."""
        number = await self._store.write(0, lambda transaction: transaction.accounts.next_number())
        record = SnapshotRecord(project.id, name, number, now)

        def work(transaction: Transaction) -> None:
            transaction.rows.copy_from(project.number)
            transaction.accounts.save_snapshot(record)

        await self._store.write(number, work)
        self._catalogue.sweep_left_over()
        return record

    async def restore(self, project: Project, name: str) -> Project:
        """The project with the data of a snapshot, under another number. Raises UnknownSnapshotError."""
        snapshot = self._find(project, name)
        return await self._catalogue.refill_project(project.id, lambda new: new.rows.copy_from(snapshot.number))

    async def drop_snapshot(self, project: Project, name: str) -> None:
        """Forgets a snapshot. Raises UnknownSnapshotError."""
        self._find(project, name)
        await self._store.write(0, lambda transaction: transaction.accounts.drop_snapshot(project.id, name))
        self._catalogue.sweep_left_over()

    def snapshots(self, project: Project) -> tuple[SnapshotRecord, ...]:
        """The snapshots of a project, oldest first."""
        records = self._store.read(0, lambda reader: reader.accounts.snapshots())
        return tuple(record for record in records if record.project_id == project.id)

    def export(self, project: Project) -> Mapping[str, Any]:
        """All data of a project, ready for JSON; keys and users are not among them."""

        def work(reader: Reader) -> Mapping[str, Any]:
            return reader.rows.export()

        return {"format": _FORMAT, "tables": self._store.read(project.number, work)}

    async def import_(self, project: Project, exported: Any) -> Project:
        """The project with exported data in place of its own, under another number. Raises ExportError."""
        if not isinstance(exported, dict) or exported.get("format") != _FORMAT:
            raise ExportError(f'This is no export of a project: expected an object with "format": "{_FORMAT}"')
        tables = exported.get("tables")
        if not isinstance(tables, dict):
            raise ExportError('An export of a project has an object "tables"')
        try:
            return await self._catalogue.refill_project(project.id, lambda new: new.rows.load(tables))
        except ValueError as error:
            raise ExportError(f"This export does not fit: {error}") from error

    def _find(self, project: Project, name: str) -> SnapshotRecord:
        for record in self.snapshots(project):
            if record.name == name:
                return record
        known = ", ".join(record.name for record in self.snapshots(project)) or "none"
        raise UnknownSnapshotError(f"The project {project.id} has no snapshot {name!r}; it has: {known}")
