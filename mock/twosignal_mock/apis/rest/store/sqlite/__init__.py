"""What the REST API keeps, in SQLite."""

from twosignal_mock.apis.rest.store.sqlite._schema import SQLITE

__all__ = ["SQLITE"]
