"""Stores to test: every implementation with the tables of the dashboard, opened empty and closed after."""

from collections.abc import AsyncIterator

import pytest
from twosignal_mock.apis.dashboard.store import TABLES
from twosignal_mock.engine.store import Store

from tests.mock.store_implementations import IMPLEMENTATIONS, opened


@pytest.fixture(params=IMPLEMENTATIONS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    async with opened(request.param, [TABLES]) as empty:
        yield empty
