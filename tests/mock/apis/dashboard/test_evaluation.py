"""Evaluators that are made in the dashboard judge what REST takes in: REST, dashboard and control API agree."""

from __future__ import annotations

from typing import Any

from tests.mock.apis.dashboard.world import NOON, Person, World


def create(person: Person, name: str, kind: str = "CONTAINS", **config: Any) -> str:
    sent = {"projectId": person.project(), "name": name, "type": kind, "config": config}
    return str(person.do("evaluator.create", **sent)["id"])


def pass_lag(world: World) -> None:
    world.control("POST", "/clock/advance", {"seconds": 1})
    assert world.control("GET", "/work", wait="20") == {"idle": True}


def scores(person: Person, trace: str) -> dict[str, float]:
    shown = person.do("trace.byId", projectId=person.project(), id=trace)
    listed = person.world.rest("GET", "/traces?limit=100").json()["data"]["traces"]
    assert shown["_count"]["scores"] == len(shown["scores"])
    assert {row["id"]: row["scoreCount"] for row in listed}[trace] == len(shown["scores"])
    return {score["evaluatorName"]: score["value"] for score in shown["scores"]}


def test_an_evaluator_judges_what_comes_while_it_is_enabled_and_its_scores_stay() -> None:
    with World(clock=NOON) as world:
        person = world.sign_in()
        text, cost = create(person, "has text", value="text"), create(person, "cheap", "COST", max_cost_usd=0.5)
        create(person, "partial", "JSON_SCHEMA")
        world.ingest("t1", spans=2)
        pass_lag(world)
        assert scores(person, "t1") == {"has text": 1, "cheap": 0, "partial": 0}
        person.do("evaluator.update", id=text, enabled=False)
        person.do("evaluator.delete", id=cost)
        world.ingest("t2")
        person.do("evaluator.update", id=text, enabled=True)
        pass_lag(world)
        assert scores(person, "t2") == {"partial": 0}
        assert scores(person, "t1") == {"has text": 1, "cheap": 0, "partial": 0}
        month = person.do("usage.currentMonth", organizationId=person.organization())
        assert month["evalRunCount"] == 4


def test_each_project_of_a_sandbox_has_evaluators_of_its_own_and_one_clock() -> None:
    with World(clock=NOON) as world:
        person = world.sign_in()
        create(person, "first")
        second = person.do("project.create", organizationId=person.organization(), name="second")["id"]
        key = person.do("apiKey.create", projectId=second, name="k")["key"]
        person.do("evaluator.create", projectId=second, name="own", type="LENGTH", config={})
        world.ingest("t1", key=key)
        pass_lag(world)
        shown = person.do("trace.byId", projectId=second, id="t1")
        assert [score["evaluatorName"] for score in shown["scores"]] == ["own"]
