"""All implementations of the store. The contract suites run on each of them; a further one is a further line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twosignal_mock.engine.store import FileStore, MemoryStore, Store, Tables

Open = Callable[[Path, Sequence[Tables[Any]]], Store]
"""From an empty folder and the tables of APIs to an empty store."""

IMPLEMENTATIONS: Mapping[str, Open] = {
    "memory": lambda folder, tables: MemoryStore(tables),
    "file": lambda folder, tables: FileStore(folder / "state.db", tables),
}


@asynccontextmanager
async def opened(kind: str, tables: Sequence[Tables[Any]]) -> AsyncIterator[Store]:
    """An empty store of a kind, closed after."""
    with TemporaryDirectory() as folder:
        store = IMPLEMENTATIONS[kind](Path(folder), tables)
        try:
            yield store
        finally:
            await store.close()
