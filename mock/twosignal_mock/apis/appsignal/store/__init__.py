"""What the AppSignal API keeps in the store: records and repositories, a module for each concern; and SQLite tables."""

from twosignal_mock.apis.appsignal.store._sites import LogSource, Site, Sites
from twosignal_mock.apis.appsignal.store._tables import TABLES, Repositories, repositories_of

__all__ = [
    "TABLES",
    "LogSource",
    "Repositories",
    "Site",
    "Sites",
    "repositories_of",
]
