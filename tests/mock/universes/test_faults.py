"""Rules order faults: which requests meet them, in every run the same."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from twosignal_mock.contract import Contract
from twosignal_mock.universes import FaultError, FaultKind, FaultPhase, Universe

DELAY = {"kind": "delay", "delay": 0.5}
SECOND = 1_000_000


def struck(universe: Universe, operation: str, count: int = 10) -> list[int]:
    """The numbers of the requests that met a fault."""
    ordinals = [universe.next_ordinal(operation) for _ in range(count)]
    return [ordinal for ordinal in ordinals if universe.faults.decide(operation, ordinal)]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ({"nth": 3}, [3]),
        ({"every": 4}, [4, 8]),
        ({"times": 2}, [1, 2]),
        ({"every": 2, "times": 3}, [2, 4, 6]),
        ({"probability": 1}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ({"probability": 0}, []),
    ],
    ids=["all", "the nth", "every so many", "so many times", "together", "certainly", "never"],
)
def test_conditions_choose_the_requests(
    conditions: dict[str, Any], expected: list[int], universe_of: Callable[..., Universe], operation: str
) -> None:
    universe = universe_of()
    universe.faults.add(DELAY | conditions)
    assert struck(universe, operation) == expected


def test_a_rule_covers_only_its_operations(
    universe_of: Callable[..., Universe], operation: str, other_operation: str
) -> None:
    universe = universe_of()
    universe.faults.add(DELAY | {"operations": [other_operation], "nth": 1})
    assert struck(universe, operation) == []
    assert struck(universe, other_operation) == [1]


def test_a_rule_counts_from_when_it_was_set(universe_of: Callable[..., Universe], operation: str) -> None:
    universe = universe_of()
    struck(universe, operation, 5)
    universe.faults.add(DELAY | {"nth": 1})
    assert struck(universe, operation) == [6]


def test_the_first_rule_that_strikes_decides_and_the_others_count_on(
    universe_of: Callable[..., Universe], operation: str
) -> None:
    faults = universe_of().faults
    for nth in (2, 3):
        faults.add(DELAY | {"nth": nth})
    faults.add({"kind": "reset"})
    met = [faults.decide(operation, ordinal) for ordinal in (1, 2, 3)]
    assert [fault and fault.rule for fault in met] == ["fault-3", "fault-1", "fault-2"]
    assert [rule["seen"] for rule in faults.list()] == [3, 3, 3]
    assert [rule["struck"] for rule in faults.list()] == [1, 1, 1]


def test_chance_repeats_for_the_same_seed_and_name(universe_of: Callable[..., Universe], operation: str) -> None:
    def run(name: str, seed: int) -> list[int]:
        universe = universe_of(name, seed)
        universe.faults.add(DELAY | {"probability": 0.5})
        return struck(universe, operation, 200)

    first = run("checkout", 7)
    assert first == run("checkout", 7)
    assert len({tuple(first), tuple(run("checkout", 8)), tuple(run("search", 7))}) == 3
    assert 50 < len(first) < 150


def test_chance_is_not_moved_by_other_operations(
    universe_of: Callable[..., Universe], operation: str, other_operation: str
) -> None:
    alone, mixed = universe_of(), universe_of()
    for universe in (alone, mixed):
        universe.faults.add(DELAY | {"probability": 0.5})
    expected = struck(alone, operation, 50)
    found = []
    for ordinal in range(1, 51):
        struck(mixed, other_operation, ordinal % 3)
        found += struck(mixed, operation, 1)
    assert found == expected


def test_every_status_of_the_catalogue_can_be_ordered(contract: Contract, universe_of: Callable[..., Universe]) -> None:
    faults = universe_of().faults
    for cause, kind in contract.errors.items():
        for order in ({"status": kind.status}, {"cause": cause}, {"status": kind.status, "cause": cause}):
            fault = faults.add({"kind": "status"} | order).fault
            assert fault.status == kind.status
            assert fault.cause is not None
            assert contract.errors[fault.cause].status == kind.status
            assert fault.message
            assert "{" not in fault.message


def test_a_message_without_gaps_is_preferred(contract: Contract, universe_of: Callable[..., Universe]) -> None:
    for status in {kind.status for kind in contract.errors.values()}:
        causes = [cause for cause, kind in contract.errors.items() if kind.status == status]
        plain = [cause for cause in causes if "{" not in contract.errors[cause].message]
        fault = universe_of().faults.prefer(status=status)
        assert fault is not None
        assert fault.cause == (plain or causes)[0]


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ({"kind": "status", "status": 418}, "418"),
        ({"kind": "status", "cause": "no-such-cause"}, "no-such-cause"),
        ({"kind": "delay", "delay": 1, "operations": ["noSuchOperation"]}, "noSuchOperation"),
    ],
    ids=["status", "cause", "operation"],
)
def test_what_the_contract_does_not_have_cannot_be_ordered(
    order: dict[str, Any], named: str, universe_of: Callable[..., Universe]
) -> None:
    faults = universe_of().faults
    with pytest.raises(FaultError, match=rf"{named}.*: use "):
        faults.add(order)
    assert len(faults) == 0


def test_a_status_must_be_that_of_its_cause(contract: Contract, universe_of: Callable[..., Universe]) -> None:
    cause, kind = next(iter(contract.errors.items()))
    other = next(each.status for each in contract.errors.values() if each.status != kind.status)
    with pytest.raises(FaultError, match=f"{other} does not go with the cause {cause}"):
        universe_of().faults.add({"kind": "status", "cause": cause, "status": other})


def test_retry_after_is_told_in_both_forms(contract: Contract, universe_of: Callable[..., Universe]) -> None:
    status = contract.retry.wait_statuses[0]
    faults, now = universe_of().faults, 1_700_000_000 * SECOND + 1
    order = {"kind": "status", "status": status, "retry_after": 3}
    assert faults.add(order).fault.retry_after_value(now) == "3"
    date = faults.add(order | {"retry_after_form": "http-date"}).fault.retry_after_value(now)
    assert date is not None
    # A fraction of a second is rounded up: the wait is never shorter than ordered.
    assert parsedate_to_datetime(date).timestamp() == 1_700_000_004
    assert faults.add({"kind": "status", "status": status}).fault.retry_after_value(now) is None


def test_a_rule_can_be_taken_back(universe_of: Callable[..., Universe], operation: str) -> None:
    universe = universe_of()
    first, second = (universe.faults.add(DELAY) for _ in range(2))
    assert universe.faults.remove(first.id)
    assert not universe.faults.remove(first.id)
    assert [rule["id"] for rule in universe.faults.list()] == [second.id]
    assert universe.faults.clear() == 1
    assert struck(universe, operation) == []


def test_a_new_rule_never_has_the_name_of_an_old_one(universe_of: Callable[..., Universe]) -> None:
    faults = universe_of().faults
    first = faults.add(DELAY)
    faults.remove(first.id)
    assert faults.add(DELAY).id != first.id


def test_a_request_can_order_its_own_fault(contract: Contract, universe_of: Callable[..., Universe]) -> None:
    faults = universe_of().faults
    status = next(iter(contract.errors.values())).status
    fault = faults.prefer(status=status, delay=0.5)
    assert fault is not None
    assert (fault.kind, fault.phase, fault.status, fault.delay) == (FaultKind.STATUS, FaultPhase.BEFORE, status, 0.5)
    slow = faults.prefer(delay=0.5)
    assert slow is not None
    assert (slow.kind, slow.delay) == (FaultKind.DELAY, 0.5)
    assert faults.prefer(status=418) is None
