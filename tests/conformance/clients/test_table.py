"""The table of scenarios: whole, true to its schema, and with no number of the contract in it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import jsonschema_rs
import pytest
from twosignal_conformance.apis.rest.clients import CLIENTS, names_in
from twosignal_conformance.clients import Scenario, ScenarioError, choose, citations, clauses_of, read_scenarios

from tests.conformance.clients.journals import CONTRACT

TABLE = read_scenarios(CLIENTS.scenarios, CLIENTS.values, CONTRACT)
SCHEMA = json.loads(CLIENTS.scenario_schema.read_text(encoding="utf-8"))
TEXT = CLIENTS.scenarios.read_text(encoding="utf-8")


@pytest.mark.parametrize("scenario", TABLE.values(), ids=lambda row: row.name)
def test_a_scenario_is_what_the_schema_says(scenario: Scenario) -> None:
    validator = jsonschema_rs.Draft202012Validator(SCHEMA)
    assert [error.message for error in validator.iter_errors(scenario.message)] == []
    words = {"login": ("login", "refresh", "logout")}.get(scenario.kind, (scenario.kind,))
    assert all(action["action"] in words for action in scenario.do)
    assert scenario.why.endswith(".")
    known = {row.id for row in CONTRACT.clauses.values() if row.about == "client"}
    assert {*scenario.clauses, *scenario.shown} <= known
    assert {*scenario.shown} <= {*clauses_of(scenario, CLIENTS)}


@pytest.mark.parametrize("scenario", [row for row in TABLE.values() if row.kind == "emit"], ids=lambda row: row.name)
def test_everything_that_is_recorded_has_a_name_of_its_own(scenario: Scenario) -> None:
    counts = Counter(name for action in scenario.do for name in names_in(action["traces"]))
    assert max(counts.values()) == 1


def test_what_is_recorded_is_made_of_what_the_contract_has() -> None:
    def types(spans: list[Any]) -> set[str]:
        return {kind for span in spans for kind in ({span["type"]} | types(span.get("spans", [])))}

    traces = [trace for row in TABLE.values() if row.kind == "emit" for action in row.do for trace in action["traces"]]
    assert types([span for trace in traces for span in trace.get("spans", [])]) <= {*CONTRACT.enum("SpanType")}


def test_faults_name_causes_and_no_status_or_limit() -> None:
    rows = json.loads(TEXT)["scenarios"]
    faults = [fault for row in rows for fault in row.get("setup", {}).get("faults", [])]
    assert all("status" not in fault for fault in faults)
    assert all(fault["cause"] in CONTRACT.document["x-errors"] for fault in faults if fault["kind"] == "status")
    for limit in CONTRACT.payload_limits.values():
        assert all(str(number) not in TEXT for number in (limit.bytes, limit.refused_above))


def test_a_wait_is_longer_than_what_a_client_waits_anyway() -> None:
    """Else a client that reads no header passes."""
    first, second = CONTRACT.retry.delays[:2]
    limits = [
        (scenario.name, fault)
        for scenario in TABLE.values()
        for fault in scenario.setup.faults
        if fault.get("cause") == "rate-limit"
    ]
    assert limits
    for name, fault in limits:
        usual = second if max(fault.get("nth", 1), fault.get("times", 1)) > 1 else first
        assert fault["retry_after"] > usual, name


def test_dialects_are_those_of_the_contract() -> None:
    for scenario in TABLE.values():
        for name, value in scenario.setup.dialects.items():
            assert value in CONTRACT.dialect(name).choices


def test_every_testable_clause_about_clients_has_a_check() -> None:
    testable = {row.id for row in CONTRACT.clauses.values() if row.about == "client" and row.untestable is None}
    assert set(citations(CLIENTS)) == testable
    assert all(citations(CLIENTS).values())


def test_scenarios_are_chosen_by_name_or_beginning() -> None:
    assert [row.name for row in choose(["pages", "sess"], TABLE)] == ["pages", "sessions"]
    assert [row.name for row in choose(["429"], TABLE)] == [name for name in TABLE if name.startswith("429")]
    assert choose([], TABLE) == list(TABLE.values())
    with pytest.raises(ScenarioError, match="--scenario 430: no scenario"):
        choose(["430"], TABLE)
