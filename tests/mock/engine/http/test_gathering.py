"""Answers that are given in one turn of the loop leave at its end, each in order, and none is lost by what follows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from twosignal_mock.engine.http import MOST, Gathering, Outlet


class Recording(asyncio.Transport):
    """A transport that tells what it was told."""

    def __init__(self, told: list[object]) -> None:
        super().__init__()
        self._told = told

    def write(self, data: object) -> None:
        self._told.append(data)

    def close(self) -> None:
        self._told.append("close")

    def abort(self) -> None:
        self._told.append("abort")

    def write_eof(self) -> None:
        self._told.append("eof")

    def is_closing(self) -> bool:
        return False


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with asyncio.Runner() as runner:
        yield runner.get_loop()


def turn(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_until_complete(asyncio.sleep(0))


def outlets(loop: asyncio.AbstractEventLoop, count: int) -> tuple[list[object], list[Outlet]]:
    """What all of them tell, in order."""
    told: list[object] = []
    gathering = Gathering()
    return told, [Outlet(Recording(told), gathering, loop) for _ in range(count)]


def test_answers_of_one_turn_are_written_at_its_end_in_the_order_they_were_given(
    loop: asyncio.AbstractEventLoop,
) -> None:
    told, (first, second) = outlets(loop, 2)
    first.write(b"1")
    second.write(b"2")
    first.write(b"3")
    assert told == []
    turn(loop)
    assert told == [b"13", b"2"]
    second.write(b"4")
    turn(loop)
    assert told == [b"13", b"2", b"4"]


def test_no_answer_waits_for_more_than_a_bounded_number_of_others(loop: asyncio.AbstractEventLoop) -> None:
    told, many = outlets(loop, MOST + 1)
    for outlet in many:
        outlet.write(b"x")
    assert told == [b"x"] * MOST
    turn(loop)
    assert told == [b"x"] * (MOST + 1)


@pytest.mark.parametrize(("end", "name"), [(Outlet.close, "close"), (Outlet.write_eof, "eof")])
def test_a_connection_ends_behind_its_answer(loop: asyncio.AbstractEventLoop, end: object, name: str) -> None:
    told, (outlet,) = outlets(loop, 1)
    outlet.write(b"x")
    assert callable(end)
    end(outlet)
    turn(loop)
    assert told == [b"x", name]


def test_a_connection_that_is_cut_gives_nothing_more(loop: asyncio.AbstractEventLoop) -> None:
    told, (outlet,) = outlets(loop, 1)
    outlet.write(b"x")
    outlet.abort()
    turn(loop)
    assert told == ["abort"]
