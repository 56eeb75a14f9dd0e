"""The test of a schedule as the contract describes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.mock.apis.appsignal.service import NOON, Service, serving

TEST = "testCron"
NIGHTLY = {"cron": "0 2 * * *", "wait_time_minutes": 5}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with serving() as service:
        yield service


@pytest.mark.parametrize(
    ("changes", "now", "start", "end"),
    [
        ({}, NOON, "2026-03-15T02:00:00Z", "2026-03-15T02:05:00Z"),
        ({"timezone": None, "timestamp": None}, NOON, "2026-03-15T02:00:00Z", "2026-03-15T02:05:00Z"),
        ({"timezone": "Europe/Amsterdam"}, NOON, "2026-03-15T01:00:00Z", "2026-03-15T01:05:00Z"),
        ({"timestamp": 1_773_482_400}, "2026-03-14T10:00:00Z", "2026-03-15T02:00:00Z", "2026-03-15T02:05:00Z"),
        ({"timestamp": 0.5}, "1970-01-01T00:00:00.500Z", "1970-01-01T02:00:00Z", "1970-01-01T02:05:00Z"),
        ({"wait_time_minutes": 0}, NOON, "2026-03-15T02:00:00Z", "2026-03-15T02:00:00Z"),
        ({"wait_time_minutes": 0.5}, NOON, "2026-03-15T02:00:00Z", "2026-03-15T02:00:30Z"),
        (
            {"cron": "30 2 * * *", "timezone": "Europe/Amsterdam", "timestamp": 1_774_738_800},
            "2026-03-28T23:00:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-29T01:05:00Z",
        ),
        (
            {"cron": "30 2 * * *", "timezone": "Europe/Amsterdam", "timestamp": 1_792_882_800},
            "2026-10-24T23:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T00:35:00Z",
        ),
    ],
)
async def test_a_schedule_is_answered_with_its_next_run(
    service: Service, changes: dict[str, Any], now: str, start: str, end: str
) -> None:
    answer = await service.ask(TEST, NIGHTLY | changes)
    assert answer == {"now": now, "next_start": start, "next_end": end}


@pytest.mark.parametrize(
    "changes",
    [
        {"cron": "61 * * * *"},
        {"cron": ""},
        {"cron": "* " * 400},
        {"cron": "0 0 30 2 *"},
        {"timestamp": 253_402_300_799},
        {"cron": "59 23 31 12 *", "timestamp": 253_402_300_000, "wait_time_minutes": 525_600},
    ],
)
async def test_what_is_no_schedule_is_a_success_that_says_why(service: Service, changes: dict[str, Any]) -> None:
    answer = await service.ask(TEST, NIGHTLY | changes)
    assert list(answer) == ["error"]
    assert answer["error"]


@pytest.mark.parametrize(
    "changes", [{"timezone": zone} for zone in ("Mars/Olympus", "", "../UTC", "America", "z" * 100)]
)
async def test_a_time_zone_that_is_not_known_is_refused(service: Service, changes: dict[str, Any]) -> None:
    assert await service.refused(TEST, NIGHTLY | changes) == ("invalid-value", {"field": "timezone"})


@pytest.mark.parametrize(
    "body",
    [{"cron": "* * * * *"}, {"wait_time_minutes": 5}, NIGHTLY | {"timestamp": -1}, NIGHTLY | {"timestamp": "now"}],
)
async def test_a_test_needs_its_fields(service: Service, body: dict[str, Any]) -> None:
    assert (await service.refused(TEST, body))[0] == "invalid-value"


async def test_the_dialect_of_times() -> None:
    async with serving(cron_times="unix") as service:
        answer = await service.ask(TEST, NIGHTLY | {"timestamp": 1_773_482_400.25})
        assert answer == {"now": 1_773_482_400.25, "next_start": 1_773_540_000, "next_end": 1_773_540_300}


async def test_a_token_is_verified_with_the_same_user_each_time(service: Service) -> None:
    first, second = [await service.ask("verifyToken") for _ in range(2)]
    assert first == second
    assert first["message"].startswith("Authenticated as user ")
    service.http.headers["Authorization"] = "Bearer another"
    assert (await service.refused("verifyToken"))[0] == "missing-key"
