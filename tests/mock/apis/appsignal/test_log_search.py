"""The search in log lines: the same lines in the same order as an independent reading of query and lines gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twosignal_mock.apis.appsignal.logs import LineMaker, LogEntry
from twosignal_mock.apis.appsignal.store import Comparison, Junction, LogLine, LogSearch, Query, SearchTooLongError
from twosignal_mock.apis.appsignal.store.sqlite import _logs
from twosignal_mock.apis.appsignal.store.sqlite._logs import SCRIPT, SqliteLogs
from twosignal_mock.engine.store import Connection

from tests.mock.apis.appsignal.log_queries import LANGUAGE, NUMBERS, QUERIES, VALUES, matches

EVERYTHING = Junction("and", ())
MAKER = LineMaker(LANGUAGE)
NAMES = ["status_code", "user", "id", "ÉTAT", "a-b", "x\\y", "straße"]


def logs(connection: Connection | None = None, project: int = 1) -> SqliteLogs:
    if connection is None:
        connection = Connection(":memory:")
        connection.execute(SCRIPT)
    return SqliteLogs(connection, project)


def text_of(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return None if value is None or isinstance(value, list | dict) else orjson.dumps(value).decode()


def leaves(prefix: str, value: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, each in value.items():
        if isinstance(each, dict):
            found = {**leaves(f"{prefix}{name}.", each), **found}
        elif (text := text_of(each)) is not None:
            found[f"{prefix}{name}"] = text
    return found


def searchable(entry: LogEntry) -> dict[str, str]:
    own = {"severity": entry.severity_text, "hostname": entry.hostname, "message": entry.body}
    if entry.group is not None:
        own["group"] = entry.group
    return {**leaves("", entry.attributes), **own}


_SCALARS = st.one_of(VALUES, NUMBERS, st.integers(-1000, 1000), st.floats(-1e6, 1e6), st.booleans(), st.none())
_TREES = st.recursive(
    st.dictionaries(st.sampled_from(NAMES), _SCALARS, max_size=4),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), st.one_of(_SCALARS, inner), max_size=3),
    max_leaves=6,
)
_ENTRIES = st.builds(
    LogEntry,
    source=st.sampled_from([1, 2, 3]),
    time=st.integers(0, 5),
    severity_text=st.sampled_from(LANGUAGE["severities"]),
    severity_number=st.just(0),
    hostname=VALUES,
    group=st.one_of(st.none(), VALUES),
    body=VALUES,
    attributes=_TREES,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(_ENTRIES, max_size=6), max_size=4), st.lists(QUERIES, min_size=1, max_size=6), st.data())
def test_a_search_finds_what_matches_in_its_order(
    batches: list[list[LogEntry]], queries: Sequence[Query], data: st.DataObject
) -> None:
    kept = logs()
    expected: list[tuple[LogLine, LogEntry]] = []
    for batch in batches:
        lines = MAKER.lines(batch, kept.next_chunk())
        kept.add(lines)
        expected += zip(lines, sorted(batch, key=lambda entry: (entry.source, entry.time)), strict=True)
    for query in queries:
        sources = data.draw(st.lists(st.sampled_from([1, 2, 4]), min_size=1, max_size=3))
        earliest, latest, most = (data.draw(st.integers(0, 6)) for _ in range(3))
        newest_first = data.draw(st.booleans())
        rows = kept.search(LogSearch(sources, query, earliest, latest, newest_first, most + 1))
        wanted = [
            line._replace(fields="{}")
            for line, entry in expected
            if line.source in sources and earliest <= line.time <= latest and matches(query, searchable(entry))
        ]
        wanted.sort(key=lambda line: (line.time, line.chunk, line.place), reverse=newest_first)
        assert rows == wanted[: most + 1], query


def entry(number: int, **changes: Any) -> LogEntry:
    line = LogEntry(1, number, "info", 0, "web-1", None, f"request {number} done", {"number": number})
    return line._replace(**changes)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("together", [1, 1000])
def test_what_is_rare_and_what_is_everywhere_is_found_in_many_lines(newest_first: bool, together: int) -> None:
    kept = logs()
    entries = [entry(number, severity_text="error" if number % 40 == 7 else "info") for number in range(3000)]
    for start in range(0, 3000, together):
        kept.add(MAKER.lines(entries[start : start + together], kept.next_chunk()))

    def found(field: str, value: str) -> list[int]:
        operator = "contains" if field == "message" else "equal"
        query = Comparison(field, operator, (value,))
        return [line.time for line in kept.search(LogSearch([1], query, 0, 5000, newest_first, 100))]

    def first(numbers: Sequence[int]) -> list[int]:
        return sorted(numbers, reverse=newest_first)[:100]

    assert found("number", "1234") == [1234]
    assert found("message", "request 77") == first([77, *range(770, 780)])
    assert found("severity", "error") == first(range(7, 3000, 40))
    assert found("hostname", "web-1") == first(range(3000))
    assert found("hostname", "web-2") == []


@pytest.mark.parametrize("newest_first", [False, True])
def test_lines_of_one_instant_are_in_the_order_in_which_they_came_however_many(newest_first: bool) -> None:
    kept = logs()
    for number in range(60):
        kept.add(MAKER.lines([entry(7, body=f"needle {number}")], kept.next_chunk()))
    search = LogSearch([1], Comparison("message", "contains", ("needle",)), 0, 10, newest_first, most=10)
    wanted = [f"needle {number}" for number in range(60)]
    assert [line.message for line in kept.search(search)] == (wanted[::-1] if newest_first else wanted)[:10]


def test_what_a_project_drops_is_not_found_by_another_that_gets_its_numbers() -> None:
    connection = Connection(":memory:")
    connection.execute(SCRIPT)
    one, two = logs(connection, 1), logs(connection, 2)
    one.add(MAKER.lines([entry(1, body="needle")], 1))
    connection.execute("DELETE FROM appsignal_log_line; DELETE FROM appsignal_log_chunk")
    two.add(MAKER.lines([entry(2, body="other")], 1))
    search = LogSearch([1], EVERYTHING, 0, 10, newest_first=True, most=10)
    assert [line.message for line in two.search(search)] == ["other"]
    assert list(one.search(search)) == []
    assert connection.execute("SELECT count(*) FROM appsignal_log_gram('\"nee\"')").fetchall() == [(0,)]


def test_a_search_that_takes_too_long_is_given_up_and_the_next_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_logs, "_STEPS_AT_ONCE", 100)
    monkeypatch.setattr(_logs, "_MOST_STEPS", 1000)
    kept = logs()
    kept.add(MAKER.lines([entry(number) for number in range(500)], 1))
    long = LogSearch([1], Comparison("number", "greater", ("999",)), 0, 1000, newest_first=True, most=10)
    with pytest.raises(SearchTooLongError):
        kept.search(long)
    assert len(kept.search(long._replace(query=EVERYTHING))) == 10
    monkeypatch.undo()
    assert list(kept.search(long)) == []


@pytest.mark.parametrize(
    ("text", "number", "severity"),
    [
        ("ERROR", 0, "error"),
        ("Warning", 13, "warn"),
        ("Information", 9, "info"),
        ("", 10, "notice"),
        ("", 12, "info"),
        ("verbose", 5, "debug"),
        ("", 1, "trace"),
        ("", 19, "alert"),
        ("CRITICAL", 21, "critical"),
        ("", 24, "fatal"),
        ("", 0, "unknown"),
        ("", 99, "unknown"),
    ],
)
def test_a_severity_is_one_of_the_contract(text: str, number: int, severity: str) -> None:
    (line,) = MAKER.lines([entry(1, severity_text=text, severity_number=number)], 1)
    assert line.severity == severity
    assert line.severity in LANGUAGE["severities"]
