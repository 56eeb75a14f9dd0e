"""The rate limit with a frozen clock: exactly the plan's number pass in any window, at its edges too.

One tick of the clock is a microsecond. In this process, without a socket: ten thousand requests take two seconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import pytest
from twosignal_contract import Contract, load_contract

from tests.mock.model.direct import Answer, Direct

CONTRACT = load_contract()
NOON = "2026-03-14T12:00:00Z"
PATH = "/api/v1/traces"
TICK = 0.000001
"""Seconds."""
SEEDS = (1, 2, 3)

RATES = {rate: plan for plan, rate in CONTRACT.plans.items()}
FREE = RATES[min(RATES)]
"""The slowest plan."""


@pytest.fixture(scope="module")
def mock() -> Iterator[Direct]:
    with Direct(clock=NOON, validate_answers=True) as direct:
        yield direct


class Project:
    """A fresh sandbox with its own frozen clock."""

    def __init__(self, mock: Direct, plan: str) -> None:
        self._mock = mock
        told = mock.control("POST", "/sandboxes", {"plan": plan})
        self.id, self.key = told["id"], told["api_key"]

    def ask(self, key: str | None = None) -> Answer:
        return self._mock.call("GET", PATH, key=key or self.key, query={"limit": 1})

    def passes(self, times: int, key: str | None = None) -> int:
        """How many of so many requests at this instant pass."""
        return sum(self.ask(key).status == 200 for _ in range(times))

    def advance(self, seconds: float) -> None:
        self._mock.control("POST", "/clock/advance", {"seconds": seconds}, sandbox=self.id)

    def drop(self) -> None:
        self._mock.control("DELETE", f"/sandboxes/{self.id}")


@pytest.fixture
def project(mock: Direct) -> Iterator[Callable[[str], Project]]:
    made: list[Project] = []

    def make(plan: str) -> Project:
        made.append(Project(mock, plan))
        return made[-1]

    yield make
    for each in made:
        each.drop()


@pytest.mark.parametrize("plan", [RATES[rate] for rate in sorted(RATES)])
def test_exactly_the_plans_number_pass_at_one_instant(
    contract: Contract, project: Callable[[str], Project], plan: str
) -> None:
    rate = contract.plans[plan]
    asked = project(plan)
    assert asked.passes(rate + 20) == rate
    assert asked.ask().status == contract.errors["rate-limit"].status


def test_the_window_opens_again_one_window_after_its_requests_and_not_a_tick_before(
    contract: Contract, project: Callable[[str], Project]
) -> None:
    rate, window = contract.plans[FREE], contract.rate_limit.window
    asked = project(FREE)
    assert asked.passes(rate + 1) == rate
    asked.advance(window - TICK)
    assert asked.passes(1) == 0
    asked.advance(TICK)
    assert asked.passes(rate + 1) == rate
    asked.advance(window + TICK)
    assert asked.passes(rate + 1) == rate


def test_what_passed_earlier_makes_room_earlier(contract: Contract, project: Callable[[str], Project]) -> None:
    rate, window = contract.plans[FREE], contract.rate_limit.window
    asked = project(FREE)
    assert asked.passes(1) == 1
    asked.advance(window / 2)
    assert asked.passes(rate) == rate - 1
    asked.advance(window / 2 - TICK)
    assert asked.passes(1) == 0
    asked.advance(TICK)
    assert asked.passes(rate) == 1
    asked.advance(window / 2)
    assert asked.passes(rate) == rate - 1


@pytest.mark.parametrize("seed", SEEDS)
def test_no_window_of_any_history_holds_more_and_none_is_refused_without_need(
    contract: Contract, project: Callable[[str], Project], seed: int
) -> None:
    print(f"rate window: seed {seed}")
    dice = random.Random(seed)  # noqa: S311 - a history, no secret
    rate, window = contract.plans[FREE], contract.rate_limit.window * 1_000_000
    asked, now = project(FREE), 0
    passed: list[int] = []
    for _ in range(40):
        for _ in range(dice.choice([1, rate // 3, rate])):
            room = rate - _within(passed, now, window)
            assert (asked.ask().status == 200) == (room > 0)
            if room > 0:
                passed.append(now)
        step = dice.choice([1, window // 4, window // 2, window - 1, window, window + 1, *_edge(passed, now, window)])
        asked.advance(step / 1_000_000)
        now += step
    assert all(_within(passed, at, window) <= rate for at in passed)


def _within(passed: Sequence[int], now: int, window: int) -> int:
    return sum(now - window < at <= now for at in passed)


def _edge(passed: Sequence[int], now: int, window: int) -> list[int]:
    """The steps to the instants around which the oldest request leaves the window."""
    oldest = next((at for at in passed if at > now - window), now)
    return [step for tick in (-1, 0, 1) if (step := oldest + window - now + tick) > 0]


def test_a_refusal_says_how_long_to_wait_and_after_that_wait_the_key_works(
    contract: Contract, project: Callable[[str], Project]
) -> None:
    names = contract.rate_limit.headers
    rate = contract.plans[FREE]
    asked = project(FREE)
    asked.passes(rate // 2)
    asked.advance(contract.rate_limit.window / 4)
    asked.passes(rate)
    refused = asked.ask()
    kind = contract.errors["rate-limit"]
    assert (refused.status, refused.body["error"]["code"]) == (kind.status, kind.code)
    assert refused.headers[names.limit.lower()] == str(rate)
    assert refused.headers[names.remaining.lower()] == "0"
    wait = int(refused.headers[names.retry_after.lower()])
    assert 1 <= wait <= contract.rate_limit.window
    assert int(refused.headers[names.reset.lower()]) >= 1
    assert str(wait) in refused.body["error"]["message"]
    asked.advance(wait)
    assert asked.ask().status == 200


def test_the_headers_count_down_what_is_left(contract: Contract, project: Callable[[str], Project]) -> None:
    names = contract.rate_limit.headers
    rate = contract.plans[FREE]
    asked = project(FREE)
    told = [int(asked.ask().headers[names.remaining.lower()]) for _ in range(rate)]
    assert told == list(range(rate - 1, -1, -1))


def test_refused_requests_do_not_count_and_do_nothing(
    contract: Contract, mock: Direct, project: Callable[[str], Project]
) -> None:
    rate, window = contract.plans[FREE], contract.rate_limit.window
    asked = project(FREE)
    asked.passes(rate)
    event = {
        "id": "e",
        "type": "trace-create",
        "timestamp": "2026-03-14T10:00:00Z",
        "body": {"id": "refused", "name": "refused"},
    }
    for _ in range(rate):
        assert mock.call("POST", PATH, {"batch": [event]}, key=asked.key).status == contract.errors["rate-limit"].status
    asked.advance(window)
    assert asked.ask().body["data"]["traces"] == []
    assert asked.passes(rate) == rate - 1


def test_each_key_has_a_limit_of_its_own(contract: Contract, mock: Direct, project: Callable[[str], Project]) -> None:
    rate = contract.plans[FREE]
    asked, other = project(FREE), project(FREE)
    second = mock.control("POST", "/keys", {}, sandbox=asked.id)["api_key"]
    assert [asked.passes(rate + 1), asked.passes(rate + 1, second), other.passes(rate + 1)] == [rate] * 3


def test_what_is_refused_for_another_reason_counts_and_what_has_no_known_key_does_not(
    contract: Contract, mock: Direct, project: Callable[[str], Project]
) -> None:
    rate = contract.plans[FREE]
    asked = project(FREE)
    assert mock.call("GET", PATH, key=asked.key, query={"limit": 0}).status == contract.errors["invalid-value"].status
    for key in (None, asked.key + "x"):
        assert mock.call("GET", PATH, key=key).status == contract.errors["invalid-key"].status
    for operation in contract.operations.values():
        if not operation.rate_limited:
            mock.call(operation.method, operation.path, {}, key=asked.key)
    assert asked.passes(rate) == rate - 1
