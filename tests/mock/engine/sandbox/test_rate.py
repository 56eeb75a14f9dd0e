"""The rate window: exactly the plan's number pass in any window, at its edges too."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twosignal_contract import Contract
from twosignal_mock.engine.api import Project
from twosignal_mock.engine.sandbox import RateVerdict, RateWindow, Sandbox, Sandboxes

from tests.mock.engine.sandbox.conftest import window_of

SECOND = 1_000_000
START = 1_700_000_000 * SECOND

limits = st.integers(1, 6)
windows = st.integers(1, 3)
# Steps around the edges: nothing, a microsecond, just short of a window, a window, and anything between.
steps = st.one_of(
    st.sampled_from([0, 1, SECOND - 1, SECOND, SECOND + 1, 2 * SECOND, 3 * SECOND]), st.integers(0, 4 * SECOND)
)


@given(limit=limits, window=windows, waits=st.lists(steps, max_size=60))
def test_a_request_is_allowed_exactly_when_fewer_than_the_limit_lie_in_the_window_before_it(
    limit: int, window: int, waits: list[int]
) -> None:
    rate, now, passed = RateWindow(limit, window), START, list[int]()
    for wait in waits:
        now += wait
        inside = [at for at in passed if now - window * SECOND < at <= now]
        verdict = rate.take(now)
        assert verdict.allowed is (len(inside) < limit)
        if verdict.allowed:
            passed.append(now)
        assert verdict.remaining == limit - len(inside) - verdict.allowed


@given(limit=limits, window=windows, waits=st.lists(steps, min_size=1, max_size=60))
def test_after_exactly_retry_after_the_key_works_again(limit: int, window: int, waits: list[int]) -> None:
    rate, now = RateWindow(limit, window), START
    for wait in waits:
        now += wait
        while (verdict := rate.take(now)).allowed:
            pass
        assert 1 <= verdict.retry_after <= window
        now += verdict.retry_after * SECOND
        assert rate.take(now).allowed


@given(limit=limits, window=windows, waits=st.lists(steps, min_size=1, max_size=60))
def test_after_exactly_reset_the_whole_limit_is_there_again(limit: int, window: int, waits: list[int]) -> None:
    rate, now = RateWindow(limit, window), START
    for wait in waits:
        now += wait
        verdict = rate.take(now)
    now += verdict.reset * SECOND
    assert [rate.take(now).allowed for _ in range(limit + 1)] == [True] * limit + [False]


def test_the_limit_and_the_window_are_the_contracts(
    contract: Contract, plan: str, sandbox_of: Callable[..., Sandbox]
) -> None:
    limit, window = contract.plans[plan], contract.rate_limit.window * SECOND
    rate = window_of(sandbox_of(), "key")
    assert [rate.take(START).allowed for _ in range(limit + 1)] == [True] * limit + [False]
    assert not rate.take(START + window - 1).allowed
    assert [rate.take(START + window).allowed for _ in range(limit + 1)] == [True] * limit + [False]


def test_refused_requests_do_not_count() -> None:
    rate = RateWindow(1, 1)
    assert rate.take(START).allowed
    assert not any(rate.take(START + step).allowed for step in range(1, SECOND, SECOND // 100))
    assert rate.take(START + SECOND).allowed


def test_each_key_has_a_window_of_its_own(contract: Contract, plan: str, sandbox_of: Callable[..., Sandbox]) -> None:
    sandbox = sandbox_of()
    while window_of(sandbox, "one").take(START).allowed:
        pass
    assert window_of(sandbox, "other").take(START).remaining == contract.plans[plan] - 1


def test_without_limits_everything_passes(contract: Contract, plan: str) -> None:
    sandbox = Sandboxes([contract], limits=False).of(Project(1, "id", "checkout", plan))
    limit = contract.plans[plan]
    taken = {window_of(sandbox, "key").take(START) for _ in range(limit + 1)}
    assert taken == {RateVerdict(True, limit, limit, 0, 1)}


@pytest.mark.parametrize("back", [1, SECOND // 2, SECOND - 1], ids=["a little", "half a window", "nearly a window"])
def test_a_clock_set_back_within_the_window_lets_no_more_through(back: int) -> None:
    rate = RateWindow(2, 1)
    assert [rate.take(START).allowed for _ in range(3)] == [True, True, False]
    refused = rate.take(START - back)
    assert not refused.allowed
    assert rate.take(START - back + refused.retry_after * SECOND).allowed


def test_after_a_clock_was_set_back_reset_still_tells_when_the_whole_limit_is_there() -> None:
    rate = RateWindow(2, 1)
    rate.take(START)
    now = START - SECOND // 2
    now += rate.take(now).reset * SECOND
    assert [rate.take(now).allowed for _ in range(3)] == [True, True, False]


def test_a_clock_set_back_further_begins_anew() -> None:
    rate = RateWindow(1, 1)
    assert rate.take(START).allowed
    assert [rate.take(START - SECOND).allowed for _ in range(2)] == [True, False]
