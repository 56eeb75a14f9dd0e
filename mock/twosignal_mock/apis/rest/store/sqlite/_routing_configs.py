"""Model routing configurations in SQLite: a row for each, its rules as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, cast

import apsw
import orjson

from twosignal_mock.apis.rest.store._routing_configs import RoutingConfig, RoutingRule


class SqliteRoutingConfigs:
    """The model routing configurations of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def all(self) -> Sequence[RoutingConfig]:
        """By name, in the order of code points: SQLite compares the bytes of UTF-8, which is the same order."""
        return [_config(row) for row in self._connection.execute(_ALL, (self._project,))]

    def find(self, name: str) -> RoutingConfig | None:
        """The configuration of this name, enabled or not."""
        rows = self._connection.execute(_FIND, (self._project, name))
        return next((_config(row) for row in rows), None)

    def put(self, config: RoutingConfig) -> None:
        """Keeps a configuration, in the place of the one with its name if there is one."""
        rules = [(rule.name, dict(rule.condition), rule.model, rule.priority) for rule in config.rules]
        row = (self._project, config.name, config.default_model, int(config.enabled), orjson.dumps(rules).decode())
        self._connection.execute("INSERT OR REPLACE INTO routing_config VALUES (?, ?, ?, ?, ?)", row)

    def delete(self, name: str) -> bool:
        """Forgets the configuration of this name. False when there was none."""
        statement = "DELETE FROM routing_config WHERE project = ? AND name = ? RETURNING 1"
        return any(True for _ in self._connection.execute(statement, (self._project, name)))


_ALL = "SELECT name, model, enabled, rules FROM routing_config WHERE project = ? ORDER BY name"
_FIND = "SELECT name, model, enabled, rules FROM routing_config WHERE project = ? AND name = ?"


def _config(row: Any) -> RoutingConfig:
    name, model, enabled, rules = cast(tuple[str, str, int, str], row)
    return RoutingConfig(
        name,
        model,
        bool(enabled),
        tuple(
            RoutingRule(rule, MappingProxyType(condition), target, priority)
            for rule, condition, target, priority in orjson.loads(rules)
        ),
    )
