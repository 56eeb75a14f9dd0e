"""When a schedule of cron runs next: as a walk over every minute says, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twosignal_mock.apis.appsignal.check_ins import ScheduleError, next_run, zone_names

MINUTE = timedelta(minutes=1)

# Zones with a day around which their clocks change: by one hour, by half an hour, by two, at midnight, never.
CHANGES = {
    ("Europe/Amsterdam", "2026-03-28"),
    ("Europe/Amsterdam", "2026-10-24"),
    ("America/New_York", "2026-03-07"),
    ("America/New_York", "2026-10-31"),
    ("Australia/Lord_Howe", "2026-04-04"),
    ("Australia/Lord_Howe", "2026-10-03"),
    ("Antarctica/Troll", "2026-03-28"),
    ("Antarctica/Troll", "2026-10-24"),
    ("America/Santiago", "2026-04-04"),
    ("America/Santiago", "2026-09-05"),
    ("Asia/Kolkata", "2026-06-01"),
    ("UTC", "2026-06-01"),
}


def expand(field: str, values: range) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        body, _, step = part.partition("/")
        first, _, last = body.partition("-")
        chosen = values if body == "*" else range(int(first), int(last or first) + 1)
        found |= set(chosen[:: int(step or 1)])
    return found


def walked(cron: str, now: datetime, zone: str) -> datetime:
    """The first run after `now`, by looking at each minute since the day before."""
    minute, hour, *_ = cron.split()
    minutes, hours = expand(minute, range(60)), expand(hour, range(24))
    follows_time = minute.startswith("*") or hour.startswith("*")
    place, instant = ZoneInfo(zone), now.replace(second=0, microsecond=0) - timedelta(days=1)
    latest = instant.astimezone(place).replace(tzinfo=None)
    while True:
        instant += MINUTE
        wall = instant.astimezone(place).replace(tzinfo=None)
        new = [latest + MINUTE * step for step in range(1, (wall - latest) // MINUTE + 1)]
        shown = [wall] if follows_time else new
        latest = max(latest, wall)
        if instant > now and any(time.minute in minutes and time.hour in hours for time in shown):
            return instant


_PART = st.one_of(
    st.just("*"),
    st.integers(1, 30).map(lambda step: f"*/{step}"),
    st.integers(0, 59).map(str),
    st.tuples(st.integers(0, 29), st.integers(30, 59)).map(lambda ends: f"{ends[0]}-{ends[1]}"),
    st.lists(st.integers(0, 59), min_size=2, max_size=3).map(lambda times: ",".join(map(str, times))),
)
_HOUR = st.one_of(st.sampled_from(["*", "*/2", "1-3", "0", "1", "2", "3", "0,2"]), st.integers(0, 23).map(str))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(CHANGES)), _PART, _HOUR, st.integers(0, 2 * 24 * 3600))
def test_the_next_run_is_the_first_that_a_walk_over_all_minutes_meets(
    change: tuple[str, str], minute: str, hour: str, seconds: int
) -> None:
    zone, day = change
    now = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=seconds)
    cron = f"{minute} {hour} * * *"
    assert next_run(cron, now, zone) == walked(cron, now, zone)


@pytest.mark.parametrize(
    ("cron", "zone", "now", "run"),
    [
        ("0 2 * * *", "UTC", "2026-03-14T10:00:00Z", "2026-03-15T02:00:00Z"),
        ("0 * * * *", "Europe/Amsterdam", "2026-03-14T10:00:00Z", "2026-03-14T11:00:00Z"),
        ("0 * * * *", "UTC", "2026-03-14T09:59:59.999999Z", "2026-03-14T10:00:00Z"),
        ("30 2 * * *", "Europe/Amsterdam", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"),
        ("30 2 * * *", "Europe/Amsterdam", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
        ("30 2 * * *", "Europe/Amsterdam", "2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"),
        ("30 2 * * *", "Europe/Amsterdam", "2026-10-25T00:40:00Z", "2026-10-26T01:30:00Z"),
        ("30 * * * *", "Europe/Amsterdam", "2026-10-25T00:40:00Z", "2026-10-25T01:30:00Z"),
        ("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
        ("0 0 * 2 MON#5", "UTC", "2026-01-01T00:00:00Z", "2044-02-29T00:00:00Z"),
        ("0 9 13 * 5", "UTC", "2026-03-01T00:00:00Z", "2026-03-06T09:00:00Z"),
        ("0 12 * * *", "Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z"),
    ],
)
def test_the_next_run(cron: str, zone: str, now: str, run: str) -> None:
    assert next_run(cron, datetime.fromisoformat(now), zone) == datetime.fromisoformat(run)


@pytest.mark.parametrize(
    ("cron", "says"),
    [
        ("61 * * * *", "'61' is not a minute"),
        ("* 24 * * *", "'24' is not an hour"),
        ("* * 0 * *", "'0' is not a day of month"),
        ("* * * JANUARY *", "'JANUARY' is not a month"),
        ("* * * * 5-1", "'5-1' is not a day of week"),
        ("*/0 * * * *", "'*/0' is not a minute"),
        ("* * * *", "got 4 fields"),
        ("0 * * * * *", "got 6 fields"),
        ("", "got 0 fields"),
        ("@daily", "got 1 fields"),
        ("0 0 30 2 *", "is not a day of month"),
    ],
)
def test_an_expression_that_is_no_schedule_says_what_is_wrong(cron: str, says: str) -> None:
    with pytest.raises(ScheduleError, match=says.replace("*", r"\*")):
        next_run(cron, datetime(2026, 3, 14, tzinfo=UTC), "UTC")


def test_a_schedule_has_no_run_after_the_end_of_the_calendar() -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    for zone in ("UTC", "Europe/Amsterdam", "America/New_York"):
        with pytest.raises(ScheduleError, match="no run"):
            next_run("* * * * *", last, zone)


@settings(max_examples=300, deadline=1000)
@given(st.lists(st.text("0123456789*/,-#LWMON?²", max_size=6), min_size=5, max_size=5))
def test_any_five_fields_are_a_schedule_or_refused_soon(fields: list[str]) -> None:
    now = datetime(2026, 3, 14, tzinfo=UTC)
    try:
        run = next_run(" ".join(fields), now, "Europe/Amsterdam")
    except ScheduleError:
        return
    assert run > now


def test_the_zones_are_those_of_the_iana_database() -> None:
    assert {"UTC", "Europe/Amsterdam", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} <= zone_names()
    assert not {"", "America", "Amsterdam", "../UTC", "europe/amsterdam"} & zone_names()
