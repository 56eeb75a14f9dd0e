"""What the dashboard keeps, in SQLite."""

from twosignal_mock.apis.dashboard.store.sqlite._schema import SQLITE

__all__ = ["SQLITE"]
