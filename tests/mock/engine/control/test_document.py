"""The control API's own document: valid, with examples that fit, and complete."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import twosignal_conformance
from openapi_spec_validator import validate
from twosignal_contract import Contract
from twosignal_mock.apis.rest import REST
from twosignal_mock.engine.api import ControlErrorKind, Project
from twosignal_mock.engine.control import HANDLERS
from twosignal_mock.engine.sandbox import ClockKind, FaultKind, FaultPhase, Outcome, RetryAfterForm, Sandboxes

from tests.mock.engine.control.world import JSON, Judge

METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from (item[method] for method in item.keys() & METHODS)


def contents(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body that the document describes, with a name."""
    for operation in operations(document):
        name = operation["operationId"]
        if "requestBody" in operation:
            yield f"{name} request", operation["requestBody"]["content"]
        for status, response in operation["responses"].items():
            if "content" in response:
                yield f"{name} {status}", response["content"]
    for name, response in document["components"]["responses"].items():
        yield name, response["content"]


def test_it_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_every_operation_has_a_handler_and_every_handler_an_operation(document: dict[str, Any]) -> None:
    assert REST.control is not None
    handlers = {*HANDLERS, *REST.control.handlers}
    assert {operation["operationId"] for operation in operations(document)} == handlers


def test_every_body_has_examples_that_fit(document: dict[str, Any], judge: Judge) -> None:
    for name, content in contents(document):
        for media_type, described in content.items():
            examples = described.get("examples")
            assert examples, f"{name} has no example"
            for example in examples.values():
                if media_type == JSON:
                    judge.validator(described["schema"]).validate(example["value"])


def test_every_fault_of_the_scenarios_can_be_ordered(judge: Judge) -> None:
    scenarios = Path(twosignal_conformance.__file__).parent / "apis" / "rest" / "clients" / "scenarios.json"
    validator = judge.validator({"$ref": "#/components/schemas/NewFault"})

    def faults(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            yield from value.get("faults", ())
        for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from faults(member)

    orders = list(faults(json.loads(scenarios.read_text(encoding="utf-8"))))
    assert len(orders) > 10
    for order in orders:
        # The suite makes some bodies itself, of what it knows when it orders them.
        validator.validate({key: "made" if isinstance(value, dict) else value for key, value in order.items()})


def test_what_generated_code_fills_in_is_accepted(document: dict[str, Any], judge: Judge) -> None:
    """Types that are generated of a schema have every default of it in every value."""
    schemas = document["components"]["schemas"]
    for name, content in contents(document):
        if name.endswith(" request"):
            described = content[JSON]
            schema = described["schema"]
            properties = schemas[schema["$ref"].rpartition("/")[2]].get("properties", {})
            defaults = {key: value["default"] for key, value in properties.items() if "default" in value}
            for example in described["examples"].values():
                judge.validator(schema).validate(defaults | example["value"])


def test_every_operation_is_described_and_tells_its_errors(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations(document):
        assert operation["summary"]
        assert set(operation["tags"]) <= tags
        if operation["operationId"] != "getHealth":
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Error"}


def test_every_object_says_whether_it_may_have_more(document: dict[str, Any]) -> None:
    def objects(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            if value.get("type") == "object":
                yield value
            for member in value.values():
                yield from objects(member)

    for schema in objects(document["components"]["schemas"]):
        assert "additionalProperties" in schema, schema


def test_words_are_those_of_the_code(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    fault = schemas["NewFault"]["properties"]
    assert schemas["ClockKind"]["enum"] == list(ClockKind)
    assert schemas["Outcome"]["enum"] == list(Outcome)
    assert fault["kind"]["enum"] == list(FaultKind)
    assert fault["phase"]["enum"] == list(FaultPhase)
    assert fault["retry_after_form"]["enum"] == list(RetryAfterForm)
    assert schemas["Error"]["properties"]["error"]["properties"]["code"]["enum"] == [
        each.name for each in ControlErrorKind
    ]


def test_every_example_of_a_fault_can_be_ordered(document: dict[str, Any], contract: Contract) -> None:
    faults = Sandboxes([contract]).of(Project(1, "id", "name", next(iter(contract.plans)))).faults
    examples = document["paths"]["/__mock/v1/faults"]["post"]["requestBody"]["content"][JSON]["examples"]
    for example in examples.values():
        faults.add(example["value"])
    assert len(faults) == len(examples)
