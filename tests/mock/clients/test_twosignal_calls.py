"""PyPI `twosignal` 0.1.0, unchanged: its two synchronous calls, `route_model` and `validate`. Both fail open: None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twosignal_contract import load_contract
from twosignal_mock import Sandbox

from tests.mock.clients.reading import broken_clauses

Client = Callable[..., Any]

_ROUTING = load_contract().extension("x-rest-routing")
CONFIG = _ROUTING["default-config"]
LONG_CONTEXT = next(rule for rule in CONFIG["rules"] if rule["condition"]["type"] == "token_count")
CHARACTERS = _ROUTING["complexity"]["length"]["characters-per-token"]
LONG = "word " * (LONG_CONTEXT["condition"]["maxTokens"] * CHARACTERS)


@pytest.mark.parametrize(
    ("prompt", "model"),
    [("Hello", CONFIG["defaultModel"]), (LONG, LONG_CONTEXT["model"])],
    ids=["a greeting", "a long text"],
)
def test_route_model_gives_the_model_of_the_built_in_configuration(
    sandbox: Sandbox, two_signal: Client, prompt: str, model: str
) -> None:
    assert two_signal(model_routing=CONFIG["name"]).route_model(prompt) == model

    (entry,) = sandbox.journal()
    assert entry["response"]["body"]["configName"] == CONFIG["name"]
    assert broken_clauses(sandbox) == {}


def test_route_model_of_an_unknown_configuration_keeps_the_callers_model(sandbox: Sandbox, two_signal: Client) -> None:
    assert two_signal(model_routing="nobody-made-it").route_model("Hello") is None
    assert [(entry["status"], entry["cause"]) for entry in sandbox.journal()] == [(404, "unknown-resource")]


def test_route_model_asks_nobody_when_routing_is_off(sandbox: Sandbox, two_signal: Client) -> None:
    assert two_signal().route_model("Hello") is None
    assert sandbox.journal() == []


REFUND = {"type": "CONTAINS", "config": {"value": "refund"}}
SHORT = {"type": "LENGTH", "config": {"max": 5}}

VERDICTS: dict[str, tuple[Any, list[dict[str, Any]], dict[str, Any], bool, list[bool]]] = {
    "one passes": ("Your refund is on its way.", [REFUND], {}, True, [True]),
    "one of two fails": ("Your refund is on its way.", [REFUND, SHORT], {}, False, [True, False]),
    "one of two fails, all must": (
        "Your refund is on its way.",
        [REFUND, SHORT],
        {"fail_mode": "all"},
        True,
        [True, False],
    ),
    "both fail, all must": ("No money for you.", [REFUND, SHORT], {"fail_mode": "all"}, False, [False, False]),
    "an object": (
        {"answer": {"total": 3}},
        [
            {
                "type": "JSON_SCHEMA",
                "config": {"schema": {"properties": {"answer": {"required": ["total"]}}, "required": ["answer"]}},
            }
        ],
        {"input": {"question": "how many?"}},
        True,
        [True],
    ),
    "no configuration": ("anything", [{"type": "LENGTH"}], {"input": "question"}, True, [True]),
}
"""Output, evaluators, options, whether it passes, and whether each evaluator does."""


@pytest.mark.parametrize(("output", "evaluators", "options", "passes", "each"), VERDICTS.values(), ids=VERDICTS)
def test_validate_gives_the_verdict(
    sandbox: Sandbox,
    two_signal: Client,
    output: Any,
    evaluators: list[dict[str, Any]],
    options: dict[str, Any],
    passes: bool,
    each: list[bool],
) -> None:
    verdict = two_signal().validate(output, evaluators, **options)

    assert verdict["pass"] is passes
    assert [result["pass"] for result in verdict["results"]] == each
    assert [result["evaluator"] for result in verdict["results"]] == [wanted["type"] for wanted in evaluators]
    assert verdict["latencyMs"] >= 0
    assert broken_clauses(sandbox) == {}


def test_validate_fails_open_on_an_evaluator_that_nobody_knows(sandbox: Sandbox, two_signal: Client) -> None:
    assert two_signal().validate("text", [{"type": "TEA_LEAVES"}]) is None

    (entry,) = sandbox.journal()
    assert (entry["status"], entry["cause"]) == (400, "invalid-value")
    assert REFUND["type"] in entry["response"]["body"]["error"]["message"], "it names those that it runs"


@pytest.mark.parametrize("call", ["route_model", "validate"])
def test_a_revoked_key_leaves_the_caller_alone(sandbox: Sandbox, two_signal: Client, call: str) -> None:
    key = sandbox.add_key()
    sandbox.revoke_key(key)
    client = two_signal(api_key=key, model_routing=CONFIG["name"])

    assert (client.route_model("Hello") if call == "route_model" else client.validate("text", [REFUND])) is None
