"""Where the mock keeps its state: one narrow interface, its implementations, and the accounts and archives above it."""

from twosignal_mock.engine.store._accounts import Project, SnapshotRecord
from twosignal_mock.engine.store._archive import Archive, ExportError, StoreArchive, UnknownSnapshotError
from twosignal_mock.engine.store._credentials import ApiKey, Credentials, TakenError, User
from twosignal_mock.engine.store._interface import Reader, StateError, Store, StoreError, Transaction
from twosignal_mock.engine.store._project_interface import CopyPlace
from twosignal_mock.engine.store._project_registry import UNKEYED, ProjectRegistry
from twosignal_mock.engine.store._records import ListedTrace, ScoreRecord, SpanRecord, TraceQuery, TraceRecord
from twosignal_mock.engine.store._session_records import SessionRecord
from twosignal_mock.engine.store._setting_interface import RoutingConfig, RoutingRule
from twosignal_mock.engine.store._template_records import TemplateRecord, TemplateVersionRecord
from twosignal_mock.engine.store.sqlite import FileStore, MemoryStore

__all__ = [
    "UNKEYED",
    "ApiKey",
    "Archive",
    "CopyPlace",
    "Credentials",
    "ExportError",
    "FileStore",
    "ListedTrace",
    "MemoryStore",
    "Project",
    "ProjectRegistry",
    "Reader",
    "RoutingConfig",
    "RoutingRule",
    "ScoreRecord",
    "SessionRecord",
    "SnapshotRecord",
    "SpanRecord",
    "StateError",
    "Store",
    "StoreArchive",
    "StoreError",
    "TakenError",
    "TemplateRecord",
    "TemplateVersionRecord",
    "TraceQuery",
    "TraceRecord",
    "Transaction",
    "UnknownSnapshotError",
    "User",
]
