"""The repositories of the AppSignal API in SQLite."""

from twosignal_mock.apis.appsignal.store.sqlite._schema import SQLITE, SqliteRepositories

__all__ = ["SQLITE", "SqliteRepositories"]
