"""One mock for the tests of a module; each test that changes a sandbox makes its own."""

from collections.abc import Iterator

import pytest

from tests.mock.apis.dashboard.world import NOON, World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(clock=NOON) as opened:
        yield opened


@pytest.fixture
def fresh(world: World) -> World:
    """The same mock, its first sandbox as it was when it was new."""
    world.control("POST", "/reset")
    return world
