"""POST /api/v1/route-model: what the operation answers, for the built-in configuration and for a project's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from twosignal_mock.apis.rest.routing import read_config, read_routing, write_config
from twosignal_mock.apis.rest.store import repositories_of

from tests.mock.apis.rest.desk import Desk, the_contract

BUILT_IN = read_routing(the_contract().extension("x-rest-routing")).default_config
MODEL = "the-other-model"


def rule(condition: dict[str, Any], model: str = MODEL, priority: int = 1) -> dict[str, Any]:
    return {"name": f"to {model}", "condition": condition, "model": model, "priority": priority}


def configuration(*rules: dict[str, Any], name: str = "mine", **rest: Any) -> dict[str, Any]:
    return {"name": name, "defaultModel": "the-default", "rules": list(rules), **rest}


async def keep(desk: Desk, body: dict[str, Any]) -> None:
    config = read_config(body)
    await desk.store.write(desk.project.number, lambda transaction: repositories_of(transaction).routing.put(config))


async def test_an_empty_input_has_complexity_0_and_the_default_model() -> None:
    desk = await Desk.open()
    expected = {"model": BUILT_IN.default_model, "configName": BUILT_IN.name, "complexity": 0}
    assert await desk.ask("routeModel", {"input": ""}) == expected


@pytest.mark.parametrize(
    "body", [{}, {"configName": None}, {"configName": BUILT_IN.name}], ids=["absent", "null", "named"]
)
async def test_a_project_without_a_configuration_has_the_built_in_one(body: dict[str, Any]) -> None:
    desk = await Desk.open()
    assert (await desk.ask("routeModel", {"input": "Hello", **body}))["configName"] == BUILT_IN.name


@pytest.mark.parametrize(
    "body", [{}, {"configName": None}, {"configName": BUILT_IN.name}], ids=["absent", "null", "named"]
)
async def test_a_configuration_with_the_name_of_the_built_in_takes_its_place(body: dict[str, Any]) -> None:
    desk = await Desk.open()
    await keep(desk, configuration(rule({"type": "always"}), name=BUILT_IN.name))
    assert (await desk.ask("routeModel", {"input": "Hello", **body}))["model"] == MODEL


async def test_an_unknown_configuration_is_not_found() -> None:
    desk = await Desk.open()
    refusal = await desk.refused("routeModel", {"input": "Hello", "configName": "mine"})
    assert refusal == ("unknown-resource", "routing configuration not found: mine")


@pytest.mark.parametrize("name", ["mine", BUILT_IN.name])
async def test_a_disabled_configuration_is_as_unknown(name: str) -> None:
    desk = await Desk.open()
    await keep(desk, configuration(rule({"type": "always"}), name=name, enabled=False))
    assert (await desk.refused("routeModel", {"input": "Hello", "configName": name}))[0] == "unknown-resource"


async def test_a_configuration_belongs_to_one_project() -> None:
    desk = await Desk.open()
    await keep(desk, configuration(rule({"type": "always"})))
    other = await desk.other_project()
    assert (await other.refused("routeModel", {"input": "Hello", "configName": "mine"}))[0] == "unknown-resource"
    assert (
        await other.store.read(other.project.number, lambda reader: list(repositories_of(reader).routing.all())) == []
    )


async def test_configurations_are_kept_in_their_order_replaced_and_deleted() -> None:
    desk = await Desk.open()
    bodies = [configuration(rule({"type": "keyword", "keywords": ["a"]}), name=name, enabled=True) for name in "bac"]
    for body in bodies:
        await keep(desk, body)
    await keep(desk, bodies[0] | {"defaultModel": "newer"})
    kept = await desk.store.read(
        desk.project.number, lambda reader: [write_config(row) for row in repositories_of(reader).routing.all()]
    )
    assert kept == [bodies[0] | {"defaultModel": "newer"}, bodies[1], bodies[2]]
    deleted = [
        await desk.store.write(
            desk.project.number, lambda transaction: repositories_of(transaction).routing.delete("b")
        )
        for _ in range(2)
    ]
    assert deleted == [True, False]
    assert (await desk.refused("routeModel", {"input": "", "configName": "b"}))[0] == "unknown-resource"


CHARACTERS = int(read_routing(the_contract().extension("x-rest-routing")).complexity.length.characters_per_token)


@pytest.mark.parametrize(
    ("condition", "text", "meets"),
    [
        ({"type": "always"}, "", True),
        ({"type": "token_count", "maxTokens": 3}, "x" * 3 * CHARACTERS, False),
        ({"type": "token_count", "maxTokens": 3}, "x" * (3 * CHARACTERS + 1), True),
        ({"type": "complexity", "threshold": 0}, "", False),
        ({"type": "complexity", "threshold": 0}, "Hello", True),
        ({"type": "complexity", "threshold": 1}, "Why? " * 10_000, False),
        ({"type": "keyword", "keywords": ["sql"]}, "Write SQL for me", True),
        ({"type": "keyword", "keywords": ["SQL"]}, "(sql)", True),
        ({"type": "keyword", "keywords": ["sql"]}, "Use mysql here", False),
        ({"type": "keyword", "keywords": ["sql", "c++"]}, "I like C++, too", True),
        ({"type": "keyword", "keywords": ["bär"]}, "Der BÄR schläft", True),
        ({"type": "keyword", "keywords": ["bär"]}, "bären", False),
        ({"type": "keyword", "keywords": ["a.c"]}, "abc", False),
        ({"type": "keyword", "keywords": ["data base"]}, "the data base", True),
    ],
)
async def test_a_rule_matches_by_its_condition(condition: dict[str, Any], text: str, meets: bool) -> None:
    desk = await Desk.open()
    await keep(desk, configuration(rule(condition)))
    decision = await desk.ask("routeModel", {"input": text, "configName": "mine"})
    assert (decision["model"], decision["configName"]) == (MODEL if meets else "the-default", "mine")


@pytest.mark.parametrize(("dialect", "model"), [("ascending", "one"), ("descending", "ten")])
async def test_rules_are_asked_by_priority_and_the_first_match_wins(dialect: str, model: str) -> None:
    desk = await Desk.open(rule_priority=dialect)
    never = rule({"type": "complexity", "threshold": 1}, "never", 0)
    always = {"type": "always"}
    await keep(desk, configuration(rule(always, "ten", 10), rule(always, "one", 1), never, never | {"priority": 11}))
    assert (await desk.ask("routeModel", {"input": "Hello", "configName": "mine"}))["model"] == model


@pytest.mark.parametrize("dialect", ["ascending", "descending"])
async def test_rules_of_one_priority_are_asked_in_their_order(dialect: str) -> None:
    desk = await Desk.open(rule_priority=dialect)
    await keep(desk, configuration(rule({"type": "always"}, "first"), rule({"type": "always"}, "second")))
    assert (await desk.ask("routeModel", {"input": "Hello", "configName": "mine"}))["model"] == "first"


async def test_another_built_in_configuration_in_the_contract_is_followed() -> None:
    contract = the_contract()
    routing = contract.extension("x-rest-routing")
    other = {"name": "house", "defaultModel": "house-model", "rules": []}
    extensions = {**contract.extensions, "x-rest-routing": {**routing, "default-config": other}}
    desk = await Desk.open(replace(contract, extensions=extensions))
    decision = await desk.ask("routeModel", {"input": "Hello"})
    assert (decision["model"], decision["configName"]) == ("house-model", "house")
