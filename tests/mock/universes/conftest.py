"""What the tests of universes share."""

from collections.abc import Callable

import pytest
from twosignal_mock._call import Project
from twosignal_mock.contract import Contract, load_contract
from twosignal_mock.universes import Universe, Universes


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture
def operation(contract: Contract) -> str:
    """Any operation of the contract."""
    return contract.operations[0].operation_id


@pytest.fixture
def other_operation(contract: Contract) -> str:
    return contract.operations[1].operation_id


@pytest.fixture
def plan(contract: Contract) -> str:
    """The plan that allows least."""
    return min(contract.plans, key=lambda name: contract.plans[name])


@pytest.fixture
def universe_of(contract: Contract, plan: str) -> Callable[..., Universe]:
    """Makes the universe of a name, in a server of its own with a seed."""

    def make(name: str = "checkout", seed: int = 0) -> Universe:
        return Universes(contract, seed=seed).of(Project(1, "id", name, plan))

    return make
