"""The list of slow tests names what is there."""

from __future__ import annotations

from tests.conftest import REPOSITORY, SLOW


def test_every_slow_test_is_there_and_named_once() -> None:
    assert [name for name in SLOW if not (REPOSITORY / "tests" / name).exists()] == []
    assert list(SLOW) == sorted(set(SLOW))
