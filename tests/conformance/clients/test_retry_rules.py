"""Sending again, judged from journals written by hand: how soon, how often, when never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from twosignal_conformance.clients import DATE_TOLERANCE, TOLERANCE, WINDOW, Setup

from tests.conformance.clients.journals import CONTRACT, NOON, TOOK, batch, emits, entry, results, verdict

Json = Any

WAIT, AGAIN, RESET = (f"client.retry.rate-limit-{name}" for name in ("wait", "again", "reset"))
BACKOFF, MOST, NEVER = (f"client.retry.{name}" for name in ("backoff", "most", "never"))
LIMITED = CONTRACT.retry.wait_statuses[0]
FAILED = CONTRACT.retry.backoff_statuses[0]
DELAYS = CONTRACT.retry.delays
CREATED = CONTRACT.operation("ingestTraces").success
RETRY_AFTER = CONTRACT.rate_limit.headers.retry_after
RATE_RESET = CONTRACT.rate_limit.headers.reset


def limited(waited: float, headers: dict[str, str]) -> list[Json]:
    """A refusal for the rate, and the same again so many seconds after it."""
    return [
        entry(0, "ingestTraces", LIMITED, body=batch("a"), response_headers=headers),
        entry(TOOK + waited, "ingestTraces", CREATED, body=batch("a")),
    ]


def failing(*waits: float, last: int = FAILED) -> list[Json]:
    """A server's error, and one more after each wait; the last one may be something else."""
    rows, at = [entry(0, "ingestTraces", FAILED, body=batch("a"))], 0.0
    for number, wait in enumerate(waits, 1):
        at += TOOK + wait
        rows.append(entry(at, "ingestTraces", last if number == len(waits) else FAILED, body=batch("a")))
    return rows


@pytest.mark.parametrize(
    ("waited", "kept"),
    [(0.0, False), (2 - 2 * TOLERANCE, False), (2 - TOLERANCE / 2, True), (2.0, True), (300.0, True)],
)
def test_a_wait_may_be_longer_than_asked_and_hardly_shorter(waited: float, kept: bool) -> None:
    assert verdict(limited(waited, {RETRY_AFTER: "2"}), WAIT) is kept
    assert verdict(limited(waited, {RATE_RESET: "2"}), RESET) is kept


@pytest.mark.parametrize(("waited", "kept"), [(0.5, False), (3.1 - DATE_TOLERANCE, True), (4.0, True)])
def test_a_date_is_read_by_the_clock_of_the_server_and_has_whole_seconds(waited: float, kept: bool) -> None:
    date = format_datetime(NOON + timedelta(seconds=3), usegmt=True)
    assert verdict(limited(waited, {RETRY_AFTER: date}), WAIT) is kept


@pytest.mark.parametrize("factor", [1, 1000])
def test_a_reset_may_be_a_unix_time(factor: int) -> None:
    reset = str(int((NOON.timestamp() + 3) * factor))
    assert verdict(limited(0.5, {RATE_RESET: reset}), RESET) is False
    assert verdict(limited(3.0, {RATE_RESET: reset}), RESET) is True


@pytest.mark.parametrize("waited", [0.0, 0.02, 0.4])
@pytest.mark.parametrize("factor", [1, 1000], ids=["seconds", "milliseconds"])
def test_no_tolerance_is_as_long_as_the_wait(factor: int, waited: float) -> None:
    reset = str(int((NOON.timestamp() + 1) * factor))
    assert verdict(limited(waited, {RATE_RESET: reset}), RESET) is False


def test_a_reset_in_milliseconds_is_kept_to_the_millisecond() -> None:
    reset = str(int((NOON.timestamp() + 3) * 1000))
    assert verdict(limited(2.5, {RATE_RESET: reset}), RESET) is False
    assert verdict(limited(3.0, {RATE_RESET: reset}), RESET) is True


def test_a_reset_that_is_absurd_asks_for_nothing() -> None:
    assert verdict(limited(0.0, {RATE_RESET: "9" * 15}), RESET) is None


