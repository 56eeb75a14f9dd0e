"""The tables of the dashboard's contract agree with its procedures, its schemas, and with the REST API's contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from twosignal_contract import Contract, Operation, load_contract

ROOT = Path(__file__).parents[2]
CONTRACT: Contract = load_contract(ROOT / "contracts" / "dashboard.openapi.yaml")
REST: Contract = load_contract(ROOT / "openapi.yaml")
PROCEDURES: Mapping[str, Mapping[str, str]] = CONTRACT.extension("x-dashboard-procedures")
ROLES: Mapping[str, Mapping[str, Any]] = CONTRACT.extension("x-dashboard-roles")
EVALUATORS: Mapping[str, Mapping[str, Any]] = CONTRACT.extension("x-dashboard-evaluators")
EVERY_PROCEDURE = pytest.mark.parametrize("operation", CONTRACT.operations.values(), ids=CONTRACT.operations)


def input_of(operation: Operation) -> Mapping[str, Any]:
    """The schema of what stands in the envelope of a procedure's input."""
    body = operation.request_body
    envelope = body.media_type.schema if body else operation.parameter("input").schema
    found: Mapping[str, Any] = envelope["properties"]["json"]
    return found


def result_of(operation: Operation) -> str | None:
    """Where the schema of a procedure's response stands."""
    media_type = operation.response(200).media_type
    return media_type.schema_pointer if media_type else None


def without_prose(node: Any) -> Any:
    """A schema without its descriptions."""
    if isinstance(node, Mapping):
        # A property may be called description too; then it is a schema and no text.
        return {k: without_prose(v) for k, v in node.items() if not (k == "description" and isinstance(v, str))}
    return [without_prose(item) for item in node] if isinstance(node, list) else node


# --- procedures and roles --------------------------------------------------------------------------------------------


def test_every_procedure_is_in_the_table_and_has_its_path() -> None:
    assert PROCEDURES.keys() == CONTRACT.operations.keys()
    assert {operation.path for operation in CONTRACT.operations.values()} == {
        f"/api/trpc/{name}" for name in PROCEDURES
    }


@EVERY_PROCEDURE
def test_the_field_that_names_the_thing_is_required(operation: Operation) -> None:
    field = PROCEDURES[operation.id].get("by")
    assert field is None or field in input_of(operation)["required"]


@EVERY_PROCEDURE
def test_who_may_not_and_what_is_not_there_are_documented(operation: Operation) -> None:
    row = PROCEDURES[operation.id]
    everybody = all(row.get("may") in (None, *role["may"]) for role in ROLES.values())
    assert ("403" in operation.responses) == (not everybody)
    assert ("404" in operation.responses) == ("by" in row)
    assert (operation.method == "GET") == (row.get("may") == "view" or operation.id == "organization.list")


@pytest.mark.parametrize("name", [name for name, row in PROCEDURES.items() if "same-as" in row])
def test_two_spellings_of_a_procedure_are_alike(name: str) -> None:
    other = PROCEDURES[name]["same-as"]
    assert (PROCEDURES[name]["may"], PROCEDURES[name]["of"]) == (PROCEDURES[other]["may"], PROCEDURES[other]["of"])
    assert result_of(CONTRACT.operation(name)) == result_of(CONTRACT.operation(other))


def test_the_roles_that_may_be_given_are_those_of_the_schema() -> None:
    assert {name for name, role in ROLES.items() if role["assignable"]} == set(CONTRACT.enum("AssignableRole"))
    assert {row["may"] for row in PROCEDURES.values() if "may" in row} <= set(ROLES["OWNER"]["may"])


# --- evaluators ------------------------------------------------------------------------------------------------------


REST_CONFIGURATIONS: dict[str, Mapping[str, Any]] = {
    value: REST.resolve({"$ref": reference})["properties"]["config"]
    for value, reference in REST.schema("Evaluator")["discriminator"]["mapping"].items()
}


def test_the_catalogue_has_every_type() -> None:
    assert list(EVALUATORS) == list(CONTRACT.enum("EvaluatorType"))
    assert REST_CONFIGURATIONS.keys() == EVALUATORS.keys()


@pytest.mark.parametrize(("name", "config"), REST_CONFIGURATIONS.items(), ids=REST_CONFIGURATIONS)
def test_both_contracts_configure_an_evaluator_alike(name: str, config: Mapping[str, Any]) -> None:
    row = EVALUATORS[name]
    here = CONTRACT.schema(row["configuration"])
    assert without_prose(here.get("properties")) == without_prose(config.get("properties"))
    assert row["needs"] == config.get("required", [])


# --- numbers and names that stand in sentences too -------------------------------------------------------------------


def test_the_sentences_state_the_numbers_of_the_document() -> None:
    limits = set(CONTRACT.payload_limits.values())
    assert len(limits) == 1
    page, history = (input_of(CONTRACT.operation(name))["properties"] for name in ("trace.list", "usage.getHistory"))
    numbers = {
        "envelope.input.most-bytes": [f"{limits.pop().refused_above:,} bytes"],
        "envelope.batch.most": [f"{CONTRACT.extension('x-dashboard-batching')['most']} calls"],
        "envelope.batch.status": [f"status {CONTRACT.extension('x-dashboard-batching')['mixed-status']}"],
        "traces.page.limit-default": [f"{page['limit']['default']} traces"],
        "traces.page.limit-range": [f"below {page['limit']['minimum']} ", f"above {page['limit']['maximum']} "],
        "usage.history.most": [f"{history['months']['maximum']} months"],
    }
    for clause, texts in numbers.items():
        assert all(text in CONTRACT.clause(clause).says for text in texts), clause


def test_the_cookie_is_that_of_a_login_without_project_ref() -> None:
    [scheme] = CONTRACT.security_schemes.values()
    assert (scheme.where, scheme.parameter) == (
        "cookie",
        CONTRACT.extension("x-dashboard-session")["cookie"].format(project_ref=""),
    )


def test_every_error_says_its_status_its_procedure_and_one_number_for_its_code() -> None:
    numbers: dict[str | None, set[int]] = {}
    for error in CONTRACT.errors.values():
        body = error.template["error"]["json"]
        assert body["data"]["httpStatus"] == error.status
        assert body["data"].get("path", "{operation}") == "{operation}"
        numbers.setdefault(error.code, set()).add(body["code"])
    assert all(len(found) == 1 for found in numbers.values())


def test_every_property_is_described() -> None:
    def silent(node: Any, place: str) -> Iterator[str]:
        if isinstance(node, Mapping):
            for name, value in (
                node.get("properties", {}).items() if isinstance(node.get("properties"), Mapping) else ()
            ):
                if not (value.get("description") or CONTRACT.resolve(value).get("description")):
                    yield f"{place}/properties/{name}"
            for key, value in node.items():
                yield from silent(value, f"{place}/{key}")

    assert list(silent(CONTRACT.document["components"]["schemas"], "")) == []


def test_evaluators_run_the_same_in_both_documents() -> None:
    assert REST.document["x-rest-evaluation"] == CONTRACT.document["x-dashboard-evaluation"]
