"""Each contract obeys the rules of the house: every sweep is a loop over the documents, with no number of them here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest
from twosignal_contract import Contract, Operation, documents, load_contract

CONTRACTS: dict[str, Contract] = {path.name: load_contract(path) for path in documents()}
EVERY_CONTRACT = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
OPERATIONS = [(contract, operation) for contract in CONTRACTS.values() for operation in contract.operations.values()]
EVERY_OPERATION = pytest.mark.parametrize(
    ("contract", "operation"), OPERATIONS, ids=[f"{contract.api.name}-{row.id}" for contract, row in OPERATIONS]
)
SCHEMAS = "#/components/schemas"


def examples_with_schemas(
    contract: Contract, node: Any, place: str = "#"
) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Every example of the document with its place and the schema beside it."""
    if isinstance(node, Mapping):
        if "schema" in node and "example" in node:
            yield place, node["example"], node["schema"]
        if "schema" in node and "examples" in node:
            for name, example in node["examples"].items():
                yield f"{place}/examples/{name}", contract.resolve(example)["value"], node["schema"]
        for key, value in node.items():
            if not key.startswith("x-") and key not in {"example", "examples"}:
                yield from examples_with_schemas(contract, value, f"{place}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from examples_with_schemas(contract, value, f"{place}/{index}")


def object_schemas(node: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every schema below a place that describes an object."""
    if isinstance(node, Mapping):
        if node.get("type") == "object" or "object" in (node.get("type") or ()):
            yield place, node
        for key, value in node.items():
            if not key.startswith("x-"):
                yield from object_schemas(value, f"{place}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from object_schemas(value, f"{place}/{index}")


EXAMPLES = [
    pytest.param(contract, value, schema, id=f"{contract.api.name}-{place}")
    for contract in CONTRACTS.values()
    for place, value, schema in examples_with_schemas(contract, contract.document)
]


@pytest.mark.parametrize(("contract", "value", "schema"), EXAMPLES)
def test_every_example_is_valid(contract: Contract, value: Any, schema: Mapping[str, Any]) -> None:
    dialect = "https://json-schema.org/draft/2020-12/schema"
    whole = {"$schema": dialect, "components": contract.document["components"], **schema}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(value)


@EVERY_OPERATION
def test_every_response_has_an_example(contract: Contract, operation: Operation) -> None:
    for status, response in operation.responses.items():
        assert all(media_type.examples for media_type in response.content.values()), f"{contract.api.name} {status}"


@EVERY_OPERATION
def test_every_operation_documents_its_errors(contract: Contract, operation: Operation) -> None:
    causes = {"internal"}
    if operation.request_body:
        causes |= {"malformed-json", "body-too-large", "unsupported-media-type"}
    if operation.parameters:
        causes.add("invalid-value")
    if operation.rate_limited:
        causes.add("rate-limit")
    expected = {str(contract.error(cause).status) for cause in causes} | (set() if operation.is_open else {"401"})
    assert expected <= operation.responses.keys()


@EVERY_OPERATION
def test_every_operation_with_a_body_has_a_limit(contract: Contract, operation: Operation) -> None:
    assert (operation.request_body is None) == (operation.payload_limit is None), contract.api.name


@EVERY_OPERATION
def test_every_operation_has_one_success_and_clauses_of_its_own(contract: Contract, operation: Operation) -> None:
    assert len(operation.successes) == 1
    assert [clause for clause in contract.clauses.values() if clause.operation_id == operation.id]


@EVERY_CONTRACT
def test_every_object_states_whether_it_takes_more_fields(contract: Contract) -> None:
    schemas = object_schemas(contract.document["components"]["schemas"], SCHEMAS)
    assert [place for place, schema in schemas if "additionalProperties" not in schema] == []


@EVERY_CONTRACT
def test_every_response_allows_unknown_fields(contract: Contract) -> None:
    schemas = {
        media_type.schema_pointer: media_type.schema
        for operation in contract.operations.values()
        for response in operation.responses.values()
        for media_type in response.content.values()
    }
    closed = [
        place
        for pointer, schema in schemas.items()
        for place, found in object_schemas(schema, str(pointer))
        if found.get("additionalProperties") is not True
    ]
    assert closed == []


WITH_IDENTIFIERS = [
    pytest.param(contract, id=name) for name, contract in CONTRACTS.items() if "Identifier" in contract.schemas
]


@pytest.mark.parametrize("contract", WITH_IDENTIFIERS)
def test_every_identifier_has_the_one_shared_schema(contract: Contract) -> None:
    shared = {f"{SCHEMAS}/Identifier", f"{SCHEMAS}/NullableIdentifier"}
    strangers = [
        f"{place}/properties/{name}"
        for place, schema in object_schemas(contract.document["components"]["schemas"], SCHEMAS)
        if "/Otlp" not in place  # OpenTelemetry's ids are hexadecimal and have schemas of their own
        for name, value in schema.get("properties", {}).items()
        if (name == "id" or name.endswith("Id")) and value.get("$ref") not in shared
    ]
    assert strangers == []


UNIONS = [
    pytest.param(contract, schema, id=f"{contract.api.name}-{name}")
    for contract in CONTRACTS.values()
    for name, schema in contract.schemas.items()
    if "discriminator" in schema
]


@pytest.mark.parametrize(("contract", "union"), UNIONS)
def test_every_discriminated_union_maps_each_of_its_branches(contract: Contract, union: Mapping[str, Any]) -> None:
    mapping = union["discriminator"]["mapping"]
    assert list(mapping.values()) == [branch["$ref"] for branch in union["oneOf"]]
    for value, reference in mapping.items():
        assert contract.resolve({"$ref": reference})["properties"]["type"]["const"] == value


@EVERY_OPERATION
def test_every_error_example_comes_out_of_a_template(contract: Contract, operation: Operation) -> None:
    for status, response in operation.responses.items():
        templates = [row.template for row in contract.errors.values() if str(row.status) == status]
        for media_type in response.content.values() if int(status) not in operation.successes else ():
            for body in media_type.examples.values():
                assert any(fits(template, body) for template in templates), body


def fits(template: Any, value: Any) -> bool:
    """Whether a template can give the value."""
    if isinstance(template, Mapping):
        same = isinstance(value, Mapping) and template.keys() == value.keys()
        return same and all(fits(template[key], value[key]) for key in template)
    pattern = ".+".join(re.escape(text) for text in re.split(r"\{[a-z]+\}", str(template)))
    return re.fullmatch(pattern, str(value)) is not None


@EVERY_CONTRACT
def test_every_clause_has_a_level_that_its_sources_allow(contract: Contract) -> None:
    """A `must` needs a document of the vendor, a `should` anybody but us; what only we say is a `may`."""
    kinds = {tag: source.kind for tag, source in contract.sources.items()}
    assert len(contract.clauses) >= 120
    for clause in contract.clauses.values():
        behind = {kinds[tag] for tag in clause.sources}
        assert clause.level != "must" or "documentation" in behind, clause.id
        assert behind != {"decision"} or clause.level == "may", clause.id


def test_what_one_contract_leaves_to_the_dashboard_is_settled_there() -> None:
    left = {
        question.id
        for contract in CONTRACTS.values()
        for question in contract.questions.values()
        if "dashboard" in (question.irrelevant or "")
    }
    assert left
    assert left <= CONTRACTS["dashboard.openapi.yaml"].questions.keys()
