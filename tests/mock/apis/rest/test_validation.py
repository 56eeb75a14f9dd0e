"""POST /api/v1/validate: what the whole answers, whatever the evaluators."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from twosignal_mock.apis.rest.evaluators import EVALUATORS

from tests.mock.apis.rest.desk import Desk, the_contract

PASSES = {"type": "CONTAINS", "config": {"value": "refund"}}
FAILS = {"type": "CONTAINS", "config": {"value": "invoice"}}
OUTPUT = "Your refund is on its way."
SCHEMAS = the_contract().document["components"]["schemas"]
TYPES = SCHEMAS["Evaluator"]["discriminator"]["mapping"]
CONFIGS: dict[str, dict[str, Any]] = {
    "CONTAINS": {"value": "refund"},
    "REGEX_MATCH": {"pattern": "refund"},
    "JSON_SCHEMA": {"schema": {"type": "string"}},
    "STARTS_WITH": {"value": "Your"},
    "ENDS_WITH": {"value": "way."},
    "LATENCY": {"max_ms": 1},
    "COST": {"max_cost_usd": 1},
    "RESPONSE_TIME_SLA": {"tiers": [{"name": "fast", "max_ms": 1, "score": 1}]},
    "SENTIMENT": {"target": "neutral"},
    "WORKFLOW_ADHERENCE": {"expected_steps": ["a"]},
    "LLM_JUDGE": {"criteria": "is polite"},
    "WEBHOOK": {"url": "http://127.0.0.1:1/", "retries": 0},
}


async def validate(*evaluators: dict[str, Any], output: Any = OUTPUT, **rest: Any) -> dict[str, Any]:
    desk = await Desk.open()
    answer = await desk.ask("validateOutput", {"output": output, "evaluators": list(evaluators), **rest})
    data: dict[str, Any] = answer["data"]
    return data


async def test_there_is_one_result_for_each_evaluator_in_their_order() -> None:
    data = await validate(PASSES, FAILS, {"type": "LENGTH"}, FAILS)
    assert [(row["evaluator"], row["pass"]) for row in data["results"]] == [
        ("CONTAINS", True),
        ("CONTAINS", False),
        ("LENGTH", True),
        ("CONTAINS", False),
    ]


async def test_a_result_says_what_its_verdict_rests_on() -> None:
    results = (await validate(PASSES, FAILS, {"type": "LENGTH", "config": {"max": 200}}))["results"]
    assert results == [
        {"evaluator": "CONTAINS", "pass": True, "score": 1, "label": "pass", "reason": None},
        {
            "evaluator": "CONTAINS",
            "pass": False,
            "score": 0,
            "label": "fail",
            "reason": "a value does not stand in the output",
        },
        # The example of the document.
        {
            "evaluator": "LENGTH",
            "pass": True,
            "score": 1,
            "label": "pass",
            "reason": "26 characters, allowed are 0 to 200",
        },
    ]


@pytest.mark.parametrize(
    ("fail_mode", "evaluators", "passes"),
    [
        ({}, [PASSES, PASSES], True),
        ({}, [PASSES, FAILS], False),
        ({"failMode": "any"}, [PASSES, PASSES], True),
        ({"failMode": "any"}, [PASSES, FAILS], False),
        ({"failMode": "any"}, [FAILS], False),
        ({"failMode": "all"}, [PASSES, FAILS], True),
        ({"failMode": "all"}, [FAILS, FAILS], False),
        ({"failMode": "all"}, [PASSES], True),
    ],
)
async def test_fail_mode_says_how_many_must_fail(
    fail_mode: dict[str, str], evaluators: list[dict[str, Any]], passes: bool
) -> None:
    assert (await validate(*evaluators, **fail_mode))["pass"] is passes


async def test_the_latency_is_whole_milliseconds() -> None:
    latency = (await validate(PASSES))["latencyMs"]
    assert isinstance(latency, int)
    assert latency >= 0


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("a \u00e9", "a \u00e9"),
        (None, "null"),
        (True, "true"),
        (12, "12"),
        (1.5, "1.5"),
        ([1, "a", None], '[1,"a",null]'),
        ({"b": 1, "a": "\u00e9"}, '{"b":1,"a":"\u00e9"}'),
        ("", ""),
    ],
)
async def test_an_output_that_is_no_string_is_judged_by_its_compact_json(output: Any, text: str) -> None:
    exact = {"type": "EXACT_MATCH", "config": {"case_sensitive": True, "trim": False}}
    assert (await validate(exact, output=output, expectedOutput=text))["pass"] is True
    assert (await validate(exact, output=text, expectedOutput=output))["pass"] is (output is not None)


@pytest.mark.parametrize("kind", sorted(TYPES))
async def test_every_type_gives_a_verdict_with_its_reason(kind: str) -> None:
    texts = {"input": "Where is my refund?", "expectedOutput": OUTPUT}
    data = await validate({"type": kind, "config": CONFIGS.get(kind, {})}, **texts)
    (row,) = data["results"]
    assert row["evaluator"] == kind
    assert row["pass"] is (row["label"] == "pass")
    assert row["pass"] or row["reason"]


def test_the_types_that_are_run_are_those_of_the_contract() -> None:
    assert set(EVALUATORS) == set(TYPES)


@pytest.mark.parametrize(
    ("path", "value", "evaluator", "output"),
    [
        (("ContainsEvaluator", "case_sensitive"), True, {"type": "CONTAINS", "config": {"value": "REFUND"}}, OUTPUT),
        (("RegexMatchEvaluator", "flags"), "", {"type": "REGEX_MATCH", "config": {"pattern": "REFUND"}}, OUTPUT),
        (("LengthEvaluator", "min"), 27, {"type": "LENGTH", "config": {}}, OUTPUT),
        (("LengthEvaluator", "max"), 25, {"type": "LENGTH"}, OUTPUT),
        (("StartsWithEvaluator", "trim"), False, {"type": "STARTS_WITH", "config": {"value": "a"}}, " a"),
    ],
)
async def test_defaults_are_the_contracts(path: tuple[str, str], value: Any, evaluator: Any, output: str) -> None:
    contract = the_contract()
    document = deepcopy(dict(contract.document))
    schema, name = path
    document["components"]["schemas"][schema]["properties"]["config"]["properties"][name]["default"] = value
    body = {"output": output, "evaluators": [evaluator]}
    before, after = await Desk.open(contract), await Desk.open(replace(contract, document=document))
    assert (await before.ask("validateOutput", body))["data"]["pass"] is True
    assert (await after.ask("validateOutput", body))["data"]["pass"] is False


async def test_the_default_of_fail_mode_is_the_contracts() -> None:
    contract = the_contract()
    document = deepcopy(dict(contract.document))
    document["components"]["schemas"]["ValidateRequest"]["properties"]["failMode"]["default"] = "all"
    desk = await Desk.open(replace(contract, document=document))
    answer = await desk.ask("validateOutput", {"output": OUTPUT, "evaluators": [PASSES, FAILS]})
    assert answer["data"]["pass"] is True
