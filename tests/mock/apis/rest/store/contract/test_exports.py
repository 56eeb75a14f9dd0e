"""An export of all that the REST API keeps: values of its interface, which any implementation imports again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from twosignal_mock.apis.rest.store import TABLES, repositories_of
from twosignal_mock.engine.store import Archive, ExportError, ProjectRegistry, Store

from tests.mock.apis.rest.store import records
from tests.mock.store_implementations import IMPLEMENTATIONS, opened


async def exported_from(store: Store) -> Any:
    """An export of one record of each kind and more, after it travelled as JSON."""
    registry = await ProjectRegistry.open(store, plan="free")
    project = (await registry.create_project(plan="free")).project
    await store.write(project.number, lambda transaction: records.fill(repositories_of(transaction)))
    export = await Archive(store, registry).export(project)
    await registry.close()
    return json.loads(json.dumps(export))


@pytest.mark.parametrize("target", IMPLEMENTATIONS)
async def test_an_export_can_be_imported_into_any_implementation(store: Store, target: str) -> None:
    export = await exported_from(store)
    async with opened(target, [TABLES]) as other:
        registry = await ProjectRegistry.open(other, plan="free")
        archive = Archive(other, registry)
        project = await archive.import_((await registry.create_project(plan="free")).project, export)

        assert await archive.export(project) == export
        found = await other.read(project.number, lambda transaction: repositories_of(transaction).traces.find("t1"))
        assert found == records.TRACE
        await registry.close()


async def test_an_export_shows_the_fields_of_the_interface_and_no_table(store: Store) -> None:
    export = await exported_from(store)
    sets = export["apis"]["rest"]["records"]

    assert sets["traces"][0]["sortKey"] == records.TRACE.sort_key
    assert sets["traces"][0]["metadata"] == {"k": [1, None, "\xfc"]}
    assert sets["events"] == [{"trace": "t1", "event": "e0"}]
    assert sets["routingConfigs"][1]["rules"][0]["condition"] == {"type": "token_count", "maxTokens": 100}
    assert sets["templateVersions"][1]["variables"] == ["name", "other"]
    fields = {key for set_ in sets.values() for record in set_ if isinstance(record, dict) for key in record}
    columns = set(re.findall(r"\b[a-z]+_[a-z_]+\b", " ".join(TABLES.sqlite.migrations))) | {"project", "failing"}
    assert not fields & columns
    assert not {*sets} & {*TABLES.sqlite.tables}
    assert not re.search(r"\b(SELECT|INSERT|CREATE TABLE|rowid)\b", json.dumps(export))


def broken_at(export: Any, *path: Any, value: Any) -> Any:
    """A copy of an export with one value replaced."""
    export = deepcopy(export)
    part = export["apis"]["rest"]["records"]
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return export


def fields_of(sets: Mapping[str, list[Any]]) -> Iterator[tuple[str, int, str]]:
    """Where the fields of all records stand."""
    for name, values in sets.items():
        for number, record in enumerate(values):
            if isinstance(record, Mapping):
                yield from ((name, number, field) for field in record)


# What of a record may be anything that JSON can say.
_ANY = {"tags", "metadata", "extra", "stamps", "item", "detail", "config", "evaluators"}


async def test_a_value_of_another_type_is_refused_wherever_it_stands(store: Store) -> None:
    export = await exported_from(store)
    registry = await ProjectRegistry.open(store, plan="free")
    project = (await registry.create_project(plan="free")).project
    archive = Archive(store, registry)
    places = [place for place in fields_of(export["apis"]["rest"]["records"]) if place[-1] not in _ANY]
    assert len(places) > 50
    for name, number, field in places:
        where = f"apis.rest.records.{name}[{number}].{field}"
        with pytest.raises(ExportError, match=rf'^{re.escape(where)}: got {{"\?":7}}, expected'):
            await archive.import_(project, broken_at(export, name, number, field, value={"?": 7}))
    assert registry.project(project.id) == project
    await registry.close()


async def test_an_export_of_another_version_is_refused(store: Store) -> None:
    export = await exported_from(store)
    registry = await ProjectRegistry.open(store, plan="free")
    project = (await registry.create_project(plan="free")).project
    export["apis"]["rest"]["version"] = TABLES.export_version + 1

    expected = rf"^apis\.rest: got .*, expected an object with 'version': {TABLES.export_version}$"
    with pytest.raises(ExportError, match=expected):
        await Archive(store, registry).import_(project, export)
    await registry.close()
