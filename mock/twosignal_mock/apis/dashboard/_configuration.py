"""What people configure in a project: evaluators, datasets with items, and model routing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.dashboard._envelope import date
from twosignal_mock.apis.dashboard._procedure_call import Action, ProcedureCall, reads, writes
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

    def create(self, asked: ProcedureCall) -> object:
        sent, now = asked.sent, asked.now
        config = self._checked(sent["type"], sent.get("config", {}))
        evaluator = EvaluatorRecord(asked.call.new_id(), sent["name"], sent["type"], config, True, now, now)
        return _keep_evaluator(asked, evaluator)

    def update(self, asked: ProcedureCall) -> object:
        evaluator: EvaluatorRecord = asked.found.thing
        changes = asked.changes("name", "type", "enabled")
        if "type" in asked.sent or "config" in asked.sent:
            config = asked.sent.get("config", orjson.loads(evaluator.config))
            changes["config"] = self._checked(asked.sent.get("type", evaluator.type), config)
        return _keep_evaluator(asked, evaluator._replace(**changes, updated=asked.now))

    def _checked(self, type_: str, config: Mapping[str, Any]) -> str:
        schema = self._configurations[type_]
        if not self._schemas.compile(schema).is_valid(config):
            mistake = self._schemas.find_mistake(schema, config, ("config",))
            raise ApiError("invalid-value", place=mistake.text(), problem=mistake.problem)
        return orjson.dumps(config).decode()


def _list_evaluators(asked: ProcedureCall) -> object:
    place = asked.place
    found = rest_repositories_of(place.transaction).evaluators.all()
    return [_evaluator(place.project.id, evaluator) for evaluator in found]


def _keep_evaluator(asked: ProcedureCall, evaluator: EvaluatorRecord) -> object:
    rest_repositories_of(asked.place.transaction).evaluators.put(evaluator)
    return _evaluator(asked.place.project.id, evaluator)


def _delete_evaluator(asked: ProcedureCall) -> object:
    rest_repositories_of(asked.place.transaction).evaluators.delete(asked.found.thing.id)
    return {"id": asked.found.thing.id}


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
def _dataset(asked: ProcedureCall, dataset: DatasetRecord) -> dict[str, Any]:
    return {
        "id": dataset.id,
        "projectId": asked.place.project.id,
        "name": dataset.name,
        "description": dataset.description,
        "createdAt": date(dataset.created),
        "updatedAt": date(dataset.updated),
    }


def _list_datasets(asked: ProcedureCall) -> object:
    datasets = repositories_of(asked.place.transaction).datasets
    return [{**_dataset(asked, each), "_count": {"items": datasets.count(each.id)}} for each in datasets.all()]


def _create_dataset(asked: ProcedureCall) -> object:
    sent, now = asked.sent, asked.now
    return _keep_dataset(asked, DatasetRecord(asked.call.new_id(), sent["name"], sent.get("description"), now, now))


def _update_dataset(asked: ProcedureCall) -> object:
    dataset: DatasetRecord = asked.found.thing
    return _keep_dataset(asked, dataset._replace(**asked.changes("name", "description"), updated=asked.now))


def _keep_dataset(asked: ProcedureCall, dataset: DatasetRecord) -> object:
    repositories_of(asked.place.transaction).datasets.put(dataset)
    return _dataset(asked, dataset)


def _show_dataset(asked: ProcedureCall) -> object:
    dataset: DatasetRecord = asked.found.thing
    items = repositories_of(asked.place.transaction).datasets.items(dataset.id)
    return {**_dataset(asked, dataset), "items": [_item(item) for item in items]}


def _delete_dataset(asked: ProcedureCall) -> object:
    repositories_of(asked.place.transaction).datasets.delete(asked.found.thing.id)
    return {"id": asked.found.thing.id}


def _item(item: DatasetItemRecord) -> dict[str, Any]:
    return {
        "id": item.id,
        "datasetId": item.dataset,
        "input": orjson.loads(item.input),
        "expectedOutput": None if item.expected is None else orjson.loads(item.expected),
        "metadata": None if item.metadata is None else orjson.loads(item.metadata),
        "createdAt": date(item.created),
    }


def _add_item(asked: ProcedureCall) -> object:
    # Null is an input like any other: the input is taken as it was sent.
    texts = {name: orjson.dumps(value).decode() for name, value in asked.call.body["json"].items() if name in _ANY}
    expected, metadata = (texts.get(name) if name in asked.sent else None for name in ("expectedOutput", "metadata"))
    item = DatasetItemRecord(asked.call.new_id(), asked.found.thing.id, texts["input"], expected, metadata, asked.now)
    repositories_of(asked.place.transaction).datasets.add_item(item)
    return _item(item)


_ANY = ("input", "expectedOutput", "metadata")
"""Fields of an item that may be any JSON."""


def _remove_item(asked: ProcedureCall) -> object:
    repositories_of(asked.place.transaction).datasets.remove_item(asked.found.thing.id)
    return {"id": asked.found.thing.id}


# --- model routing ---------------------------------------------------------------------------------------------------
def _config(asked: ProcedureCall, config: RoutingConfig) -> dict[str, Any]:
    return {
        "id": config.id,
        "projectId": asked.place.project.id,
        **write_config(config),
        "createdAt": date(config.created),
        "updatedAt": date(config.updated),
    }


def _list_configs(asked: ProcedureCall) -> object:
    return [_config(asked, config) for config in rest_repositories_of(asked.place.transaction).routing.all()]


def _create_config(asked: ProcedureCall) -> object:
    made = read_config(asked.sent)
    _refuse_taken(asked, made.name)
    return _keep_config(asked, replace(made, id=asked.call.new_id(), created=asked.now, updated=asked.now))


def _update_config(asked: ProcedureCall) -> object:
    config: RoutingConfig = asked.found.thing
    changes = asked.changes("name", "defaultModel", "rules", "enabled")
    if changes.get("name", config.name) != config.name:
        _refuse_taken(asked, changes["name"])
    changed = read_config({**write_config(config), **changes})
    return _keep_config(asked, replace(changed, id=config.id, created=config.created, updated=asked.now))


def _refuse_taken(asked: ProcedureCall, name: str) -> None:
    if rest_repositories_of(asked.place.transaction).routing.find(name) is not None:
        raise ApiError("name-taken", name=name)


def _keep_config(asked: ProcedureCall, config: RoutingConfig) -> object:
    rest_repositories_of(asked.place.transaction).routing.put(config)
    return _config(asked, config)


def _delete_config(asked: ProcedureCall) -> object:
    config: RoutingConfig = asked.found.thing
    rest_repositories_of(asked.place.transaction).routing.delete(config.name)
    return {"id": config.id}
