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
def test_an_address_may_end_in_the_base_path(law: Contract, url: str, base: str) -> None:
    assert base_address(url, [row.path for row in law.operations.values()]) == base


@pytest.mark.parametrize(
    "url", ["", "localhost:3000", "ftp://h", "http://", "http://u:p@h", "http://h?x=1", "http://h:99999"]
)
def test_what_is_no_address_is_refused(law: Contract, url: str) -> None:
    with pytest.raises(AddressError):
        base_address(url, [row.path for row in law.operations.values()])


def test_the_paths_of_the_small_servers_are_those_of_the_document(law: Contract) -> None:
    assert (law.operation("getHealth").path, law.operation("listTraces").path) == (HEALTH, TRACES)


def test_look_ups_answer_from_the_document(law: Contract) -> None:
    document = law.document
    limit = law.parameter("listTraces", "limit")
    schema = document["paths"][TRACES]["get"]["parameters"][0]["schema"]
    assert (limit.minimum, limit.maximum, limit.default) == (schema["minimum"], schema["maximum"], schema["default"])
    assert law.enum("Status") == tuple(document["components"]["schemas"]["Status"]["enum"])
    assert law.parameter("listTraces", "status").values == law.enum("Status")
    assert law.error("rate-limit").status == document["x-errors"]["rate-limit"]["status"]
    assert {law.operation("ingestOtlpTraces").success} < law.statuses("otlp.status")
    assert law.statuses("otlp.status") == law.successes("ingestOtlpTraces")
    assert law.successes("ingestTraces") == {law.operation("ingestTraces").success}
    assert Schemas(law).response_flaws("getHealth", law.operation("getHealth").success, {"status": "no"})
    assert not law.operation("login").keyed
    assert not law.operation("logout").keyed


def test_every_operation_has_an_example_that_a_plan_can_answer_with(law: Contract) -> None:
    schemas = Schemas(law)
    for row in law.operations.values():
        assert schemas.response_flaws(row.id, row.success, row.response(row.success).example()) == []


def test_a_name_that_the_contract_does_not_have_is_told_with_near_ones(law: Contract) -> None:
    with pytest.raises(KeyError, match="no operation 'listTrace'; did you mean listTraces"):
        law.operation("listTrace")
