"""What every test may ask for."""

import os
import signal
from pathlib import Path

import pytest

from tests.conformance.rotation import PARTS, SEED, Turn, todays_seed

REPOSITORY = Path(__file__).parents[1]


def pytest_configure() -> None:
    """Settle what every worker shall agree on before any starts, also at midnight: today's part of the long tables."""
    os.environ.setdefault(SEED, todays_seed())
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what goes on behind it so (`make test &`), and every command would inherit that it ignores
        # Ctrl-C, as it should: but then nobody could test what it does on one.
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
