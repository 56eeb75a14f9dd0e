"""What every test may ask for."""

import os
import signal
from pathlib import Path

import pytest

from tests.conformance.rotation import PARTS, SEED, Turn, todays_seed

REPOSITORY = Path(__file__).parents[1]

SLOW = (
    "bench/test_parts.py",
    "bench/test_run.py",
    "clients/command/test_package.py",
    "clients/test_checks.py",
    "clients/test_further_contracts.py",
    "clients/test_generation.py",
    "clients/test_go_client.py",
    "clients/test_packages.py",
    "clients/test_scenarios.py",
    "clients/test_typescript_client.py",
    "conformance/apis",
    "conformance/clients/broken",
    "conformance/clients/test_adapters.py",
    "conformance/clients/test_commands.py",
    "conformance/clients/test_program.py",
    "conformance/runner",
    "conformance/test_acceptance.py",
    "conformance/test_action.py",
    "conformance/test_determinism.py",
    "conformance/test_documents.py",
    "conformance/test_fuzz.py",
    "conformance/test_independent.py",
    "conformance/test_model.py",
    "conformance/test_odd_servers.py",
    "contract/test_other_readers.py",
    "contract/test_packaging.py",
    "end_to_end/test_client_pages.py",
    "end_to_end/test_demo.py",
    "end_to_end/test_pages_run.py",
    "mock/clients",
    "mock/contract_sweep/test_rate_load.py",
    "mock/contract_sweep/test_rate_window.py",
    "mock/contract_sweep/test_schemathesis.py",
    "mock/crash",
    "mock/engine/http/test_hostile.py",
    "mock/engine/http/test_starting.py",
    "mock/engine/store/test_file.py",
    "mock/model",
    "mock/test_dockerfile.py",
    "mock/test_prism.py",
    "toy/test_client.py",
)
"""What `make test-fast` leaves out: files and folders, here. There a test that is not below one of these and takes over
ten seconds fails, so a slow one cannot stay unnamed."""


def pytest_configure() -> None:
    """Settle what every worker shall agree on before any starts, also at midnight: today's part of the long tables."""
    os.environ.setdefault(SEED, todays_seed())
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what goes on behind it so (`make test &`), and every command would inherit that it ignores
        # Ctrl-C, as it should: but then nobody could test what it does on one.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow ones."""
    slow = [REPOSITORY / "tests" / name for name in SLOW]
    for item in items:
        if any(path in (item.path, *item.path.parents) for path in slow):
            item.add_marker("slow")


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
