"""Addresses that can be asked, and look-ups in the document."""

from __future__ import annotations

import pytest
from twosignal_conformance.engine.api_client import AddressError, Schemas, base_address
from twosignal_contract import Contract

from tests.conformance.servers import HEALTH, TRACES


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://h:1", "http://h:1"),
        ("http://h:1/", "http://h:1"),
        ("https://h/api/v1", "https://h"),
        ("https://h/api/v1/", "https://h"),
        ("https://h/prefix/api/v1", "https://h/prefix"),
        (" http://[::1]:3000 ", "http://[::1]:3000"),
    ],
)
def test_an_address_may_end_in_the_base_path(contract: Contract, url: str, base: str) -> None:
    assert base_address(url, [row.path for row in contract.operations.values()]) == base


@pytest.mark.parametrize(
    "url", ["", "localhost:3000", "ftp://h", "http://", "http://u:p@h", "http://h?x=1", "http://h:99999"]
)
def test_what_is_no_address_is_refused(contract: Contract, url: str) -> None:
    with pytest.raises(AddressError):
        base_address(url, [row.path for row in contract.operations.values()])


def test_the_paths_of_the_small_servers_are_those_of_the_document(contract: Contract) -> None:
    assert (contract.operation("getHealth").path, contract.operation("listTraces").path) == (HEALTH, TRACES)


def test_look_ups_answer_from_the_document(contract: Contract) -> None:
    document = contract.document
    limit = contract.parameter("listTraces", "limit")
    schema = document["paths"][TRACES]["get"]["parameters"][0]["schema"]
    assert (limit.minimum, limit.maximum, limit.default) == (schema["minimum"], schema["maximum"], schema["default"])
    assert contract.enum("Status") == tuple(document["components"]["schemas"]["Status"]["enum"])
    assert contract.parameter("listTraces", "status").values == contract.enum("Status")
    assert contract.error("rate-limit").status == document["x-errors"]["rate-limit"]["status"]
    assert {contract.operation("ingestOtlpTraces").success} < contract.statuses("otlp.status")
    assert contract.statuses("otlp.status") == contract.successes("ingestOtlpTraces")
    assert contract.successes("ingestTraces") == {contract.operation("ingestTraces").success}
    assert Schemas(contract).response_flaws("getHealth", contract.operation("getHealth").success, {"status": "no"})
    assert not contract.operation("login").keyed
    assert not contract.operation("logout").keyed


def test_every_operation_has_an_example_that_a_plan_can_answer_with(contract: Contract) -> None:
    schemas = Schemas(contract)
    for row in contract.operations.values():
        assert schemas.response_flaws(row.id, row.success, row.response(row.success).example()) == []


def test_a_name_that_the_contract_does_not_have_is_told_with_near_ones(contract: Contract) -> None:
    with pytest.raises(KeyError, match="no operation 'listTrace'; did you mean listTraces"):
        contract.operation("listTrace")
