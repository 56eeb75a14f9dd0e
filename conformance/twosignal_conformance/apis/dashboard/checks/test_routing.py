"""Routing configurations, which the REST API's model routing obeys."""

from __future__ import annotations

from collections.abc import Callable

from twosignal_conformance.apis.dashboard.checks import ApiClient, Desk, Exchange, Judge, TestData, covers, rest
from twosignal_conformance.apis.dashboard.checks.desk import ROUTINGS, same

_INPUT = "What is the capital of France?"


def _route(desk: Desk, name: str, until: Callable[[Exchange], bool]) -> Exchange:
    """What the REST API decides by a configuration once a condition holds, or --settle is over."""
    body = {"input": _INPUT, "configName": name}
    api_key = desk.stage.api_key
    return desk.settle(lambda: rest.call(desk.client, "routeModel", api_key, json=body), until).value


@covers(
    "routing.configurations.created",
    "routing.configurations.used",
    "routing.configurations.changed",
    "routing.configurations.disabled",
    "routing.configurations.deleted",
)
def test_a_configuration_from_its_beginning_to_its_end(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Created, obeyed, changed, switched off and deleted."""
    desk = Desk(client, judge, data)
    given = data.routing()
    name, model = given["name"], given["rules"][0]["model"]
    identifier, _ = desk.create(ROUTINGS, given)
    shown = desk.shown(ROUTINGS, identifier)
    desk.check_member("routing.configurations.created", shown, "rules", given["rules"])
    desk.check_member("routing.configurations.created", shown, "name", name)
    exchange = _route(desk, name, lambda seen: rest.decision(seen) == model)
    decided = rest.decision(exchange)
    obeyed = desk.check("routing.configurations.used", decided == model, "the model of its rule", decided, exchange)
    rules = [data.rule()]
    new = rules[0]["model"]
    desk.done(
        "modelRouting.update", {"id": identifier, "rules": rules, "name": name, "defaultModel": given["defaultModel"]}
    )
    shown = desk.shown(ROUTINGS, identifier, lambda shown: same(shown.get("rules"), rules))
    desk.check_member("routing.configurations.changed", shown, "rules", rules)
    if obeyed:
        exchange = _route(desk, name, lambda seen: rest.decision(seen) == new)
        decided = rest.decision(exchange)
        desk.check("routing.configurations.changed", decided == new, "the model of its new rule", decided, exchange)
    if desk.call("modelRouting.update", {"id": identifier, "enabled": False}).ok:
        exchange = _route(desk, name, lambda seen: not seen.ok)
        desk.check("routing.configurations.disabled", not exchange.ok, "it is not obeyed", exchange.status, exchange)
    desk.done("modelRouting.delete", {"id": identifier})
    shown = desk.shown(ROUTINGS, identifier, lambda shown: not shown.row)
    desk.check("routing.configurations.deleted", not shown.row, "not listed", "still listed", shown.exchange)
    if obeyed:
        exchange = _route(desk, name, lambda seen: rest.decision(seen) not in (model, new))
        decided = rest.decision(exchange)
        holds = decided not in (model, new)
        desk.check("routing.configurations.deleted", holds, "it is not obeyed", decided, exchange)


@covers("routing.configurations.name-once", "routing.configurations.name-code")
def test_a_name_is_taken_once(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Two configurations of one name."""
    desk = Desk(client, judge, data)
    given = data.routing()
    desk.create(ROUTINGS, given)
    exchange = desk.call(ROUTINGS.create, desk.place(ROUTINGS) | data.routing(name=given["name"]))
    desk.check_refused("routing.configurations.name-once", exchange, "a name that is taken")
    desk.check_cause("routing.configurations.name-code", exchange, "name-taken", "a name that is taken")
