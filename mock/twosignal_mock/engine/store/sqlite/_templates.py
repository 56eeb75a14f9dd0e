"""Prompt templates in SQLite: one row for each template, one for each of its versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import apsw
import orjson

from twosignal_mock.engine.store._template_records import TemplateRecord, TemplateVersionRecord

SCHEMA = """
CREATE TABLE template (
    project INTEGER NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, description TEXT, latest INTEGER NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;
CREATE TABLE template_version (
    project INTEGER NOT NULL, template TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, content TEXT NOT NULL,
    variables TEXT NOT NULL, message TEXT, created INTEGER NOT NULL,
    PRIMARY KEY (project, template, number)
);
"""
TABLES = ("template", "template_version")


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

    def add_version(self, template_id: str, version: TemplateVersionRecord) -> None:
        """Keeps a further version of a template."""
        row = version._replace(variables=cast(Any, orjson.dumps(version.variables).decode()))
        self._connection.execute(_ADD_VERSION, (self._project, template_id, *row))


_ALL = "SELECT id, name, description, latest, created, updated FROM template WHERE project = ? ORDER BY name"
_FIND = "SELECT id, name, description, latest, created, updated FROM template WHERE project = ? AND name = ?"
_PUT = (
    "INSERT OR REPLACE INTO template (project, id, name, description, latest, created, updated) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_VERSION = (
    "SELECT id, number, content, variables, message, created FROM template_version "
    "WHERE project = ? AND template = ? AND number = ?"
)
_ADD_VERSION = (
    "INSERT INTO template_version (project, template, id, number, content, variables, message, created) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def _template(row: Any) -> TemplateRecord:
    return TemplateRecord(*row)


def _version(row: Any) -> TemplateVersionRecord:
    record = TemplateVersionRecord(*row)
    return record._replace(variables=tuple(orjson.loads(cast(str, record.variables))))
