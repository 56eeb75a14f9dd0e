"""Broken servers of evaluators: as things, and in what they make of traces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conformance.apis.dashboard.broken.access import Rows
from tests.conformance.apis.dashboard.broken.behaviours import (
    Behaviour,
    Good,
    accepted,
    both,
    change,
    concerns,
    given,
    has,
    pretend,
    refuse,
    result,
    send,
    with_result,
)
from tests.conformance.apis.rest.broken.combinators import drop
from tests.conformance.servers import Asked, Response, json_response

DETAIL = ("trace.byId", "trace.getById")


def scored(label: str, function: Callable[[float], float]) -> Behaviour:
    """Evaluators of the suite's table with this label give another value."""

    def one(score: Any) -> Any:
        mine = score["evaluatorName"].startswith(f"{label} ")
        return score | {"value": function(score["value"])} if mine else score

    return change("scores.*", one, DETAIL)


def when(old: Callable[[float], bool], new: float) -> Callable[[float], float]:
    """Some values become another one."""
    return lambda value: new if old(value) else value


def passes(label: str) -> Behaviour:
    """Verdicts of an evaluator have the label pass."""

    def one(score: Any) -> Any:
        return score | {"label": "pass"} if score["evaluatorName"].startswith(f"{label} ") else score

    return change("scores.*", one, DETAIL)


def configured(name: str, value: Any) -> Behaviour:
    """A member of the config is another one than was sent."""

    def edit(found: Any) -> Any:
        return found | {"config": found["config"] | {name: value}}

    return send(edit, "evaluator.create", lambda found: found.get("type") == "WEBHOOK")


def by_type(asked: Asked, good: Good) -> Response:
    """Scores have the name of the type."""
    types: dict[str, str] = good.memory.setdefault("types", {})
    if concerns(asked, "evaluator.create"):
        types[given(asked).get("name", "")] = given(asked).get("type", "")
    response = good.send(asked)
    found = result(response)
    if not concerns(asked, DETAIL) or not accepted(response):
        return response
    rows = [row | {"evaluatorName": types.get(row["evaluatorName"], row["evaluatorName"])} for row in found["scores"]]
    return with_result(response, found | {"scores": rows})


def fragile(asked: Asked, good: Good) -> Response:
    """Ingestion fails once there is an evaluator that cannot judge."""
    if concerns(asked, "evaluator.create", has("type", "REGEX_MATCH")):
        good.memory["helpless"] = True
    if asked.path == "/api/v1/traces" and asked.method == "POST" and good.memory.get("helpless"):
        return json_response(400, {"error": {"code": "BAD_REQUEST", "message": "an evaluator failed"}})
    return good.send(asked)


LISTING = "evaluator.list"

TABLE: Rows = (
    ("evaluators.list.fields", "enabled is missing", change("*.enabled", drop, LISTING)),
    ("evaluators.create.listed", "another type is listed", change("*.type", lambda _: "CUSTOM", LISTING)),
    ("evaluators.create.enabled", "a new one is disabled", change("*.enabled", lambda _: False, LISTING)),
    (
        "evaluators.create.no-config",
        "a config is needed",
        refuse("invalid-value", "evaluator.create", lambda found: "config" not in found),
    ),
    ("evaluators.create.config-kept", "configs are lost", change("*.config", lambda _: {}, LISTING)),
    ("evaluators.create.types", "COST is refused", refuse("invalid-value", "evaluator.create", has("type", "COST"))),
    ("evaluators.update.toggle", "switches do nothing", pretend("evaluator.update", lambda found: "enabled" in found)),
    ("evaluators.update.fields", "changes do nothing", pretend("evaluator.update", has("config"))),
    (
        "evaluators.update.disabled",
        "a disabled one judges",
        pretend("evaluator.update", lambda found: found.get("enabled") is False),
    ),
    ("evaluators.delete.gone", "a deleted one stays", pretend("evaluator.delete")),
    ("evaluators.run.enabled", "nothing is judged", change("scores", lambda _: [], DETAIL)),
    ("evaluators.run.enabled", "one of two judges", change("scores", lambda rows: rows[:1], DETAIL)),
    ("evaluators.run.score", "scores have the name of the type", by_type),
    (
        "evaluators.run.score-range",
        "scores are percentages",
        change("scores.*.value", lambda value: value * 100, DETAIL),
    ),
    ("evaluators.run.ingestion-unharmed", "a failing evaluator fails the ingestion", fragile),
    ("evaluators.cost.target", "the target is not enough", scored("cost", when(lambda value: value == 1, 0.9))),
    ("evaluators.cost.linear", "costs fall in a curve", scored("cost", lambda value: value**2)),
    ("evaluators.cost.target-default", "the default is the maximum", scored("cost-default", lambda _: 1)),
    ("evaluators.cost.above", "too dear is not nothing", scored("cost", when(lambda value: value == 0, 0.1))),
    ("evaluators.sla.tier", "tiers are not sorted", scored("sla", when(lambda value: value > 0, 0.25))),
    ("evaluators.sla.beyond", "beyond all tiers is the last one", scored("sla", when(lambda value: value == 0, 0.25))),
    ("evaluators.sentiment.target", "everything passes", scored("sentiment", lambda _: 1)),
    ("evaluators.toxicity.share", "toxic words pass", passes("toxicity")),
    ("evaluators.toxicity.share", "everything is clean", scored("toxicity", lambda _: 1)),
    ("evaluators.tool-calls.allowed", "every function is allowed", both(passes("tools"), scored("tools", lambda _: 1))),
    ("evaluators.pii.steps", "a detection costs a tenth", scored("pii", lambda value: 1 - (1 - value) / 2)),
    ("evaluators.injection.found", "nothing is found", scored("injection", lambda _: 1)),
    ("evaluators.injection.harmless", "everything is an attack", scored("injection", lambda _: 0)),
    ("evaluators.bias.found", "nothing is found", scored("bias", lambda _: 1)),
    (
        "evaluators.compliance.share",
        "one broken rule breaks all",
        scored("compliance", when(lambda value: value < 1, 0)),
    ),
    ("evaluators.workflow.order", "every step is optional", scored("workflow", lambda _: 1)),
    ("evaluators.model.scale", "the scale is finer", scored("judge", lambda _: 0.7)),
    ("evaluators.webhook.request", "headers are not sent", configured("headers", {})),
    ("evaluators.webhook.score", "a pass is 1", scored("score", lambda _: 1)),
    ("evaluators.webhook.retries", "nothing is tried again", configured("retries", 0)),
)
