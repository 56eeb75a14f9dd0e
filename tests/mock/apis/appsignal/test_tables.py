"""The tables of the API, compared with the contract: clauses behind errors, and owners of dialects."""

from __future__ import annotations

from twosignal_contract import About
from twosignal_mock.apis.appsignal import APPSIGNAL, _dialects

from tests.mock.apis.appsignal.service import CONTRACT

TABLE = APPSIGNAL.clauses


def test_errors_name_clauses_of_the_contract_those_that_bind_clients_first() -> None:
    assert TABLE.causes.keys() == CONTRACT.errors.keys()
    assert {cause for cause, _ in TABLE.operations} <= CONTRACT.errors.keys()
    assert {operation for _, operation in TABLE.operations} <= CONTRACT.operations.keys()
    for row in (*TABLE.causes.values(), *TABLE.operations.values()):
        abouts = [CONTRACT.clause(clause).about for clause in row]
        assert abouts == sorted(abouts, key=lambda about: about is not About.CLIENT)


def test_every_documented_value_of_a_dialect_has_exactly_one_owner() -> None:
    tables = {name: set(values) for name, (_, values) in _dialects.REFUSED_SCHEMES.items()}
    tables["minimum-duration"] = set(_dialects.SPELLINGS)
    by_status = {*_dialects.STATUSES, *_dialects.REFUSALS}
    assert sorted([*tables, *by_status, *_dialects.MEANINGS]) == sorted(CONTRACT.dialects)
    for name, values in tables.items():
        assert values == set(CONTRACT.dialect(name).values), name
    for name in by_status:
        assert all(value.status is not None for value in CONTRACT.dialect(name).values.values()), name
