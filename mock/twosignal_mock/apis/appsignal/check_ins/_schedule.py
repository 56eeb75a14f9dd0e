"""Schedules of cron: when the next run is, in any time zone, also on the days when its clocks change.

CronSim reads the expression and finds the times of day, without a zone. When such a time comes is worked out here: on
two days of the year a zone leaves out an hour or has it twice, and in some zones half an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from importlib.resources import files
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_FIELDS = {
    "minute": "a minute",
    "hour": "an hour",
    "day-of-month": "a day of month",
    "month": "a month",
    "day-of-week": "a day of week",
}
"""In their order, by the names that CronSim gives them."""
_LONGEST_CHANGE = timedelta(hours=3)
"""More than any zone has set its clocks back since 1970."""
_SHOWN = 40
"""Characters of a field that a message repeats."""


class ScheduleError(ValueError):
    """An expression is no schedule, or one without a run; says so to people."""


def zone_names() -> frozenset[str]:
    """The time zones of the IANA database."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


def next_run(cron: str, now: datetime, zone: str) -> datetime:
    """The first run after `now`, in UTC. `now` is in UTC, `zone` one of `zone_names`. Raises ScheduleError."""
    fields = cron.split()
    if len(fields) != len(_FIELDS):
        raise ScheduleError(f"got {len(fields)} fields, expected {len(_FIELDS)}: {', '.join(_FIELDS)}")
    place = ZoneInfo(zone)
    # As Debian's cron tells them apart: such a schedule follows real time, another one the times on the clock.
    follows_time = any(field.startswith("*") for field in fields[:2])
    best: datetime | None = None
    try:
        wall = now.astimezone(place).replace(tzinfo=None)
        for time in _times(cron, fields, wall):
            if best is not None and time > best.astimezone(place).replace(tzinfo=None) + _LONGEST_CHANGE:
                break
            coming = [instant for instant in _instants(time, place, follows_time=follows_time) if instant > now]
            best = min([*coming, *([] if best is None else [best])], default=None)
    except OverflowError:  # the calendar ends with the year 9999
        pass
    if best is None:
        raise ScheduleError("the schedule has no run in the next 50 years")
    return best


def _times(cron: str, fields: Sequence[str], wall: datetime) -> Iterator[datetime]:
    """The times of the schedule, from a little before `wall` on and for 50 years, by a clock that never changes."""
    try:
        yield from CronSim(cron, wall - _LONGEST_CHANGE)
    except CronSimError as error:
        name = str(error).removeprefix("Bad ")
        field = dict(zip(_FIELDS, fields, strict=True))[name]
        shown = field if len(field) <= _SHOWN else f"{field[:_SHOWN]}…"
        raise ScheduleError(f"{shown!r} is not {_FIELDS[name]}") from error


def _instants(time: datetime, place: tzinfo, *, follows_time: bool) -> Sequence[datetime]:
    """When the clocks of a place show a time, in UTC. They may do so never, once or twice.

    A schedule that follows the clock runs once in each case: at the first of two, or at the end of the gap.
    """
    first = time.replace(tzinfo=place).astimezone(UTC)
    second = time.replace(tzinfo=place, fold=1).astimezone(UTC)
    if first > second:  # https://peps.python.org/pep-0495/#the-fold-attribute: a time in a gap
        return [] if follows_time else [_change(second, first, place)]
    return sorted({first, second}) if follows_time else [first]


def _change(before: datetime, after: datetime, place: tzinfo) -> datetime:
    """The second in which the clocks change, between two instants."""
    offset = before.astimezone(place).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(place).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
