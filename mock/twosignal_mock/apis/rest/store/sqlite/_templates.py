"""Prompt templates in SQLite: one row for each template, one for each of its versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import apsw
import orjson

from twosignal_mock.apis.rest.store._templates import TemplateRecord, TemplateVersionRecord


class SqliteTemplates:
    """The prompt templates of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def all(self) -> Sequence[TemplateRecord]:
        """By name, in the order of code points: SQLite compares the bytes of UTF-8, which is the same order."""
        return [_template(row) for row in self._connection.execute(_ALL, (self._project,))]

    def find(self, name: str) -> TemplateRecord | None:
        """The template of this name."""
        rows = self._connection.execute(_FIND, (self._project, name))
        return next((_template(row) for row in rows), None)

    def version(self, template_id: str, number: int) -> TemplateVersionRecord | None:
        """The version of a template that has this number."""
        rows = self._connection.execute(_VERSION, (self._project, template_id, number))
        return next((_version(row) for row in rows), None)

    def put(self, template: TemplateRecord) -> None:
        """Keeps a template, in the place of the one with its name if there is one."""
        self._connection.execute(_PUT, (self._project, *template))

    def add_version(self, version: TemplateVersionRecord) -> None:
        """Keeps a further version of a template."""
        row = version._replace(variables=cast(Any, orjson.dumps(version.variables).decode()))
        self._connection.execute(_ADD_VERSION, (self._project, *row))

    def versions(self) -> Iterable[TemplateVersionRecord]:
        """All versions of all templates, by the template's id and number."""
        return (_version(row) for row in self._connection.execute(_VERSIONS, (self._project,)))


_COLUMNS = ", ".join(TemplateRecord._fields)
_ALL = f"SELECT {_COLUMNS} FROM template WHERE project = ? ORDER BY name"
_FIND = f"SELECT {_COLUMNS} FROM template WHERE project = ? AND name = ?"
_PUT = f"INSERT OR REPLACE INTO template (project, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_VERSION_COLUMNS = ", ".join(TemplateVersionRecord._fields)
_VERSION = f"SELECT {_VERSION_COLUMNS} FROM template_version WHERE project = ? AND template = ? AND number = ?"
_VERSIONS = f"SELECT {_VERSION_COLUMNS} FROM template_version WHERE project = ? ORDER BY template, number"
_ADD_VERSION = f"INSERT INTO template_version (project, {_VERSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def _template(row: Any) -> TemplateRecord:
    return TemplateRecord(*row)


def _version(row: Any) -> TemplateVersionRecord:
    record = TemplateVersionRecord(*row)
    return record._replace(variables=tuple(orjson.loads(cast(str, record.variables))))
