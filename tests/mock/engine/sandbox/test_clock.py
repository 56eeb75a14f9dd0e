"""The clock of a sandbox: real, running or frozen, and moved by hand."""

import time

import pytest
from twosignal_mock.engine.sandbox import (
    Clock,
    ClockError,
    ClockKind,
    ClockStart,
    instant_text,
    parse_clock,
    parse_instant,
)

NOON = "2026-01-31T12:00:00.000000Z"
AT_NOON = parse_instant(NOON)
SECOND = 1_000_000
HOUR = 3600 * SECOND
"""Far longer than a test takes."""


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("real", ClockStart()),
        (NOON, ClockStart(ClockKind.FROZEN, AT_NOON)),
        ("2026-01-31T13:00:00+01:00", ClockStart(ClockKind.FROZEN, AT_NOON)),
        ("from:2026-01-31T12:00:00Z", ClockStart(ClockKind.RUNNING, AT_NOON)),
    ],
    ids=["real", "an instant freezes", "another zone names the same instant", "running from an instant"],
)
def test_an_option_names_how_the_clock_starts(text: str, start: ClockStart) -> None:
    assert parse_clock(text) == start


@pytest.mark.parametrize(
    "text",
    ["", "now", "from:", "2026-01-31T12:00:00", "from:2026-01-31", "1969-12-31T23:59:59Z", "real:2026-01-31T12:00:00Z"],
    ids=["empty", "a word", "from nothing", "no zone", "a day", "before 1970", "a real instant"],
)
def test_an_option_that_names_no_clock_is_quoted_back(text: str) -> None:
    with pytest.raises(ClockError, match="was expected"):
        parse_clock(text)


def test_a_frozen_clock_stands_until_it_is_moved() -> None:
    clock = parse_clock(NOON).make()
    assert [clock.now(), clock.now()] == [AT_NOON, AT_NOON]
    assert clock.advance(1) == clock.now() == AT_NOON + 1
    assert clock.kind is ClockKind.FROZEN


def test_a_running_clock_goes_on_from_its_instant() -> None:
    clock = parse_clock(f"from:{NOON}").make()
    first = clock.now()
    assert AT_NOON <= first <= clock.now() < AT_NOON + HOUR


def test_a_real_clock_is_the_machines() -> None:
    before = time.time_ns() // 1000
    assert before <= Clock().now() <= time.time_ns() // 1000


def test_a_real_clock_that_is_moved_runs_from_there() -> None:
    clock = Clock()
    clock.advance(HOUR)
    assert clock.kind is ClockKind.RUNNING
    assert clock.now() - Clock().now() > HOUR - SECOND * 60


def test_a_clock_can_be_frozen_set_going_and_be_real_again() -> None:
    clock = Clock()
    clock.freeze(AT_NOON)
    clock.run()
    assert (clock.kind, clock.now() < AT_NOON + HOUR) == (ClockKind.RUNNING, True)
    clock.freeze()
    assert clock.now() == clock.now() < AT_NOON + HOUR
    clock.follow()
    assert (clock.kind, clock.now() > AT_NOON) == (ClockKind.REAL, True)


@pytest.mark.parametrize("step", [-AT_NOON - 1, 10**18], ids=["before 1970", "after the year 9999"])
def test_a_clock_never_leaves_the_calendar(step: int) -> None:
    clock = parse_clock(NOON).make()
    with pytest.raises(ClockError, match="was expected"):
        clock.advance(step)
    assert clock.now() == AT_NOON


def test_an_instant_reads_back_as_it_was_written() -> None:
    assert instant_text(AT_NOON + 1) == "2026-01-31T12:00:00.000001Z"
