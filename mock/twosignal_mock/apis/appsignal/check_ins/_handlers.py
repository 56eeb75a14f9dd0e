"""The test of a schedule: when a job would run next, and until when it may check in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._instants import format_instant
from twosignal_mock.apis.appsignal.check_ins._schedule import ScheduleError, next_run, zone_names
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NANOSECONDS = 1000
"""In a microsecond, beyond which no time is told apart here."""
_SHOWN = 40
"""Characters of a time zone that a message repeats."""


def handlers(_contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """POST /check_ins/test_cron."""
    zones = zone_names()
    unix = dependencies.dialects["cron-times"] == "unix"

    def handle(call: Call, _: object) -> object:
        zone = call.body.get("timezone")
        if zone is not None and zone not in zones:
            problem = f"{zone[:_SHOWN]!r} is no time zone of the IANA database; expected one such as Europe/Amsterdam"
            raise ApiError("invalid-value", place="timezone", problem=problem)
        now = _now(call)
        try:
            start = next_run(call.body["cron"], now, zone or "UTC")
            end = start + timedelta(minutes=call.body["wait_time_minutes"])
        except ScheduleError as error:
            return {"error": str(error)}
        except OverflowError:
            return {"error": "the wait ends after the year 9999"}
        show = _seconds if unix else _iso
        return {"now": show(now), "next_start": show(start), "next_end": show(end)}

    yield Handler("testCron", handle, stateless=True)


def _now(call: Call) -> datetime:
    sent = call.body.get("timestamp")
    return _EPOCH + (timedelta(milliseconds=call.now) if sent is None else timedelta(seconds=sent))


def _iso(instant: datetime) -> str:
    return format_instant((instant - _EPOCH) // _MICROSECOND * _NANOSECONDS)


def _seconds(instant: datetime) -> Any:
    microseconds = (instant - _EPOCH) // _MICROSECOND
    return microseconds // 1_000_000 if microseconds % 1_000_000 == 0 else microseconds / 1_000_000
