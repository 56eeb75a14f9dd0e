"""The table from errors to clauses: compared with the contract."""

from __future__ import annotations

from twosignal_contract import About, Contract
from twosignal_mock.apis.rest import REST

TABLE = REST.clauses


def test_every_id_is_a_clause(contract: Contract) -> None:
    rows = (*TABLE.causes.values(), *TABLE.operations.values(), *TABLE.places.values(), TABLE.respelled)
    named = {clause for row in rows for clause in row}
    assert named <= contract.clauses.keys()


def test_every_cause_is_in_the_table(contract: Contract) -> None:
    assert TABLE.causes.keys() == contract.errors.keys()
    assert {cause for cause, _ in TABLE.operations} <= contract.errors.keys()


def test_every_operation_of_the_table_exists(contract: Contract) -> None:
    known = set(contract.operations)
    assert {operation for _, operation in TABLE.operations} | {operation for operation, _ in TABLE.places} <= known


def test_those_that_bind_clients_come_first(contract: Contract) -> None:
    for row in (*TABLE.causes.values(), *TABLE.operations.values(), *TABLE.places.values()):
        abouts = [contract.clauses[clause].about for clause in row]
        assert abouts == sorted(abouts, key=lambda about: about is not About.CLIENT)
