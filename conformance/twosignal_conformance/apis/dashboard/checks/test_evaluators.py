"""Evaluators as things: created, switched, changed and deleted. What they decide is judged elsewhere."""

from __future__ import annotations

from functools import partial
from typing import Any

from twosignal_conformance.apis.dashboard.checks import ApiClient, Desk, Judge, TestData, covers
from twosignal_conformance.apis.dashboard.checks.desk import EVALUATORS, Shown, named_in


@covers(
    "evaluators.create.listed",
    "evaluators.create.enabled",
    "evaluators.create.config-kept",
    "evaluators.update.toggle",
    "evaluators.update.fields",
    "evaluators.delete.gone",
)
def test_an_evaluator_from_its_beginning_to_its_end(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Created with a config, switched off and on, changed, and deleted."""
    desk = Desk(client, judge, data)
    given = {"name": data.name("evaluator"), "type": "CONTAINS", "config": {"value": data.tag(), "negate": True}}
    identifier, _ = desk.create(EVALUATORS, given)
    shown = desk.shown(EVALUATORS, identifier)
    for field in ("name", "type"):
        desk.check_member("evaluators.create.listed", shown, field, given[field])
    if shown.row:
        desk.check_member("evaluators.create.enabled", shown, "enabled", True)
        desk.check_member("evaluators.create.config-kept", shown, "config", given["config"])
    for enabled in (False, True):
        desk.done("evaluator.update", {"id": identifier, "enabled": enabled})
        shown = desk.shown(EVALUATORS, identifier, partial(_is, enabled))
        desk.check_member("evaluators.update.toggle", shown, "enabled", enabled)
    change: dict[str, Any] = {"name": data.name("evaluator"), "type": "LENGTH", "config": {"max": 9}}
    desk.done("evaluator.update", {"id": identifier, **change})
    shown = desk.shown(EVALUATORS, identifier, lambda shown: shown.get("name") == change["name"])
    for field, value in change.items():
        desk.check_member("evaluators.update.fields", shown, field, value)
    desk.done("evaluator.delete", {"id": identifier})
    shown = desk.shown(EVALUATORS, identifier, lambda shown: not shown.row)
    desk.check("evaluators.delete.gone", not shown.row, "not listed", "still listed", shown.exchange)


@covers(
    "evaluators.create.no-config",
    "evaluators.create.types",
    "evaluators.create.more-types",
    "evaluators.create.unknown-type",
    "evaluators.create.config-checked",
    "evaluators.create.config-partial",
)
def test_types_and_configs(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Each type without a config, one that nobody knows, and configs that are wrong or not whole."""
    desk = Desk(client, judge, data)
    place = {"projectId": desk.project("types")}
    usual = named_in(client.contract.clause("evaluators.create.types").says)
    (without,) = named_in(client.contract.clause("evaluators.create.no-config").says)

    def create(kind: str, **more: object) -> Any:
        return desk.call(EVALUATORS.create, {**place, "name": data.name(kind.lower()), "type": kind, **more})

    desk.check_ok("evaluators.create.no-config", create(without), f"a {without} without config")
    for kind in client.contract.enum("EvaluatorType"):
        clause = "evaluators.create.types" if kind in usual else "evaluators.create.more-types"
        desk.check_ok(clause, create(kind, config={}), f"an evaluator of type {kind}")
    exchange = create(f"UNKNOWN_{data.number(1, 99)}")
    desk.check_cause("evaluators.create.unknown-type", exchange, "invalid-value", "an unknown type")
    exchange = create("CONTAINS", config={"value": 7})
    desk.check_cause("evaluators.create.config-checked", exchange, "invalid-value", "a config with a wrong value")
    exchange = create("CONTAINS", config={"negate": True})
    desk.check_ok("evaluators.create.config-partial", exchange, "a config that lacks what the type needs")


def _is(enabled: bool, shown: Shown) -> bool:
    return shown.get("enabled") is enabled
