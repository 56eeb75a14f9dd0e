"""Stores to test: every implementation, opened empty and closed after."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from twosignal_mock.engine.store import FileStore, MemoryStore, ProjectRegistry, Store


@pytest.fixture(params=["memory", "file"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    opened: Store = MemoryStore() if request.param == "memory" else FileStore(tmp_path / "state.db")
    yield opened
    await opened.close()


@pytest.fixture
async def registry(store: Store) -> AsyncIterator[ProjectRegistry]:
    """The registry of an empty store."""
    opened = await ProjectRegistry.open(store, plan="free", key_prefix="ts_")
    yield opened
    await opened.close()
