"""The part of a table that is judged today: all parts together are the table, and any of them can be repeated."""

from __future__ import annotations

import pytest

from tests.conformance.rotation import PART, PARTS, SEED, RotationError, Turn

ROWS = range(37)


def test_ten_days_in_a_row_judge_every_row_once() -> None:
    turns = [Turn.of(PARTS, {SEED: str(day)}) for day in range(359, 359 + PARTS)]
    assert sorted(row for turn in turns for row in turn.among(ROWS)) == list(ROWS)
    assert len({turn.seed for turn in turns}) == PARTS


def test_what_a_turn_says_of_itself_repeats_it() -> None:
    today = Turn.of(PARTS, {})
    again = dict(pair.split("=") for pair in today.repeat.split())
    assert Turn.of(PARTS + 1, again) == today


def test_a_part_can_be_named() -> None:
    assert Turn.of(PARTS, {PART: "1/1", SEED: "5"}).among(ROWS) == list(ROWS)
    assert Turn.of(PARTS, {PART: "2/18", SEED: "5"}).among(ROWS) == [1, 19]


@pytest.mark.parametrize(
    ("name", "value"), [(PART, "3"), (PART, "0/10"), (PART, "11/10"), (PART, "a/b"), (SEED, "-1"), (SEED, "")]
)
def test_what_cannot_be_meant_is_told(name: str, value: str) -> None:
    with pytest.raises(RotationError, match=f"{name}={value}; expected"):
        Turn.of(PARTS, {SEED: "5", name: value})
