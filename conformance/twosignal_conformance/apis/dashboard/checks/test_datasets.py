"""Datasets and their items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twosignal_conformance.apis.dashboard.checks import (
    MISSING,
    ApiClient,
    Desk,
    Judge,
    TestData,
    covers,
    procedures,
)
from twosignal_conformance.apis.dashboard.checks.desk import DATASETS, Seen, same
from twosignal_conformance.engine.api_client import member

_ANY_JSON: tuple[Any, ...] = (
    "text",
    7,
    0.5,
    True,
    ["list", {"of": None}],
    {"nested": {"deep": [1, 2]}, "empty": {}, "quote": 'a "b" \\ \u00e4\U0001f600'},
)
"""Values of every JSON type."""


def _detail(
    desk: Desk, dataset: str, until: Callable[[Seen], bool] = lambda seen: isinstance(seen.result, dict)
) -> Seen:
    def probe() -> Seen:
        exchange = desk.call("dataset.byId", {"id": dataset})
        return Seen(procedures.result(exchange), exchange)

    return desk.settle(probe, until).value


def _item(seen: Seen, identifier: object) -> Any:
    return next((row for row in seen.list("items") if member(row, "id") == identifier), MISSING)


@covers(
    "datasets.create.listed",
    "datasets.create.description",
    "datasets.update.name",
    "datasets.list.count",
    "datasets.delete.gone",
)
def test_a_dataset_from_its_beginning_to_its_end(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Created with a description, filled, renamed, and deleted."""
    desk = Desk(client, judge, data)
    name, new, about, count = data.name("dataset"), data.name("dataset"), data.name("about"), data.number(2, 4)
    identifier, _ = desk.create(DATASETS, {"name": name, "description": about})
    shown = desk.shown(DATASETS, identifier)
    desk.check_member("datasets.create.listed", shown, "name", name)
    if shown.row:
        desk.check_member("datasets.create.description", shown, "description", about)
    for _ in range(count):
        desk.done("dataset.addItem", {"datasetId": identifier, "input": data.tag()})
    shown = desk.shown(DATASETS, identifier, lambda shown: member(shown.row, "_count", "items") == count)
    if shown.row:
        counted = member(shown.row, "_count", "items")
        desk.check("datasets.list.count", counted == count, f"_count.items {count}", counted, shown.exchange)
    desk.done("dataset.update", {"id": identifier, "name": new})
    shown = desk.shown(DATASETS, identifier, lambda shown: shown.get("name") == new)
    desk.check_member("datasets.update.name", shown, "name", new)
    desk.done("dataset.delete", {"id": identifier})
    shown = desk.shown(DATASETS, identifier, lambda shown: not shown.row)
    desk.check("datasets.delete.gone", not shown.row, "not listed", "still listed", shown.exchange)


@covers(
    "datasets.items.added",
    "datasets.items.any-json",
    "datasets.items.metadata",
    "datasets.items.removed",
    "datasets.detail.items",
    "datasets.detail.order",
    "datasets.detail.created-at",
)
def test_items_are_added_and_removed(client: ApiClient, judge: Judge, data: TestData) -> None:
    """An item for each type of JSON, one with metadata; then one is removed."""
    desk = Desk(client, judge, data)
    dataset, _ = desk.create(DATASETS, {"name": data.name("dataset")})
    ids: list[Any] = []
    for value in _ANY_JSON:
        given = {"datasetId": dataset, "input": value, "expectedOutput": [value]}
        exchange = desk.call("dataset.addItem", given)
        desk.check_ok("datasets.items.any-json", exchange, f"an item with the input {value!r}")
        judge.require(exchange.ok, "an item was refused")
        ids.append(member(procedures.result(exchange), "id"))
    seen = _detail(desk, dataset, lambda seen: len(seen.list("items")) >= len(ids))
    judge.require(seen.exchange.ok, f"dataset.byId was answered with {seen.exchange.status}")
    found = [_item(seen, identifier) for identifier in ids]
    there = [item is not MISSING for item in found]
    count = len(seen.list("items"))
    desk.check("datasets.detail.items", count >= len(ids), f"{len(ids)} items", f"{count} items", seen.exchange)
    if count >= len(ids):
        desk.check("datasets.items.added", all(there), "each item under its id", there, seen.exchange)
    order = [member(row, "id") for row in seen.list("items")]
    desk.check("datasets.detail.order", order == ids, "as they were added", order, seen.exchange)
    for value, item in zip(_ANY_JSON, seen.list("items") if not all(there) else found, strict=False):
        kept = (member(item, "input"), member(item, "expectedOutput"))
        holds = same(list(kept), [value, [value]])
        desk.check("datasets.items.any-json", holds, f"{value!r} as it was sent", f"{kept!r}", seen.exchange)
    lacking = [each for each in seen.list("items") if member(each, "createdAt") is MISSING]
    desk.check("datasets.detail.created-at", not lacking, "items with createdAt", lacking[:1], seen.exchange)
    given = {"datasetId": dataset, "input": data.tag(), "metadata": {"run": data.run_id}}
    desk.check_ok("datasets.items.metadata", desk.call("dataset.addItem", given), "an item with metadata")
    judge.require(isinstance(ids[0], str), "dataset.addItem gave no id")
    desk.done("dataset.removeItem", {"itemId": ids[0]})
    seen = _detail(desk, dataset, lambda seen: _item(seen, ids[0]) is MISSING)
    desk.check("datasets.items.removed", _item(seen, ids[0]) is MISSING, "not shown", "still shown", seen.exchange)
