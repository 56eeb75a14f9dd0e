"""The store in SQLite: in memory, or in a file."""

from twosignal_mock.store.sqlite._file import FileStore
from twosignal_mock.store.sqlite._memory import MemoryStore

__all__ = ["FileStore", "MemoryStore"]
