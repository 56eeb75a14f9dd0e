"""The tables of the AppSignal API in SQLite, as numbered migrations, and what makes its repositories.

All APIs share a database: every table here begins with the API's name. Sites, sources, actions and series have numbers
of their own in each project, so that rows and their indexes stay small.
"""

from __future__ import annotations

from twosignal_mock.apis.appsignal.store.sqlite._sites import SqliteSites
from twosignal_mock.engine.store import Connection, MadeOnce, SqliteTables


class SqliteRepositories:
    """The repositories of one project, for one transaction."""

    sites = MadeOnce(SqliteSites)

    def __init__(self, connection: Connection, project: int) -> None:
        self.connection = connection
        self.project = project


_SITES = """
CREATE TABLE appsignal_site (
    project INTEGER NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, organization TEXT NOT NULL,
    accessible INTEGER NOT NULL,
    PRIMARY KEY (project, id)
) WITHOUT ROWID;
CREATE TABLE appsignal_log_source (
    project INTEGER NOT NULL, site INTEGER NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (project, site, id)
) WITHOUT ROWID;
"""

SQLITE = SqliteTables(
    migrations=("".join((_SITES,)),),
    tables=("appsignal_site", "appsignal_log_source"),
    repositories=SqliteRepositories,
)
