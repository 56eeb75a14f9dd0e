"""Sites and log sources in SQLite. An account has few of them, so all are read at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from twosignal_mock.apis.appsignal.store._sites import LogSource, Site
from twosignal_mock.engine.store import Connection


class SqliteSites:
    """The sites of one project."""

    def __init__(self, connection: Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def all(self) -> Sequence[Site]:
        """All sites, by number."""
        return [_site(row) for row in self._connection.execute(f"{_SITES} ORDER BY number", (self._project,))]

    def find_all(self, ids: Collection[str]) -> Mapping[str, Site]:
        """Those of the sites that are there, by id."""
        found: dict[str, Site] = {}
        for id_ in ids:
            for row in self._connection.execute(f"{_SITES} AND id = ?", (self._project, id_)):
                found[id_] = _site(row)
        return found

    def put(self, site: Site) -> None:
        """Keeps a site, in the place of the one with its id if there is one."""
        self._connection.execute(_PUT_SITE, (self._project, *site))

    def sources(self) -> Sequence[LogSource]:
        """The log sources of all sites, by number."""
        rows: Any = self._connection.execute(_SOURCES, (self._project,))
        return [LogSource(*row) for row in rows]

    def put_source(self, source: LogSource) -> None:
        """Keeps a log source, in the place of the one of its site with its id if there is one."""
        self._connection.execute(_PUT_SOURCE, (self._project, *source))


_SITES = f"SELECT {', '.join(Site._fields)} FROM appsignal_site WHERE project = ?"
_PUT_SITE = f"INSERT OR REPLACE INTO appsignal_site (project, {', '.join(Site._fields)}) VALUES (?, ?, ?, ?, ?, ?)"
_SOURCES = f"SELECT {', '.join(LogSource._fields)} FROM appsignal_log_source WHERE project = ? ORDER BY number"
_PUT_SOURCE = (
    f"INSERT OR REPLACE INTO appsignal_log_source (project, {', '.join(LogSource._fields)}) VALUES (?, ?, ?, ?, ?)"
)


def _site(row: Any) -> Site:
    site = Site(*row)
    return site._replace(accessible=bool(site.accessible))
