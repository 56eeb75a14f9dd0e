"""The law obeys its own rules: every sweep here is a loop over openapi.yaml, with no number of it written again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from twosignal_contract import Contract, ContractError, load_contract

ROOT = Path(__file__).parents[2]
CONTRACT: Contract = load_contract(ROOT / "openapi.yaml")
DOCUMENT: Mapping[str, Any] = CONTRACT.document
OPERATIONS: dict[str, Mapping[str, Any]] = {
    operation["operationId"]: operation for path in DOCUMENT["paths"].values() for operation in path.values()
}
EVERY_OPERATION = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def resolve(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a `$ref` stands for; anything else is itself."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def examples_with_schemas(node: Any, place: str = "#") -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Every example of the document with its place and the schema beside it."""
    if isinstance(node, Mapping):
        if "schema" in node and "example" in node:
            yield place, node["example"], node["schema"]
        if "schema" in node and "examples" in node:
            for name, example in node["examples"].items():
                yield f"{place}/examples/{name}", resolve(example)["value"], node["schema"]
        for key, value in node.items():
            if not key.startswith("x-") and key not in {"example", "examples"}:
                yield from examples_with_schemas(value, f"{place}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from examples_with_schemas(value, f"{place}/{index}")


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


EXAMPLES = list(examples_with_schemas(DOCUMENT))


@pytest.mark.parametrize(("value", "schema"), [case[1:] for case in EXAMPLES], ids=[case[0] for case in EXAMPLES])
def test_every_example_is_valid(value: Any, schema: Mapping[str, Any]) -> None:
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": DOCUMENT["components"], **schema}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(value)


@EVERY_OPERATION
def test_every_answer_has_an_example(operation: Mapping[str, Any]) -> None:
    for status, response in operation["responses"].items():
        assert resolve(response)["content"]["application/json"]["examples"], status


@EVERY_OPERATION
def test_every_operation_documents_its_refusals(operation: Mapping[str, Any]) -> None:
    expected = {"500"}
    if operation.get("security", DOCUMENT["security"]):
        expected.add("401")
    if "x-rate-limit" not in operation:
        expected |= {"401", "429"}
    if "requestBody" in operation:
        expected |= {"400", "413", "415"}
    if operation.get("parameters"):
        expected.add("400")
    assert expected <= operation["responses"].keys()


@EVERY_OPERATION
def test_every_operation_with_a_body_has_a_limit(operation: Mapping[str, Any]) -> None:
    assert ("requestBody" in operation) == ("x-payload-limit" in operation)


@EVERY_OPERATION
def test_every_operation_has_one_success(operation: Mapping[str, Any]) -> None:
    assert len([status for status in operation["responses"] if status.startswith("2")]) == 1


@EVERY_OPERATION
def test_every_operation_has_clauses_of_its_own(operation: Mapping[str, Any]) -> None:
    assert operation["x-clauses"]


def test_every_object_states_whether_it_takes_more_fields() -> None:
    missing = [
        place
        for place, schema in object_schemas(DOCUMENT["components"]["schemas"], "#/components/schemas")
        if "additionalProperties" not in schema
    ]
    assert missing == []


def test_every_answer_allows_unknown_fields() -> None:
    answers = {
        reference
        for operation in OPERATIONS.values()
        for response in operation["responses"].values()
        for reference in [resolve(response)["content"]["application/json"]["schema"]["$ref"]]
    }
    closed = [
        place
        for reference in answers
        for place, schema in object_schemas(resolve({"$ref": reference}), reference)
        if schema.get("additionalProperties") is not True
    ]
    assert closed == []


def test_every_identifier_has_the_one_shared_schema() -> None:
    shared = {"#/components/schemas/Identifier", "#/components/schemas/NullableIdentifier"}
    strangers = [
        f"{place}/properties/{name}"
        for place, schema in object_schemas(DOCUMENT["components"]["schemas"], "#/components/schemas")
        if "/Otlp" not in place  # OpenTelemetry's ids are hexadecimal and have schemas of their own
        for name, value in schema.get("properties", {}).items()
        if (name == "id" or name.endswith("Id")) and value.get("$ref") not in shared
    ]
    assert strangers == []


def test_every_discriminated_union_maps_each_of_its_branches() -> None:
    unions = [schema for schema in DOCUMENT["components"]["schemas"].values() if "discriminator" in schema]
    assert unions
    for union in unions:
        mapping = union["discriminator"]["mapping"]
        assert list(mapping.values()) == [branch["$ref"] for branch in union["oneOf"]]
        for value, reference in mapping.items():
            assert resolve({"$ref": reference})["properties"]["type"]["const"] == value


def test_every_error_example_is_in_the_catalogue() -> None:
    catalogue = {(str(row.status), row.code) for row in CONTRACT.errors.values()}
    shown = {
        (status, resolve(example)["value"]["error"]["code"])
        for operation in OPERATIONS.values()
        for status, response in operation["responses"].items()
        if not status.startswith("2")
        for example in resolve(response)["content"]["application/json"]["examples"].values()
    }
    assert shown <= catalogue


def test_every_documented_refusal_has_a_cause() -> None:
    causes = {str(row.status) for row in CONTRACT.errors.values()}
    documented = {status for operation in OPERATIONS.values() for status in operation["responses"]}
    assert {status for status in documented if not status.startswith("2")} <= causes


def test_clauses_about_sizes_and_counts_state_the_numbers_of_the_limits() -> None:
    sentences = {clause.id: clause.says for clause in CONTRACT.clauses.values()}
    for operation_id, limit in CONTRACT.payload_limits.items():
        mine = [clause for clause in CONTRACT.clauses.values() if clause.operation_id == operation_id]
        for clause in mine:
            if clause.id.endswith(".max-bytes"):
                assert f"{limit.refused_above:,} bytes" in clause.says
            if clause.id.endswith(".max-bytes-accepted"):
                assert f"{limit.bytes:,} bytes" in clause.says
            if clause.id.endswith((".max-events", ".max-events-accepted")):
                assert f"{limit.events:,} events" in clause.says
    for plan, rate in CONTRACT.plans.items():
        assert f"{rate:,} requests per second" in sentences[f"rate.plan.{plan}"]
    for delay in CONTRACT.retry.delays:
        assert f"{delay:g}" in sentences["client.retry.backoff"]


def test_every_clause_has_a_level_and_known_sources() -> None:
    assert len(CONTRACT.clauses) >= 120
    for clause in CONTRACT.clauses.values():
        assert clause.level
        assert set(clause.sources) <= CONTRACT.sources.keys()


def test_only_the_kit_itself_stands_behind_a_may_alone() -> None:
    """A `must` needs a document of the vendor, a `should` anybody but us; what only we say is a `may`."""
    kinds = {tag: source.kind for tag, source in CONTRACT.sources.items()}
    for clause in CONTRACT.clauses.values():
        behind = {kinds[tag] for tag in clause.sources}
        if clause.level == "must":
            assert "documentation" in behind, clause.id
        if behind == {"decision"}:
            assert clause.level == "may", clause.id


def test_every_conflict_and_gap_of_the_reference_is_settled() -> None:
    numbers = {"conflict": 60, "gap": 25}  # sections 8 and 9 of reference/twosignal.md, which is not in this repository
    expected = {f"{kind}-{number}" for kind, most in numbers.items() for number in range(1, most + 1)}
    assert CONTRACT.questions.keys() == expected


def test_the_readme_counts_the_clauses_right() -> None:
    counts = re.findall(r"([0-9]+) clauses", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert set(counts) == {str(len(CONTRACT.clauses))}


def test_the_refusal_in_the_readme_is_what_the_reader_says(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    path.write_text(re.sub(r"^(  free): [0-9]+$", r"\1: -1", text, flags=re.MULTILINE), encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    line = str(caught.value.problems[0]).removeprefix(f"{tmp_path}/")
    assert f"    {line}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
