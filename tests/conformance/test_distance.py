"""The rate of a server far away is judged as that of one nearby, and a way that is too slow is told, never passed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twosignal_mock import MockServer

from tests.conformance.apis.rest.broken.rate import SLOWEST
from tests.conformance.apis.rest.broken.runs import FAST, judge, people
from tests.conformance.lines import at_distance

MUST = frozenset({"rate.burst.refused", "rate.refused.retry-after", "rate.refused.recovers"})


@pytest.mark.timeout(100)
@pytest.mark.parametrize("seconds", [0.05, 0.2])
def test_bursts_are_judged_over_a_distance(seconds: float) -> None:
    with MockServer(seed=1) as mock, people(mock, SLOWEST) as who, at_distance(mock.url, seconds) as url:
        ruling = judge(url, who, "--profile", "quick", "--only", "rate.", "--allow-burst", "--fail-on", "should")
    assert (ruling.code, ruling.having("fail")) == (0, set()), ruling.output
    assert ruling.having("pass") >= MUST


@pytest.mark.timeout(100)
def test_a_way_that_is_too_slow_is_told_with_its_rate() -> None:
    line = 1.2  # seconds: no request is surely in a window of one
    with MockServer(seed=1) as mock, people(mock, FAST) as who, at_distance(mock.url, line) as url:
        ruling = judge(url, replace(who, plan=SLOWEST), "--only", "rate.burst.refused", "--allow-burst")
    assert ruling.verdicts["rate.burst.refused"] == "untested", ruling.output
    assert "requests in a window, the plan" in ruling.why("rate.burst.refused")