def test_retry_after_is_asked_before_the_reset() -> None:
    headers = {RETRY_AFTER: "1", RATE_RESET: "5"}
    assert verdict(limited(1.0, headers), WAIT) is True
    assert verdict(limited(1.0, headers), RESET) is None


def test_a_date_read_by_another_clock_is_a_finding_and_no_violation() -> None:
    date = format_datetime(NOON + timedelta(seconds=9), usegmt=True)
    scenario = emits("a", setup=Setup(clock=-3600))
    found = results(limited(0.02, {RETRY_AFTER: date}), WAIT, scenario)
    assert [result.finding for result in found] == [True]
    assert results(limited(0.5, {RETRY_AFTER: date}), WAIT, scenario) == []


def test_who_keeps_no_wait_at_all_has_read_no_clock() -> None:
    date = format_datetime(NOON + timedelta(seconds=9), usegmt=True)
    rows = limited(0.02, {RETRY_AFTER: date})
    rows[1] |= {"status": LIMITED, "response": {**rows[1]["response"], "headers": [[RETRY_AFTER, "1"]]}}
    rows.append(entry(0.1, "ingestTraces", CREATED, body=batch("a")))
    found = results(rows, WAIT, emits("a", setup=Setup(clock=-3600)))
    assert [(result.finding, result.holds) for result in found] == [(False, False)]


def test_after_a_limit_the_request_must_come_again() -> None:
    assert verdict(limited(2.0, {RETRY_AFTER: "2"}), AGAIN) is True
    assert verdict(limited(2.0, {RETRY_AFTER: "2"})[:1], AGAIN) is False


def test_each_retry_waits_longer() -> None:
    assert verdict(failing(*DELAYS, last=CREATED), BACKOFF) is True
    assert verdict(failing(DELAYS[0], DELAYS[0], last=CREATED), BACKOFF) is False
    assert verdict(failing(DELAYS[0] / 2, last=CREATED), BACKOFF) is False


def test_after_the_last_retry_there_is_none() -> None:
    assert verdict(failing(*DELAYS), MOST) is True
    assert verdict(failing(*DELAYS, 8.0), MOST) is False
    assert verdict(failing(*DELAYS[:1], last=CREATED), MOST) is None


def test_a_failure_that_could_be_retried_must_be() -> None:
    again = "client.retry.server-error-again"
    assert verdict(failing(*DELAYS), again) is True
    assert verdict(failing(*DELAYS[:-1]), again) is False
    assert verdict(failing(), again) is False


def test_a_limit_in_between_uses_up_no_retry() -> None:
    rows = failing(*DELAYS[:2])
    at = rows[-1]["started"] - 1000 + TOOK + DELAYS[2]
    rows.append(entry(at, "ingestTraces", LIMITED, body=batch("a"), response_headers={RETRY_AFTER: "1"}))
    rows.append(entry(at + TOOK + 1, "ingestTraces", FAILED, body=batch("a")))
    assert verdict(rows, MOST) is True
    assert verdict(rows, AGAIN) is True
    assert verdict(rows, WAIT) is True


@pytest.mark.parametrize("status", CONTRACT.retry.never)
def test_what_is_wrong_is_never_sent_again(status: int) -> None:
    once = [entry(0, "ingestTraces", status, body=batch("a"))]
    other = entry(1, "ingestTraces", status, body=batch("b"))
    same = entry(1, "ingestTraces", status, body=batch("a"))
    assert verdict([*once, other], NEVER) is True
    assert verdict([*once, same], NEVER) is False


@pytest.mark.parametrize("status", CONTRACT.retry.never)
def test_what_is_wrong_is_not_sent_again_together_with_what_is_new(status: int) -> None:
    refused = entry(0, "ingestTraces", status, body=batch("a", "b"))
    grown = entry(1, "ingestTraces", status, body=batch("c", "a", "b"))
    part = entry(1, "ingestTraces", status, body=batch("a"))
    assert verdict([refused, grown], NEVER) is False
    assert verdict([refused, part], NEVER) is True


