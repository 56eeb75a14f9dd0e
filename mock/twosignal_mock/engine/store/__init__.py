"""Where the mock keeps its state: one narrow interface, its implementations, and what is built on it.

An API hands over its `Tables`; nothing here knows what they mean.
"""

from twosignal_mock.engine.store._accounts import Accounts, KeyRecord, Project, SnapshotRecord, TakenError, User
from twosignal_mock.engine.store._archive import Archive, ExportError, UnknownSnapshotError
from twosignal_mock.engine.store._connection import Connection
from twosignal_mock.engine.store._credentials import ApiKey, Credentials, key_digest, key_record
from twosignal_mock.engine.store._interface import (
    BatchWork,
    CopyPosition,
    Rows,
    StateError,
    Store,
    StoreError,
    Transaction,
)
from twosignal_mock.engine.store._project_registry import UNKEYED, ProjectRegistry
from twosignal_mock.engine.store._record_codec import JsonText
from twosignal_mock.engine.store._tables import RecordSet, SqliteTables, Tables
from twosignal_mock.engine.store.sqlite import FileStore, MadeOnce, MemoryStore

__all__ = [
    "UNKEYED",
    "Accounts",
    "ApiKey",
    "Archive",
    "BatchWork",
    "Connection",
    "CopyPosition",
    "Credentials",
    "ExportError",
    "FileStore",
    "JsonText",
    "KeyRecord",
    "MadeOnce",
    "MemoryStore",
    "Project",
    "ProjectRegistry",
    "RecordSet",
    "Rows",
    "SnapshotRecord",
    "SqliteTables",
    "StateError",
    "Store",
    "StoreError",
    "Tables",
    "TakenError",
    "Transaction",
    "UnknownSnapshotError",
    "User",
    "key_digest",
    "key_record",
]
