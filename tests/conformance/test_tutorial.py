"""The tutorial of CONTRIBUTING.md grows step by step: its checks pass on the mock, and fail its broken server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from twosignal_mock import MockServer

from tests.conformance.apis.rest.broken.proxy import Proxy
from tests.conformance.apis.rest.broken.runs import people
from tests.conformance.judging import Judged, judged
from tests.end_to_end.pages import blocks

STEPS = [block for block in blocks("CONTRIBUTING.md") if block.language == "python"]

Check = Callable[..., None]


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer(plan="enterprise") as server:
        yield server


@pytest.fixture(scope="module")
def steps() -> list[dict[str, Any]]:
    """What each step adds to the names of those before."""
    names: dict[str, Any] = {}
    added = []
    for step in STEPS:
        before = dict(names)
        exec(compile(step.text, str(step), "exec"), names)  # noqa: S102 - a page of ours
        added.append({name: value for name, value in names.items() if before.get(name) is not value})
    return added


def checks_of(step: dict[str, Any]) -> list[Check]:
    return [value for name, value in step.items() if name.startswith("test_")]


def decided(told: Judged) -> dict[str, str]:
    return {clause: str(told.register.verdict(clause)) for clause in told.judge.clauses}


def test_every_check_of_the_page_passes_on_the_mock(mock: MockServer, steps: list[dict[str, Any]]) -> None:
    checks = [check for step in steps for check in checks_of(step)]
    assert [check.__name__ for check in checks] == [
        "test_health_is_answered",
        "test_health_is_answered",
        "test_a_page_holds_no_more_than_limit",
    ]
    for check in checks:
        verdicts = decided(judged(check, mock.url, mock.api_key))
        assert set(verdicts.values()) == {"pass"}, check.__name__


def test_the_broken_server_of_the_page_is_caught_by_its_check(mock: MockServer, steps: list[dict[str, Any]]) -> None:
    *_, check = (check for step in steps for check in checks_of(step))
    (variant,) = steps[-1]["table"].rows
    with people(mock) as who, Proxy() as proxy, proxy.serve(variant.behaviour, mock.url, who) as url:
        assert judged(check, url, who.main).violated == {variant.clause}
