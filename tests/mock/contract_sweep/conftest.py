"""The contract, a real server that checks its own answers, and a sandbox for each test; no limit is in the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twosignal_contract import Contract, load_contract
from twosignal_mock import MockServer, Sandbox

from tests.mock.contract_sweep.opinions import Opinions
from tests.mock.contract_sweep.watching import complaints


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    """One server for all tests here that need no limits."""
    with MockServer(validate_answers=True, limits=False) as server:
        yield server


@pytest.fixture
def quiet(mock: MockServer) -> Iterator[None]:
    """The server finds nothing wrong with its own answers while the test runs, nor does it fail."""
    before = len(mock.log)
    yield
    assert complaints(mock.log[before:]) == []


@pytest.fixture
def sandbox(mock: MockServer, quiet: None) -> Iterator[Sandbox]:  # noqa: ARG001 - asked for its end
    with mock.sandbox() as fresh:
        yield fresh


@pytest.fixture(scope="session")
def opinions(contract: Contract, mock: MockServer) -> Opinions:
    return Opinions(contract, mock.url)
