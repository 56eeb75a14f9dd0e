"""Addresses that can be asked, and look-ups in the document."""

from __future__ import annotations

from pathlib import Path

import pytest
from twosignal_conformance.clients import Schemas as ClientSchemas
from twosignal_conformance.engine.api_client import AddressError, Schemas, base_address
from twosignal_contract import Contract, load_contract

from tests.conformance.servers import HEALTH, TRACES
from tests.toy.installation import DOCUMENT


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


INLINE = (
    "{type: object, required: [id, brightness, colour], additionalProperties: false, "
    "properties: {id: {type: integer}, brightness: {type: integer}, colour: {$ref: '#/components/schemas/Colour'}}}"
)
"""What the schema Lamp says, with a reference in it."""


@pytest.mark.parametrize("schema", ['{$ref: "#/components/schemas/Lamp"}', INLINE], ids=["by name", "in its place"])
@pytest.mark.parametrize(
    ("value", "flaws"),
    [
        ({"id": 1, "brightness": 50, "colour": "red"}, 0),
        ({"id": "1", "brightness": 50}, 2),
        ({"id": 1, "brightness": 50, "colour": 3}, 1),
        ([], 1),
    ],
)
def test_a_schema_of_a_response_is_judged_wherever_it_stands(
    tmp_path: Path, schema: str, value: object, flaws: int
) -> None:
    text = DOCUMENT.read_text(encoding="utf-8").replace("    Lamp:\n", "    Colour: {type: string}\n    Lamp:\n")
    named = 'schema: {$ref: "#/components/schemas/Lamp"}'
    path = tmp_path / "lamps.yaml"
    path.write_text(text.replace(named, f"schema: {schema}"), encoding="utf-8")
    contract = load_contract(path)
    operation = contract.operation("switchLamp")
    for status in operation.successes:
        media = operation.response(status).media_type
        assert media is not None
        assert media.schema_pointer is not None
        assert len(Schemas(contract).response_flaws(operation.id, status, value)) == flaws
        assert len(list(ClientSchemas(contract).problems(media.schema_pointer, value))) == flaws


def test_a_name_that_the_contract_does_not_have_is_told_with_near_ones(contract: Contract) -> None:
    with pytest.raises(KeyError, match="no operation 'listTrace'; did you mean listTraces"):
        contract.operation("listTrace")
