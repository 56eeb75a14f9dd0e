"""Stores to test: every implementation, opened empty and closed after."""

from collections.abc import AsyncIterator

import pytest
from twosignal_mock.engine.store import ProjectRegistry, Store

from tests.mock.engine.store.notes import NOTES
from tests.mock.store_implementations import IMPLEMENTATIONS, opened


@pytest.fixture(params=IMPLEMENTATIONS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    async with opened(request.param, [NOTES]) as empty:
        yield empty


@pytest.fixture
async def registry(store: Store) -> AsyncIterator[ProjectRegistry]:
    """The registry of an empty store."""
    registry = await ProjectRegistry.open(store, plan="free", key_prefix="ts_")
    yield registry
    await registry.close()