def test_a_success_ends_a_chain() -> None:
    rows = [entry(at, "routeModel", 200, body={"input": "hello"}) for at in (0.0, 0.1, 0.2)]
    assert verdict(rows, NEVER) is None
    missing = entry(0.3, "routeModel", 404, body={"input": "hello"})
    assert verdict([*rows, missing], NEVER) is True
    mended = failing(DELAYS[0], last=CREATED)
    later = 10.0
    anew = [
        entry(later, "ingestTraces", FAILED, body=batch("a")),
        entry(later + TOOK + DELAYS[0], "ingestTraces", CREATED, body=batch("a")),
    ]
    assert verdict([*mended, *anew], BACKOFF) is True


def test_in_a_journal_a_late_repetition_is_a_new_call() -> None:
    first = entry(0, "routeModel", 404, body={"input": "hello"})
    soon, late = (entry(at, "routeModel", 404, body={"input": "hello"}) for at in (WINDOW / 2, WINDOW * 2))
    assert verdict([first, soon], NEVER, window=WINDOW) is False
    assert verdict([first, late], NEVER, window=WINDOW) is True


@pytest.mark.parametrize("operation", ["ingestTraces", "listTraces"])
@pytest.mark.parametrize(("status", "clause"), [(FAILED, BACKOFF), (CONTRACT.retry.never[0], NEVER)])
def test_in_a_journal_what_another_client_sends_repeats_nothing(operation: str, status: int, clause: str) -> None:
    body = batch("a") if operation == "ingestTraces" else None
    curl, wget, again = (
        entry(at, operation, status, body=body, headers={"user-agent": agent})
        for at, agent in ((0.0, "curl/8.5.0"), (0.2, "Wget/1.21"), (0.4, "curl/8.5.0"))
    )
    assert verdict([curl, wget], clause, window=WINDOW) is not False
    assert verdict([curl, wget, again], clause, window=WINDOW) is False
    assert verdict([curl, wget], clause) is False, "what a scenario's command sends is all of one client"


def test_a_batch_in_parts_is_no_repetition_of_the_whole() -> None:
    too_large = CONTRACT.error("body-too-large").status
    whole = entry(0, "ingestTraces", too_large, body=batch("a", "b"))
    halves = [entry(1 + number, "ingestTraces", CREATED, body=batch(name)) for number, name in enumerate("ab")]
    unchanged = "client.retry.payload-unchanged"
    assert verdict([whole, *halves], unchanged) is True
    for more in ((), ("c",)):
        again = entry(1, "ingestTraces", too_large, body=batch("a", "b", *more))
        assert verdict([whole, again], unchanged) is False
    assert verdict([whole, entry(1, "ingestTraces", CREATED, body=batch("b", "c"))], unchanged) is True


def test_a_batch_that_grows_is_still_the_same_one() -> None:
    rows = [
        entry(0, "ingestTraces", FAILED, body=batch("a")),
        entry(0.2, "ingestTraces", CREATED, body=batch("b", "a")),
    ]
    assert verdict(rows, BACKOFF) is False


def test_new_ids_are_seen_where_names_tell_the_events() -> None:
    rows = [
        entry(0, "ingestTraces", FAILED, body=batch("a")),
        entry(DELAYS[0] + 1, "ingestTraces", CREATED, body=batch("a", suffix="-anew")),
    ]
    assert verdict(rows, "client.retry.same-ids", emits("a"), names={"a"}) is False
    assert verdict(rows, "client.retry.server-error-again", emits("a"), names={"a"}) is True


def moved(row: Json, seconds: float) -> Json:
    """The same entry, with the mock's clock so many seconds after noon when it came."""
    return {**row, "at": (NOON + timedelta(seconds=seconds)).isoformat()}


@pytest.mark.parametrize("stands", [True, False], ids=["frozen", "moved"])
@pytest.mark.parametrize(
    ("real", "clock", "kept"),
    [(0.1, 7.1, True), (0.1, 6.0, False), (0.1, 0.1, False), (7.0, 7.0, True), (7.0, 0.0, True), (0.1, -60.0, False)],
    ids=["fake sleep", "too short a sleep", "no sleep", "real sleep", "real sleep by a frozen clock", "a step back"],
)
def test_a_wait_is_measured_by_the_clock_of_the_mock_or_is_really_longer(
    real: float, clock: float, stands: bool, kept: bool
) -> None:
    first, again = limited(real, {RETRY_AFTER: "7"})
    assert verdict([first, moved(again, clock)], WAIT, stands=stands, window=WINDOW) is kept


