"""Rules order faults: which requests meet them, in every run the same."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.sandbox import ErrorCatalogue, FaultError, FaultKind, FaultPhase, Sandbox

DELAY = {"kind": "delay", "delay": "500ms"}
SECOND = 1_000_000


def struck(sandbox: Sandbox, operation: str, count: int = 10) -> list[int]:
    """The numbers of the requests that met a fault."""
    ordinals = [sandbox.next_ordinal(operation) for _ in range(count)]
    return [ordinal for ordinal in ordinals if sandbox.faults.decide(operation, ordinal)]


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
    conditions: dict[str, Any], expected: list[int], sandbox_of: Callable[..., Sandbox], operation: str
) -> None:
    sandbox = sandbox_of()
    sandbox.faults.add(DELAY | conditions)
    assert struck(sandbox, operation) == expected


def test_a_rule_covers_only_its_operations(
    sandbox_of: Callable[..., Sandbox], operation: str, other_operation: str
) -> None:
    sandbox = sandbox_of()
    sandbox.faults.add(DELAY | {"operations": [other_operation], "nth": 1})
    assert struck(sandbox, operation) == []
    assert struck(sandbox, other_operation) == [1]


def test_a_rule_counts_from_when_it_was_set(sandbox_of: Callable[..., Sandbox], operation: str) -> None:
    sandbox = sandbox_of()
    struck(sandbox, operation, 5)
    sandbox.faults.add(DELAY | {"nth": 1})
    assert struck(sandbox, operation) == [6]


def test_the_first_rule_that_strikes_decides_and_the_others_count_on(
    sandbox_of: Callable[..., Sandbox], operation: str
) -> None:
    faults = sandbox_of().faults
    for nth in (2, 3):
        faults.add(DELAY | {"nth": nth})
    faults.add({"kind": "reset"})
    met = [faults.decide(operation, ordinal) for ordinal in (1, 2, 3)]
    assert [fault and fault.rule for fault in met] == ["fault-3", "fault-1", "fault-2"]
    assert [rule["seen"] for rule in faults.list()] == [3, 3, 3]
    assert [rule["struck"] for rule in faults.list()] == [1, 1, 1]


def test_chance_repeats_for_the_same_seed_and_name(sandbox_of: Callable[..., Sandbox], operation: str) -> None:
    def run(name: str, seed: int) -> list[int]:
        sandbox = sandbox_of(name, seed)
        sandbox.faults.add(DELAY | {"probability": 0.5})
        return struck(sandbox, operation, 200)

    first = run("checkout", 7)
    assert first == run("checkout", 7)
    assert len({tuple(first), tuple(run("checkout", 8)), tuple(run("search", 7))}) == 3
    assert 50 < len(first) < 150


def test_chance_is_not_moved_by_other_operations(
    sandbox_of: Callable[..., Sandbox], operation: str, other_operation: str
) -> None:
    alone, mixed = sandbox_of(), sandbox_of()
    for sandbox in (alone, mixed):
        sandbox.faults.add(DELAY | {"probability": 0.5})
    expected = struck(alone, operation, 50)
    found = []
    for ordinal in range(1, 51):
        struck(mixed, other_operation, ordinal % 3)
        found += struck(mixed, operation, 1)
    assert found == expected


def test_every_status_of_the_catalogue_can_be_ordered(contract: Contract, sandbox_of: Callable[..., Sandbox]) -> None:
    faults = sandbox_of().faults
    for cause, kind in contract.errors.items():
        for order in ({"status": kind.status}, {"cause": cause}, {"status": kind.status, "cause": cause}):
            fault = faults.add({"kind": "status"} | order).fault
            assert fault.status == kind.status
            assert fault.cause is not None
            assert contract.errors[fault.cause].status == kind.status
            body = ErrorCatalogue(contract.errors).fault_body(fault.cause, fault.retry_after)
            assert "{" not in body["error"]["message"]


def test_a_message_without_gaps_is_preferred(
    contract: Contract, sandbox_of: Callable[..., Sandbox], operation: str
) -> None:
    for status in {kind.status for kind in contract.errors.values()}:
        causes = [cause for cause, kind in contract.errors.items() if kind.status == status]
        plain = [cause for cause in causes if not contract.errors[cause].placeholders]
        fault = sandbox_of().faults.prefer(operation, status=status)
        assert fault.cause == (plain or causes)[0]


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ({"kind": "status", "cause": "no-such-cause"}, "no-such-cause"),
        ({"kind": "delay", "delay": "1s", "operations": ["noSuchOperation"]}, "noSuchOperation"),
    ],
    ids=["cause", "operation"],
)
def test_what_the_contract_does_not_have_cannot_be_ordered(
    order: dict[str, Any], named: str, sandbox_of: Callable[..., Sandbox]
) -> None:
    faults = sandbox_of().faults
    with pytest.raises(FaultError, match=rf"{named}.*: use "):
        faults.add(order)
    assert len(faults) == 0


def test_a_status_must_be_that_of_its_cause(contract: Contract, sandbox_of: Callable[..., Sandbox]) -> None:
    cause, kind = next(iter(contract.errors.items()))
    other = next(each.status for each in contract.errors.values() if each.status != kind.status)
    with pytest.raises(FaultError, match=f"{other} does not go with the cause {cause}"):
        sandbox_of().faults.add({"kind": "status", "cause": cause, "status": other})


def test_retry_after_is_told_in_both_forms(contract: Contract, sandbox_of: Callable[..., Sandbox]) -> None:
    status = contract.retry.wait_statuses[0]
    faults, now = sandbox_of().faults, 1_700_000_000 * SECOND + 1
    order = {"kind": "status", "status": status, "retry_after": 3}
    assert faults.add(order).fault.retry_after_value(now) == "3"
    date = faults.add(order | {"retry_after_form": "http-date"}).fault.retry_after_value(now)
    assert date is not None
    # A fraction of a second is rounded up: the wait is never shorter than ordered.
    assert parsedate_to_datetime(date).timestamp() == 1_700_000_004
    assert faults.add({"kind": "status", "status": status}).fault.retry_after_value(now) is None


def test_a_rule_can_be_taken_back(sandbox_of: Callable[..., Sandbox], operation: str) -> None:
    sandbox = sandbox_of()
    first, second = (sandbox.faults.add(DELAY) for _ in range(2))
    assert sandbox.faults.remove(first.id)
    assert not sandbox.faults.remove(first.id)
    assert [rule["id"] for rule in sandbox.faults.list()] == [second.id]
    assert sandbox.faults.clear() == 1
    assert struck(sandbox, operation) == []


def test_a_new_rule_never_has_the_name_of_an_old_one(sandbox_of: Callable[..., Sandbox]) -> None:
    faults = sandbox_of().faults
    first = faults.add(DELAY)
    faults.remove(first.id)
    assert faults.add(DELAY).id != first.id


def test_a_request_can_order_its_own_fault(
    contract: Contract, sandbox_of: Callable[..., Sandbox], operation: str
) -> None:
    faults = sandbox_of().faults
    status = next(iter(contract.errors.values())).status
    fault = faults.prefer(operation, status=status, delay=0.5)
    assert (fault.kind, fault.phase, fault.status, fault.delay) == (FaultKind.STATUS, FaultPhase.BEFORE, status, 0.5)
    slow = faults.prefer(operation, delay=0.5)
    assert (slow.kind, slow.delay) == (FaultKind.DELAY, 0.5)
    odd = faults.prefer(operation, status=418)
    assert (odd.status, odd.cause) == (418, None)


@pytest.mark.parametrize(
    ("text", "least", "most", "shown"),
    [
        ("250ms", 0.25, 0.25, "250ms"),
        ("1.5s", 1.5, 1.5, "1500ms"),
        ("0s", 0, 0, "0ms"),
        ("50..200ms", 0.05, 0.2, "50..200ms"),
        ("50ms..1.5s", 0.05, 1.5, "50..1500ms"),
        ("0.5..2s", 0.5, 2, "500..2000ms"),
        ("600s", 600, 600, "600000ms"),
    ],
)
def test_a_delay_says_its_unit(
    sandbox_of: Callable[..., Sandbox], operation: str, text: str, least: float, most: float, shown: str
) -> None:
    """The same delays for the same seed, and all that lies between them."""

    def delays() -> list[float]:
        faults = sandbox_of().faults
        faults.add({"kind": "delay", "delay": text})
        assert [rule["delay"] for rule in faults.list()] == [shown]
        found = [faults.decide(operation, ordinal) for ordinal in range(1, 200)]
        return [fault.delay for fault in found if fault is not None]

    drawn = delays()
    assert (len(drawn), drawn) == (199, delays())
    assert all(least <= delay <= most for delay in drawn)
    assert max(drawn) - min(drawn) >= (most - least) * 0.9
