"""What every test may ask for."""

import os
from pathlib import Path

import pytest

from tests.conformance.rotation import PARTS, SEED, Turn, todays_seed

REPOSITORY = Path(__file__).parents[1]


def pytest_configure() -> None:
    """Settle which part of the long tables is judged today, before any worker starts: they shall agree at midnight."""
    os.environ.setdefault(SEED, todays_seed())


def pytest_report_header() -> str:
    """Tell it."""
    return f"broken and legal servers: the part of today, {Turn.of(PARTS).repeat}"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The loop of async tests: asyncio, the one that the mock serves on."""
    return "asyncio"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def npm_bin() -> Path:
    """The folder of the commands that npm installed, such as `prism`.

    A machine may have no Node: tests that ask for this are skipped there. In CI (CI=true) they fail instead.
    """
    folder = REPOSITORY / "node_modules" / ".bin"
    if not folder.is_dir():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("node_modules/ is missing: make install")
    return folder
