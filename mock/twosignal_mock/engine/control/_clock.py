"""Handlers for the clock of a sandbox."""

from __future__ import annotations

from typing import Any

from twosignal_mock.engine.control._call import ControlCall, invalid
from twosignal_mock.engine.sandbox import Clock, ClockError, ClockKind, instant_text, parse_instant

_MICROSECONDS = 1_000_000


async def get_clock(call: ControlCall) -> object:
    """What the clock shows."""
    return show_clock(call.sandbox.clock)


async def set_clock(call: ControlCall) -> object:
    """Another way to go."""
    clock = call.sandbox.clock
    kind = ClockKind(call.body["kind"])
    try:
        at = parse_instant(call.body["at"]) if "at" in call.body else None
    except ClockError as error:
        raise invalid(f"at: {error}", "an instant", "send one such as 2026-01-31T12:00:00Z") from None
    if kind is ClockKind.FROZEN:
        clock.freeze(at)
    elif kind is ClockKind.RUNNING:
        clock.run(at)
    else:
        clock.follow()
    return show_clock(clock)


async def advance_clock(call: ControlCall) -> object:
    """The clock, moved."""
    clock = call.sandbox.clock
    try:
        clock.advance(round(call.body["seconds"] * _MICROSECONDS))
    except ClockError as error:
        raise invalid(f"seconds: {error}", "fewer", "PUT /__mock/v1/clock sets any instant") from None
    return show_clock(clock)


def show_clock(clock: Clock) -> dict[str, Any]:
    """What is told of a clock."""
    return {"kind": clock.kind, "now": instant_text(clock.now())}
