"""Sample data goes in under every option, at start and through the control API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import combinations
from typing import Any

import pytest

from tests.mock.apis.rest.desk import the_contract, validator
from tests.mock.apis.rest.world import CONTRACT
from tests.mock.model.direct import Direct

COUNT = 12
_DIALECTS = [{"dialect": {name: value}} for name, dialect in CONTRACT.dialects.items() for value in dialect.values]
_OPTIONS: list[dict[str, Any]] = [
    {},
    {"lag": 1},
    {"lag": 60_000},
    {"lag": 3_600_000},
    {"limits": False},
    {"seed": 7},
    {"validate_answers": True},
    {"any_key": True},
    *({"plan": plan} for plan in CONTRACT.plans),
    *_DIALECTS,
]


@pytest.mark.parametrize("options", _OPTIONS, ids=str)
def test_sample_data_goes_in_under_every_option(options: dict[str, Any]) -> None:
    with Direct(sample=COUNT, **options) as mock:
        made = mock.control("POST", "/sandboxes", {"sample": COUNT})
        for sandbox in ({}, {"sandbox": made["id"]}):
            export = mock.control("GET", "/state", **sandbox)
            records = export["apis"]["rest"]["records"]
            assert len(records["traces"]) == COUNT
            assert records["spans"]
            assert records["scores"]


def combined() -> Iterator[Mapping[str, str]]:
    """Choices of one value for each dialect; any two values of two dialects meet in one of them."""
    values = {name: list(dialect.values) for name, dialect in CONTRACT.dialects.items()}
    unmet = {
        ((one, first), (other, second))
        for one, other in combinations(sorted(values), 2)
        for first in values[one]
        for second in values[other]
    }
    while unmet:
        choice = dict(min(unmet))
        for name, each in values.items():
            more = [{name: value, **choice} for value in each]
            choice = max(more, key=lambda chosen: len(unmet.intersection(pairs(chosen))))
        unmet.difference_update(pairs(choice))
        yield choice


def pairs(choice: Mapping[str, str]) -> Iterator[Any]:
    return combinations(sorted(choice.items()), 2)


COMBINED = list(combined())
EDGES_SHOWN = 60
"""Traces among which each edge of the sample is."""
NOW = "2026-03-14T12:00:00Z"


def walked(dialects: Mapping[str, str]) -> list[dict[str, Any]]:
    """All traces of the sample, page by page, each page held against the contract."""
    with Direct(clock=NOW, limits=False, validate_answers=True, dialect=dialects) as mock:
        key = mock.control("POST", "/sandboxes", {"name": "same", "sample": EDGES_SHOWN})["api_key"]
        traces, query = [], {"limit": "25"}
        while True:
            answer = mock.call("GET", "/api/v1/traces", key=key, query=query)
            assert answer.status == 200, answer
            validator(the_contract(), "listTraces", "answer").validate(answer.body)
            traces += answer.body["data"]["traces"]
            if answer.body["data"]["nextCursor"] is None:
                return traces
            query["cursor"] = answer.body["data"]["nextCursor"]


def to_the_second(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The same in every dialect: those that write instants otherwise leave out no more than parts of a second."""
    instants = {
        name: datetime.fromisoformat(trace[name]).replace(microsecond=0)
        for name in ("startTime", "endTime", "createdAt", "updatedAt")
        if trace.get(name) is not None
    }
    return {**trace, **instants}


@pytest.fixture(scope="module")
def canonical() -> list[dict[str, Any]]:
    return [to_the_second(trace) for trace in walked({})]


def test_any_two_dialects_meet_in_a_combination() -> None:
    met = {frozenset(pair) for choice in COMBINED for pair in combinations(choice.items(), 2)}
    for (one, first), (other, second) in combinations(CONTRACT.dialects.items(), 2):
        assert met >= {frozenset({(one, a), (other, b)}) for a in first.values for b in second.values}
    assert len(COMBINED) < 30


@pytest.mark.parametrize("dialects", COMBINED, ids=[str(number) for number in range(len(COMBINED))])
def test_the_sample_reads_the_same_and_valid_under_combined_dialects(
    dialects: Mapping[str, str], canonical: list[dict[str, Any]]
) -> None:
    assert len(canonical) == EDGES_SHOWN
    assert [to_the_second(trace) for trace in walked(dialects)] == canonical
