"""State files of the builds that were: each opens in this build with all that it holds."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from twosignal_mock.apis.rest.store import TABLES, Repositories, repositories_of
from twosignal_mock.engine.store import FileStore, MemoryStore, Project, ProjectRegistry

from tests.mock.apis.rest.store import records

_SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("state_*.sql")}
"""SQL that makes such a file, by its name."""


@pytest.mark.parametrize("script", _SCRIPTS.values(), ids=_SCRIPTS)
async def test_a_file_of_an_older_build_opens_with_all_that_it_holds(tmp_path: Path, script: str) -> None:
    with apsw.Connection(str(tmp_path / "state.db")) as connection:
        connection.execute(script)
    connection.close()
    store, fresh = FileStore(tmp_path / "state.db", [TABLES]), MemoryStore([TABLES])
    await fresh.write(1, lambda transaction: records.fill_first(repositories_of(transaction)))

    def everything(all_: Repositories) -> list[list[object]]:
        # Of an event without a span the first builds did not keep which trace it was about.
        return [list(set_.read(all_)) for set_ in TABLES.record_sets if set_.name != "events"]

    expected = await fresh.read(1, lambda transaction: everything(repositories_of(transaction)))
    assert await store.read(1, lambda transaction: everything(repositories_of(transaction))) == expected
    registry = await ProjectRegistry.open(store, plan="free")
    key = registry.find_key("ts_of_version_1")
    assert key is not None
    assert key.project == Project(1, "project", "start", "pro")
    assert (user := registry.find_user("me@EXAMPLE.com")) is not None
    assert user.id == "u1"
    assert (await registry.create_project(plan="free")).project.number > 1
    await registry.close()
    await store.close()
    await fresh.close()