def test_by_a_frozen_clock_a_slow_response_takes_no_time() -> None:
    first, again = limited(4.1, {RETRY_AFTER: "2"})
    first["milliseconds"] = 4000.0
    assert verdict([first, moved(again, 2.0)], WAIT, stands=True) is True
    assert verdict([first, moved(again, 1.0)], WAIT, stands=True) is False


def test_a_date_is_read_by_a_clock_that_was_moved() -> None:
    date = format_datetime(NOON + timedelta(seconds=7), usegmt=True)
    first, again = limited(0.1, {RETRY_AFTER: date})
    assert verdict([first, moved(again, 7.0)], WAIT, stands=True) is True
    assert verdict([first, moved(again, 2.0)], WAIT, stands=True) is False


def test_who_moves_the_clock_far_makes_a_new_call() -> None:
    first = entry(0, "routeModel", 404, body={"input": "hello"})
    again = entry(0.1, "routeModel", 404, body={"input": "hello"})
    assert verdict([first, moved(again, WINDOW * 2)], NEVER, window=WINDOW) is True


ANEW = {
    "event-ids": lambda event: {**event, "id": "anew"},
    "all-ids": lambda event: {**event, "id": "anew", "body": {**event["body"], "id": "anew"}},
    "ids-and-the-time-of-sending": lambda event: {
        **event,
        "id": "anew",
        "timestamp": (NOON + timedelta(seconds=1)).isoformat(),
        "body": {**event["body"], "id": "anew"},
    },
}
"""What a client may make anew of an event that it sends again."""


@pytest.mark.parametrize("anew", ANEW.values(), ids=ANEW)
def test_new_ids_are_seen_in_a_journal_which_knows_no_names(anew: Callable[[Json], Json]) -> None:
    began = NOON.isoformat()
    first = entry(0, "ingestTraces", FAILED, body=batch("a", startTime=began))
    event = anew(batch("a", startTime=began)["batch"][0])
    again = entry(TOOK + DELAYS[0], "ingestTraces", CREATED, body={"batch": [event]})
    (told,) = results([first, again], "client.retry.same-ids", window=WINDOW)
    assert not told.holds
    assert "became anew" in told.actual
    assert verdict([first, again], "client.retry.server-error-again", window=WINDOW) is True
    assert (
        verdict([first, entry(0.2, "ingestTraces", CREATED, body={"batch": [event]})], BACKOFF, window=WINDOW) is False
    )


def test_events_of_one_name_are_not_taken_for_each_other() -> None:
    twins = [{**batch(name)["batch"][0], "body": {"id": name, "name": "agent"}} for name in "ab"]
    same = [entry(at, "ingestTraces", FAILED, body={"batch": twins}) for at in (0, TOOK + DELAYS[0])]
    assert verdict(same, "client.retry.same-ids") is True
    other = entry(
        0.2, "ingestTraces", CREATED, body={"batch": [{**twins[0], "id": "c", "body": {"id": "c", "name": "agent"}}]}
    )
    assert verdict([same[0], other], BACKOFF) is None


def test_a_cut_connection_may_be_tried_again_and_need_not() -> None:
    network = "client.retry.network-errors"
    cut = entry(0, "ingestTraces", None, body=batch("a"))
    assert verdict([cut], network) is False
    assert CONTRACT.clauses[network].level == "may"
    assert verdict([cut, entry(2, "ingestTraces", CREATED, body=batch("a"))], network) is True


def test_two_requests_at_once_are_not_blamed_for_a_wait() -> None:
    rows = limited(2.0, {RETRY_AFTER: "2"})
    rows[0]["milliseconds"] = 5000.0
    assert verdict(rows, WAIT) is None
