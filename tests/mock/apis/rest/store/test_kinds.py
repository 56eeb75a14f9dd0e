"""Kinds of traces tell without a walk that filters have nothing in common, and never so by mistake. In SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest
from twosignal_mock.apis.rest.store import TABLES, TraceQuery, TraceRecord
from twosignal_mock.engine.store import Connection

_ALL = TraceQuery(after=(-(1 << 62), ""), before=1 << 62, limit=21)


@pytest.fixture
def connection() -> Iterator[Connection]:
    opened = Connection(":memory:")
    for script in TABLES.sqlite.migrations:
        opened.execute(script)
    save(opened, "t1", "support", ["web", "v2"])
    save(opened, "t2", "billing", ["mobile"], failed=1)
    yield opened
    opened.close()


def save(connection: Connection, id_: str, name: str, tags: list[str], *, failed: int = 0) -> None:
    record = TraceRecord(id_, 0, sort_key=-1, name=name, tags=orjson.dumps(tags).decode(), failed=failed)
    TABLES.sqlite.repositories(connection, 1).traces.save(record)


def ids_of(connection: Connection, query: TraceQuery, project: int = 1) -> list[str]:
    return [trace[0] for trace in TABLES.sqlite.repositories(connection, project).traces.page(query)]


def steps_of(connection: Connection, query: TraceQuery) -> int:
    """How many thousands of steps SQLite takes for a page."""
    thousands: list[None] = []

    def count() -> bool:
        thousands.append(None)
        return False

    connection.set_progress_handler(count, 1000)
    ids_of(connection, query)
    connection.set_progress_handler(None)
    return len(thousands)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (_ALL._replace(tags=("web", "v2")), ["t1"]),
        (_ALL._replace(tags=("web", "mobile")), []),
        (_ALL._replace(tags=("web", "we")), []),
        (_ALL._replace(tags=("web",), failed=False), ["t1"]),
        (_ALL._replace(tags=("web",), failed=True), []),
        (_ALL._replace(name="pport", failed=False), ["t1"]),
        (_ALL._replace(name="pport", failed=True), []),
        (_ALL._replace(name="bill", tags=("mobile",), failed=True), ["t2"]),
        (_ALL._replace(name="bill", tags=("web",)), []),
    ],
)
def test_filters_that_no_trace_passes_together_find_none(
    connection: Connection, query: TraceQuery, found: list[str]
) -> None:
    assert ids_of(connection, query) == found
    assert ids_of(connection, query, project=2) == []


def test_filters_that_no_trace_passes_together_are_answered_without_a_walk(connection: Connection) -> None:
    for number in range(2000):
        save(connection, f"n{number}", "support", [("even", "odd")[number % 2]])

    assert steps_of(connection, _ALL._replace(tags=("even", "odd"))) < 2
    assert steps_of(connection, _ALL._replace(tags=("even",), failed=True)) < 2
    assert steps_of(connection, _ALL._replace(tags=("even",), name="billing")) < 2


def test_a_trace_that_changed_is_of_its_new_kind(connection: Connection) -> None:
    asked = _ALL._replace(tags=("web",), failed=True)
    assert ids_of(connection, asked) == []
    traces = TABLES.sqlite.repositories(connection, 1).traces
    found = traces.find("t1")
    assert found is not None
    found.failed = 1
    traces.save(found)

    assert ids_of(connection, asked) == ["t1"]


def test_where_there_are_more_kinds_than_are_kept_every_trace_is_found(connection: Connection) -> None:
    for number in range(1500):
        save(connection, f"n{number}", f"run {number}", [f"tag {number}", "all"])
    (kept,) = connection.execute("SELECT count(*) FROM kind").fetchall()
    for number in range(1500, 1600):
        save(connection, f"n{number}", f"run {number}", [f"tag {number}", "all"])

    assert [kept] == connection.execute("SELECT count(*) FROM kind").fetchall()
    for number in (0, 700, 1499, 1599):
        assert ids_of(connection, _ALL._replace(tags=(f"tag {number}", "all"))) == [f"n{number}"]
        assert ids_of(connection, _ALL._replace(tags=(f"tag {number}",), failed=False)) == [f"n{number}"]
