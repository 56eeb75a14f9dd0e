"""Clocks at the edges of the calendar: every response stays valid, or the clock is refused with the range."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from twosignal_mock._settings import SettingsError

from tests.mock.apis.rest.world import CONTRACT
from tests.mock.model.direct import CONTROL, Answer, Direct

SAMPLE = 12
KEY = "ts_local_development"
INSTANTS = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "0999-06-30T12:00:00Z",
    "1582-10-15T00:00:00Z",
    "1900-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:00:00Z",
    "1970-01-01T01:00:00+02:00",
    "1970-01-01T00:00:00.000001Z",
    "1970-01-03T00:00:00Z",
    "2000-02-29T23:59:59.999Z",
    "2038-01-19T03:14:08Z",
    "2199-12-31T23:59:59.999999Z",
    "2199-12-31T23:59:59-00:01",
    "2262-04-11T23:47:17Z",
    "4000-01-01T00:00:00Z",
    "9998-12-31T23:59:59Z",
    "9999-01-01T00:00:00Z",
    "9999-12-30T23:59:59Z",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00",
]


class RefusedError(Exception):
    """The clock was refused; the text is what was said."""


def frozen_by_option(instant: str) -> Direct:
    return Direct(sample=SAMPLE, validate_answers=True, clock=instant, plan="free")


def running_by_option(instant: str) -> Direct:
    return Direct(sample=SAMPLE, validate_answers=True, clock=f"from:{instant}", plan="free")


def _controlled(method: str, path: str, body: dict[str, Any]) -> Direct:
    mock = Direct(validate_answers=True, plan="free")
    answer = mock.call(method, CONTROL + path, body)
    if answer.status != 200:
        mock.close()
        assert answer.status == 400, answer
        raise RefusedError(answer.body["error"]["message"])
    return mock


def frozen_by_control(instant: str) -> Direct:
    return _controlled("PUT", "/clock", {"kind": "frozen", "at": instant})


def running_by_control(instant: str) -> Direct:
    return _controlled("PUT", "/clock", {"kind": "running", "at": instant})


def advanced(instant: str) -> Direct:
    """As far as a step can lead: forwards."""
    seconds = (datetime.fromisoformat(instant) - datetime.now(UTC)).total_seconds()
    if seconds < 0:
        raise RefusedError("only forwards, not 1970-01-01T00:00:00Z to 2199-12-31T23:59:59Z")
    return _controlled("POST", "/clock/advance", {"seconds": seconds})


def calls(mock: Direct) -> Iterator[Answer]:
    """Everything that a clock decides: lists and pages, ingestion, sign-in, limits and what faults date."""
    now = mock.control("GET", "/clock")["now"]
    yield mock.call("GET", "/api/v1/traces", key=KEY)
    yield mock.call("GET", "/api/v1/traces", key=KEY, query={"limit": 5, "start_date": now, "end_date": now})
    first = mock.call("GET", "/api/v1/traces", key=KEY, query={"limit": 3})
    if cursor := first.body["data"].get("cursor"):
        yield mock.call("GET", "/api/v1/traces", key=KEY, query={"limit": 3, "cursor": cursor})
    body = {"id": "t", "name": "n", "startTime": f"{now[:23]}Z"}
    event = {"id": "e", "type": "trace-create", "timestamp": f"{now[:23]}Z", "body": body}
    yield mock.call("POST", "/api/v1/traces", {"batch": [event]}, key=KEY)
    login = {"email": "dev@example.com", "password": "development"}
    signed = mock.call("POST", "/api/v1/auth/login", login)
    yield signed
    yield mock.call("POST", "/api/v1/auth/refresh", {"refresh_token": signed.body["data"]["refresh_token"]})
    order = {"kind": "status", "status": 429, "retry_after": 86_400, "retry_after_form": "http-date", "times": 1}
    mock.control("POST", "/faults", order)
    yield mock.call("GET", "/api/v1/traces", key=KEY)
    for path in ("/journal", "/ledger", "/sandboxes", "/state", "/unlisted-traces"):
        yield mock.call("GET", CONTROL + path)
    yield mock.call("POST", f"{CONTROL}/snapshots", {})
    yield mock.call("POST", f"{CONTROL}/sandboxes", {"sample": SAMPLE})


WAYS: list[Callable[[str], Direct]] = [
    frozen_by_option,
    running_by_option,
    frozen_by_control,
    running_by_control,
    advanced,
]


@pytest.mark.parametrize("instant", INSTANTS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way.__name__))
def test_every_response_is_valid_or_the_clock_is_refused_with_the_range(
    way: Callable[[str], Direct], instant: str
) -> None:
    try:
        mock = way(instant)
    except (RefusedError, SettingsError) as error:
        mock, said = None, str(error)
    if mock is None:
        assert ("1970-01-01T00:00:00Z" in said, "2199-12-31T23:59:59Z" in said) == (True, True)
        return
    with mock:
        for answer in calls(mock):
            assert answer.status < 300 or answer.status == 429, answer
            if date := answer.headers.get("date"):
                parsedate_to_datetime(date)
            if answer.status == 429:
                wait = parsedate_to_datetime(answer.headers[CONTRACT.rate_limit.headers.retry_after.lower()])
                assert wait >= parsedate_to_datetime(answer.headers["date"])


@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way.__name__))
def test_what_lies_well_within_the_calendar_is_taken(way: Callable[[str], Direct]) -> None:
    with way("2150-01-01T00:00:00Z") as mock:
        assert mock.control("GET", "/clock")["now"].startswith("2150-01-01T00:00")
