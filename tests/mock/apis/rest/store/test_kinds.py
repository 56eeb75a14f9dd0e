"""What the kinds of traces tell without a walk: that filters have nothing in common, and never so by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import apsw
import orjson
import pytest
from twosignal_mock.engine.store import TraceQuery, TraceRecord
from twosignal_mock.engine.store.sqlite._connection import open_memory
from twosignal_mock.engine.store.sqlite._kinds import MOST, may_occur
from twosignal_mock.engine.store.sqlite._session import Session

_ALL = TraceQuery(after=(-(1 << 62), ""), before=1 << 62, limit=21)


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    opened = open_memory()
    save(opened, "t1", "support", ["web", "v2"])
    save(opened, "t2", "billing", ["mobile"], failed=1)
    yield opened
    opened.close()


def save(connection: apsw.Connection, id_: str, name: str, tags: list[str], *, failed: int = 0) -> None:
    record = TraceRecord(id_, 0, place=-1, name=name, tags=orjson.dumps(tags).decode(), failed=failed)
    Session(connection, 1).traces.save(record)


@pytest.mark.parametrize(
    ("query", "occurs"),
    [
        (replace(_ALL, tags=("web", "v2")), True),
        (replace(_ALL, tags=("web", "mobile")), False),
        (replace(_ALL, tags=("web", "we")), False),
        (replace(_ALL, tags=("web",), failed=False), True),
        (replace(_ALL, tags=("web",), failed=True), False),
        (replace(_ALL, name="pport", failed=False), True),
        (replace(_ALL, name="pport", failed=True), False),
        (replace(_ALL, name="bill", tags=("mobile",), failed=True), True),
        (replace(_ALL, name="bill", tags=("web",)), False),
    ],
)
def test_filters_that_no_trace_passes_together_are_told(
    connection: apsw.Connection, query: TraceQuery, occurs: bool
) -> None:
    assert may_occur(connection, 1, query) is occurs
    assert may_occur(connection, 2, query) is False


def test_a_trace_that_changed_is_of_its_new_kind(connection: apsw.Connection) -> None:
    traces = Session(connection, 1).traces
    found = traces.find("t1")
    assert found is not None
    found.failed = 1
    traces.save(found)

    assert may_occur(connection, 1, replace(_ALL, tags=("web",), failed=True))


def test_where_there_are_more_kinds_than_are_kept_anything_may_occur(connection: apsw.Connection) -> None:
    asked = replace(_ALL, tags=("web", "mobile"))
    for number in range(MOST - 3):
        save(connection, f"n{number}", f"run {number}", [])
    assert not may_occur(connection, 1, asked)

    for number in range(MOST, MOST + 3):
        save(connection, f"n{number}", f"run {number}", [])
    assert may_occur(connection, 1, asked)
    assert connection.execute("SELECT count(*) FROM kind").fetchall() == [(MOST,)]


def test_filters_that_no_trace_passes_together_are_answered_without_a_walk(connection: apsw.Connection) -> None:
    for number in range(2000):
        save(connection, f"n{number}", "support", [("even", "odd")[number % 2]])
    thousands: list[None] = []

    def count() -> bool:
        thousands.append(None)
        return False

    connection.set_progress_handler(count, 1000)
    page = Session(connection, 1).traces.page(replace(_ALL, tags=("even", "odd")))

    assert page == ()
    assert len(thousands) < 2
