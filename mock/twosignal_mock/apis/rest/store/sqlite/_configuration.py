"""What somebody configures in a project, in SQLite: prompt templates with their versions, and model routing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Any, cast

import apsw
import orjson

from twosignal_mock.apis.rest.store._routing_configs import RoutingConfig, RoutingRule
from twosignal_mock.apis.rest.store._templates import TemplateRecord, TemplateVersionRecord


class SqliteTemplates:
    """The prompt templates of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def all(self) -> Sequence[TemplateRecord]:
        """By name, in the order of code points: SQLite compares the bytes of UTF-8, which is the same order."""
        return [_template(row) for row in self._connection.execute(_ALL_TEMPLATES, (self._project,))]

    def find(self, name: str) -> TemplateRecord | None:
        """The template of this name."""
        rows = self._connection.execute(_FIND_TEMPLATE, (self._project, name))
        return next((_template(row) for row in rows), None)

    def version(self, template_id: str, number: int) -> TemplateVersionRecord | None:
        """The version of a template that has this number."""
        rows = self._connection.execute(_VERSION, (self._project, template_id, number))
        return next((_version(row) for row in rows), None)

    def put(self, template: TemplateRecord) -> None:
        """Keeps a template, in the place of the one with its name if there is one."""
        self._connection.execute(_PUT_TEMPLATE, (self._project, *template))

    def add_version(self, version: TemplateVersionRecord) -> None:
        """Keeps a further version of a template."""
        row = version._replace(variables=cast(Any, orjson.dumps(version.variables).decode()))
        self._connection.execute(_ADD_VERSION, (self._project, *row))

    def versions(self) -> Iterable[TemplateVersionRecord]:
        """All versions of all templates, by the template's id and number."""
        return (_version(row) for row in self._connection.execute(_VERSIONS, (self._project,)))


_TEMPLATE_COLUMNS = ", ".join(TemplateRecord._fields)
_ALL_TEMPLATES = f"SELECT {_TEMPLATE_COLUMNS} FROM template WHERE project = ? ORDER BY name"
_FIND_TEMPLATE = f"SELECT {_TEMPLATE_COLUMNS} FROM template WHERE project = ? AND name = ?"
_PUT_TEMPLATE = f"INSERT OR REPLACE INTO template (project, {_TEMPLATE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_VERSION_COLUMNS = ", ".join(TemplateVersionRecord._fields)
_VERSION = f"SELECT {_VERSION_COLUMNS} FROM template_version WHERE project = ? AND template = ? AND number = ?"
_VERSIONS = f"SELECT {_VERSION_COLUMNS} FROM template_version WHERE project = ? ORDER BY template, number"
_ADD_VERSION = f"INSERT INTO template_version (project, {_VERSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def _template(row: Any) -> TemplateRecord:
    return TemplateRecord(*row)


def _version(row: Any) -> TemplateVersionRecord:
    record = TemplateVersionRecord(*row)
    return record._replace(variables=tuple(orjson.loads(cast(str, record.variables))))


class SqliteRoutingConfigs:
    """The model routing configurations of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def all(self) -> Sequence[RoutingConfig]:
        """Oldest first: rows are numbered as they came."""
        return [_config(row) for row in self._connection.execute(_ALL_CONFIGS, (self._project,))]

    def find(self, name: str) -> RoutingConfig | None:
        """The configuration of this name, enabled or not."""
        rows = self._connection.execute(_FIND_CONFIG, (self._project, name))
        return next((_config(row) for row in rows), None)

    def put(self, config: RoutingConfig) -> None:
        """Keeps a configuration, in the place of the one with its name, or else its id, if there is one."""
        rules = [(rule.name, dict(rule.condition), rule.model, rule.priority) for rule in config.rules]
        values = (config.id, config.name, config.default_model, config.enabled, orjson.dumps(rules).decode())
        self._connection.execute(_PUT_CONFIG, (self._project, *values, config.created, config.updated))

    def delete(self, name: str) -> bool:
        """Forgets the configuration of this name. False when there was none."""
        statement = "DELETE FROM routing WHERE project = ? AND name = ? RETURNING 1"
        return any(True for _ in self._connection.execute(statement, (self._project, name)))


_CONFIG_COLUMNS = "id, name, model, enabled, rules, created, updated"
_ALL_CONFIGS = f"SELECT {_CONFIG_COLUMNS} FROM routing WHERE project = ? ORDER BY rowid"
_FIND_CONFIG = f"SELECT {_CONFIG_COLUMNS} FROM routing WHERE project = ? AND name = ?"
_CHANGED = "model = excluded.model, enabled = excluded.enabled, rules = excluded.rules, updated = excluded.updated"
_PUT_CONFIG = (
    f"INSERT INTO routing (project, {_CONFIG_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    f"ON CONFLICT (project, name) DO UPDATE SET {_CHANGED} "
    f"ON CONFLICT (project, id) DO UPDATE SET name = excluded.name, {_CHANGED}"
)


def _config(row: Any) -> RoutingConfig:
    id_, name, model, enabled, rules, created, updated = cast(tuple[str, str, str, int, str, int, int], row)
    return RoutingConfig(
        name,
        model,
        bool(enabled),
        tuple(
            RoutingRule(rule, MappingProxyType(condition), target, priority)
            for rule, condition, target, priority in orjson.loads(rules)
        ),
        id_,
        created,
        updated,
    )
