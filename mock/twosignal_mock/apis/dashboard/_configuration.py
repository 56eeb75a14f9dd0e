"""What people configure in a project: evaluators, datasets with items, and model routing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.dashboard._desk import Action, Desk, reads, writes
from twosignal_mock.apis.dashboard._envelope import date
from twosignal_mock.apis.dashboard.store import DatasetItemRecord, DatasetRecord, repositories_of
from twosignal_mock.apis.rest.routing import read_config, write_config
from twosignal_mock.apis.rest.store import EvaluatorRecord, RoutingConfig
from twosignal_mock.apis.rest.store import repositories_of as rest_repositories_of
from twosignal_mock.engine.api import ApiError, Dependencies
from twosignal_mock.engine.validation import Schemas


def actions(contract: Contract, _dependencies: Dependencies) -> Mapping[str, Action]:
    """The procedures of evaluators, datasets and model routing."""
    evaluators = _Evaluators(contract)
    return {
        "evaluator.list": reads(_list_evaluators),
        "evaluator.create": writes(evaluators.create),
        "evaluator.update": writes(evaluators.update),
        "evaluator.delete": writes(_delete_evaluator),
        "dataset.list": reads(_list_datasets),
        "dataset.create": writes(_create_dataset),
        "dataset.byId": reads(_show_dataset),
        "dataset.update": writes(_update_dataset),
        "dataset.delete": writes(_delete_dataset),
        "dataset.addItem": writes(_add_item),
        "dataset.removeItem": writes(_remove_item),
        "modelRouting.list": reads(_list_configs),
        "modelRouting.create": writes(_create_config),
        "modelRouting.update": writes(_update_config),
        "modelRouting.delete": writes(_delete_config),
    }


# --- evaluators ------------------------------------------------------------------------------------------------------
class _Evaluators:
    """Makes and changes evaluators; a config must be what the catalogue says of its type, but may lack keys."""

    def __init__(self, contract: Contract) -> None:
        self._schemas = Schemas(contract)
        self._configurations = {
            type_: contract.schema(row["configuration"])
            for type_, row in contract.extension("x-dashboard-evaluators").items()
        }

    def create(self, desk: Desk) -> object:
        sent, now = desk.sent, desk.now
        config = self._checked(sent["type"], sent.get("config", {}))
        evaluator = EvaluatorRecord(desk.call.new_id(), sent["name"], sent["type"], config, True, now, now)
        return _keep_evaluator(desk, evaluator)

    def update(self, desk: Desk) -> object:
        evaluator: EvaluatorRecord = desk.found.thing
        changes = desk.changes("name", "type", "enabled")
        if "type" in desk.sent or "config" in desk.sent:
            config = desk.sent.get("config", orjson.loads(evaluator.config))
            changes["config"] = self._checked(desk.sent.get("type", evaluator.type), config)
        return _keep_evaluator(desk, evaluator._replace(**changes, updated=desk.now))

    def _checked(self, type_: str, config: Mapping[str, Any]) -> str:
        schema = self._configurations[type_]
        if not self._schemas.compile(schema).is_valid(config):
            mistake = self._schemas.find_mistake(schema, config, ("config",))
            raise ApiError("invalid-value", place=mistake.text(), problem=mistake.problem)
        return orjson.dumps(config).decode()


def _list_evaluators(desk: Desk) -> object:
    place = desk.place
    found = rest_repositories_of(place.transaction).evaluators.all()
    return [_evaluator(place.project.id, evaluator) for evaluator in found]


def _keep_evaluator(desk: Desk, evaluator: EvaluatorRecord) -> object:
    rest_repositories_of(desk.place.transaction).evaluators.put(evaluator)
    return _evaluator(desk.place.project.id, evaluator)


def _delete_evaluator(desk: Desk) -> object:
    rest_repositories_of(desk.place.transaction).evaluators.delete(desk.found.thing.id)
    return {"id": desk.found.thing.id}


def _evaluator(project: str, evaluator: EvaluatorRecord) -> dict[str, Any]:
    return {
        "id": evaluator.id,
        "projectId": project,
        "name": evaluator.name,
        "type": evaluator.type,
        "config": orjson.loads(evaluator.config),
        "enabled": evaluator.enabled,
        "createdAt": date(evaluator.created),
        "updatedAt": date(evaluator.updated),
    }


# --- datasets --------------------------------------------------------------------------------------------------------
def _dataset(desk: Desk, dataset: DatasetRecord) -> dict[str, Any]:
    return {
        "id": dataset.id,
        "projectId": desk.place.project.id,
        "name": dataset.name,
        "description": dataset.description,
        "createdAt": date(dataset.created),
        "updatedAt": date(dataset.updated),
    }


def _list_datasets(desk: Desk) -> object:
    datasets = repositories_of(desk.place.transaction).datasets
    return [{**_dataset(desk, each), "_count": {"items": datasets.count(each.id)}} for each in datasets.all()]


def _create_dataset(desk: Desk) -> object:
    sent, now = desk.sent, desk.now
    return _keep_dataset(desk, DatasetRecord(desk.call.new_id(), sent["name"], sent.get("description"), now, now))


def _update_dataset(desk: Desk) -> object:
    dataset: DatasetRecord = desk.found.thing
    return _keep_dataset(desk, dataset._replace(**desk.changes("name", "description"), updated=desk.now))


def _keep_dataset(desk: Desk, dataset: DatasetRecord) -> object:
    repositories_of(desk.place.transaction).datasets.put(dataset)
    return _dataset(desk, dataset)


def _show_dataset(desk: Desk) -> object:
    dataset: DatasetRecord = desk.found.thing
    items = repositories_of(desk.place.transaction).datasets.items(dataset.id)
    return {**_dataset(desk, dataset), "items": [_item(item) for item in items]}


def _delete_dataset(desk: Desk) -> object:
    repositories_of(desk.place.transaction).datasets.delete(desk.found.thing.id)
    return {"id": desk.found.thing.id}


def _item(item: DatasetItemRecord) -> dict[str, Any]:
    return {
        "id": item.id,
        "datasetId": item.dataset,
        "input": orjson.loads(item.input),
        "expectedOutput": None if item.expected is None else orjson.loads(item.expected),
        "metadata": None if item.metadata is None else orjson.loads(item.metadata),
        "createdAt": date(item.created),
    }


def _add_item(desk: Desk) -> object:
    # Null is an input like any other: the input is taken as it was sent.
    texts = {name: orjson.dumps(value).decode() for name, value in desk.call.body["json"].items() if name in _ANY}
    expected, metadata = (texts.get(name) if name in desk.sent else None for name in ("expectedOutput", "metadata"))
    item = DatasetItemRecord(desk.call.new_id(), desk.found.thing.id, texts["input"], expected, metadata, desk.now)
    repositories_of(desk.place.transaction).datasets.add_item(item)
    return _item(item)


_ANY = ("input", "expectedOutput", "metadata")
"""Fields of an item that may be any JSON."""


def _remove_item(desk: Desk) -> object:
    repositories_of(desk.place.transaction).datasets.remove_item(desk.found.thing.id)
    return {"id": desk.found.thing.id}


# --- model routing ---------------------------------------------------------------------------------------------------
def _config(desk: Desk, config: RoutingConfig) -> dict[str, Any]:
    return {
        "id": config.id,
        "projectId": desk.place.project.id,
        **write_config(config),
        "createdAt": date(config.created),
        "updatedAt": date(config.updated),
    }


def _list_configs(desk: Desk) -> object:
    return [_config(desk, config) for config in rest_repositories_of(desk.place.transaction).routing.all()]


def _create_config(desk: Desk) -> object:
    made = read_config(desk.sent)
    _refuse_taken(desk, made.name)
    return _keep_config(desk, replace(made, id=desk.call.new_id(), created=desk.now, updated=desk.now))


def _update_config(desk: Desk) -> object:
    config: RoutingConfig = desk.found.thing
    changes = desk.changes("name", "defaultModel", "rules", "enabled")
    if changes.get("name", config.name) != config.name:
        _refuse_taken(desk, changes["name"])
    changed = read_config({**write_config(config), **changes})
    return _keep_config(desk, replace(changed, id=config.id, created=config.created, updated=desk.now))


def _refuse_taken(desk: Desk, name: str) -> None:
    if rest_repositories_of(desk.place.transaction).routing.find(name) is not None:
        raise ApiError("name-taken", name=name)


def _keep_config(desk: Desk, config: RoutingConfig) -> object:
    rest_repositories_of(desk.place.transaction).routing.put(config)
    return _config(desk, config)


def _delete_config(desk: Desk) -> object:
    config: RoutingConfig = desk.found.thing
    rest_repositories_of(desk.place.transaction).routing.delete(config.name)
    return {"id": config.id}
