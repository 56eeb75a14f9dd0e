"""Pods of Kubernetes in SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from twosignal_mock.apis.appsignal.store._pods import Pod, PodStatus
from twosignal_mock.engine.store import Connection

TABLES = ("appsignal_pod", "appsignal_pod_status")
SCRIPT = """
CREATE TABLE appsignal_pod (
    project INTEGER NOT NULL, site INTEGER NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, node TEXT NOT NULL,
    labels TEXT NOT NULL,
    PRIMARY KEY (project, site, namespace, name)
) WITHOUT ROWID;
CREATE TABLE appsignal_pod_status (
    project INTEGER NOT NULL, site INTEGER NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    minute INTEGER NOT NULL, status TEXT NOT NULL,
    PRIMARY KEY (project, site, namespace, name, minute)
) WITHOUT ROWID;
"""


class SqlitePods:
    """The pods of one project."""

    def __init__(self, connection: Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def of(self, site: int) -> Sequence[Pod]:
        """The pods of a site, by namespace and name."""
        return list(self._pods(f"{_PODS} AND site = ? ORDER BY namespace, name", site))

    def put(self, pod: Pod) -> None:
        """Keeps a pod, in the place of the one with its site, namespace and name if there is one."""
        labels = orjson.dumps(pod.labels).decode()
        self._connection.execute(_PUT_POD, (self._project, *pod[:-1], labels))

    def put_status(self, status: PodStatus) -> None:
        """Keeps a status, in the place of the one of that minute if there is one."""
        self._connection.execute(_PUT_STATUS, (self._project, *status))

    def last_status(self, pod: Pod, first: int, last: int) -> str | None:
        """The last status of a pod in some minutes, both ends included; None when there is none."""
        where = (self._project, pod.site, pod.namespace, pod.name, first, last)
        row: Any = self._connection.execute(_LAST_STATUS, where).fetchone()
        return None if row is None else str(row[0])

    def all(self) -> Iterable[Pod]:
        """All pods, by site, namespace and name."""
        return self._pods(f"{_PODS} ORDER BY site, namespace, name")

    def all_statuses(self) -> Iterable[PodStatus]:
        """All statuses, by pod and minute."""
        rows: Any = self._connection.execute(f"{_STATUSES} ORDER BY site, namespace, name, minute", (self._project,))
        return map(PodStatus._make, rows)

    def _pods(self, statement: str, *values: int) -> Iterable[Pod]:
        rows: Any = self._connection.execute(statement, (self._project, *values))
        return (Pod(site, namespace, name, node, orjson.loads(labels)) for site, namespace, name, node, labels in rows)


_PODS = f"SELECT {', '.join(Pod._fields)} FROM appsignal_pod WHERE project = ?"
_PUT_POD = f"INSERT OR REPLACE INTO appsignal_pod (project, {', '.join(Pod._fields)}) VALUES (?, ?, ?, ?, ?, ?)"
_STATUSES = f"SELECT {', '.join(PodStatus._fields)} FROM appsignal_pod_status WHERE project = ?"
_PUT_STATUS = (
    f"INSERT OR REPLACE INTO appsignal_pod_status (project, {', '.join(PodStatus._fields)}) VALUES (?, ?, ?, ?, ?, ?)"
)
_LAST_STATUS = (
    "SELECT status FROM appsignal_pod_status WHERE project = ? AND site = ? AND namespace = ? AND name = ? "
    "AND minute >= ? AND minute <= ? ORDER BY minute DESC LIMIT 1"
)
