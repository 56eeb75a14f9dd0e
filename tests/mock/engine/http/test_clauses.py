"""The table from refusals to clauses: held against the contract."""

from __future__ import annotations

from twosignal_contract import About, Contract
from twosignal_mock.engine.http import _clauses


def test_every_id_is_a_clause(contract: Contract) -> None:
    tables = (_clauses.CAUSES, _clauses.OPERATIONS, _clauses.PLACES)
    named = {clause for table in tables for clauses in table.values() for clause in clauses} | {_clauses.RESPELLED}
    assert named <= contract.clauses.keys()


def test_every_cause_is_in_the_table(contract: Contract) -> None:
    assert _clauses.CAUSES.keys() == contract.errors.keys()
    assert {cause for cause, _ in _clauses.OPERATIONS} <= contract.errors.keys()


def test_every_operation_of_the_table_exists(contract: Contract) -> None:
    known = set(contract.operations)
    assert {operation for _, operation in _clauses.OPERATIONS} | {
        operation for operation, _ in _clauses.PLACES
    } <= known


def test_those_that_are_called_broken_bind_clients(contract: Contract) -> None:
    for clause in contract.clauses.values():
        assert bool(_clauses.broken((clause.id,))) == (clause.about is About.CLIENT)
