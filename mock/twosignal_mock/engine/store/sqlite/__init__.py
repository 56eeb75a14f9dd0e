"""The store in SQLite: in memory, or in a file."""

from twosignal_mock.engine.store.sqlite._file import FileStore
from twosignal_mock.engine.store.sqlite._memory import MemoryStore
from twosignal_mock.engine.store.sqlite._transaction import MadeOnce

__all__ = ["FileStore", "MadeOnce", "MemoryStore"]
