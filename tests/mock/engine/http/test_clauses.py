"""The table from errors to clauses: compared with the contract."""

from __future__ import annotations

import pytest
from twosignal_contract import About, Contract, documents, load_contract
from twosignal_mock.apis import APIS
from twosignal_mock.engine.api import ClauseTable

Tables = tuple[Contract, ClauseTable]


@pytest.fixture(params=APIS)
def tables(request: pytest.FixtureRequest) -> Tables:
    """A contract, and the table of the API that serves it."""
    contracts = (load_contract(path) for path in documents())
    return next(each for each in contracts if each.api.name == request.param), APIS[request.param].clauses


def test_every_id_is_a_clause(tables: Tables) -> None:
    contract, table = tables
    rows = (*table.causes.values(), *table.operations.values(), *table.places.values(), table.respelled)
    named = {clause for row in rows for clause in row}
    assert named <= contract.clauses.keys()


def test_every_cause_is_in_the_table(tables: Tables) -> None:
    contract, table = tables
    assert table.causes.keys() == contract.errors.keys()
    assert {cause for cause, _ in table.operations} <= contract.errors.keys()


def test_every_operation_of_the_table_exists(tables: Tables) -> None:
    contract, table = tables
    known = set(contract.operations)
    assert {operation for _, operation in table.operations} | {operation for operation, _ in table.places} <= known


def test_those_that_bind_clients_come_first(tables: Tables) -> None:
    contract, table = tables
    for row in (*table.causes.values(), *table.operations.values(), *table.places.values()):
        abouts = [contract.clauses[clause].about for clause in row]
        assert abouts == sorted(abouts, key=lambda about: about is not About.CLIENT)
