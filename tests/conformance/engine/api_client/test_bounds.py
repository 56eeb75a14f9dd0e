"""What the door keeps back, how long it waits, and when it asks again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from twosignal_conformance._apis import DEFAULT, api_of
from twosignal_conformance.apis.rest.checks import TestData
from twosignal_conformance.engine.api_client import (
    GATEWAY,
    BudgetError,
    CheckSkipped,
    Exchange,
    Key,
    MissingOption,
    Options,
    Profile,
    ReadOnly,
    StillLimited,
    TimeIsUp,
    Unavailable,
    retry_after,
    seconds_until,
)
from twosignal_contract import load_contract

from tests.conformance.engine.api_client.conftest import Make
from tests.conformance.servers import Asked, Respond, Response, Server, good, json_response, serving

ACCESS = api_of(DEFAULT).access


def test_a_read_only_run_sends_nothing_that_changes_something(make: Make, server: Server) -> None:
    client = make(server.url, read_only=True)
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"):
        with pytest.raises(ReadOnly, match=f"{method} /api/v1/x was not sent"):
            client.request(method, "/api/v1/x")
    assert client.request("GET", "/api/v1/x").status == 200
    assert [asked.method for asked in server.asked] == ["GET"]


@pytest.mark.parametrize("kind", ["requests", "created", "bytes"])
def test_the_budget_is_kept_to_the_last(make: Make, server: Server, kind: str) -> None:
    client = make(server.url)
    data = TestData(client, "test")
    body = data.batch(data.trace())
    object.__setattr__(client.budget, "most", ACCESS.budget(Profile.QUICK, 1, allow_burst=False))
    client.call("ingestTraces", json=body)
    object.__setattr__(client.budget.most, kind, getattr(client.budget.spent, kind))
    with pytest.raises(BudgetError, match="announced were"):
        client.call("ingestTraces", json=body)
    assert len(server.asked) == 1


def test_a_burst_has_a_budget_of_its_own() -> None:
    plain, burst = (ACCESS.budget(Profile.QUICK, 100, allow_burst=allowed) for allowed in (False, True))
    assert plain == ACCESS.budgets[Profile.QUICK]
    assert burst.requests > plain.requests


def test_a_burst_has_to_be_allowed(make: Make, server: Server) -> None:
    with pytest.raises(MissingOption, match="--allow-burst was not given"):
        make(server.url).burst("getHealth", 2)
    found = make(server.url, allow_burst=True).burst("getHealth", 5)
    assert [exchange.status for exchange in found] == [200] * 5


def test_time_that_is_up_stops_the_run(make: Make, server: Server) -> None:
    client = make(server.url, max_time=0.0)
    with pytest.raises(TimeIsUp):
        client.call("getHealth")
    assert (client.cut, server.asked) == (True, [])


@pytest.mark.parametrize("wanted", [Key.OTHER, Key.REVOKED, "--user", "--plan", "--allow-burst"])
def test_what_was_not_given_is_named(make: Make, server: Server, wanted: Key | str) -> None:
    client = make(server.url)
    assert not client.has(wanted)
    with pytest.raises(CheckSkipped) as caught:
        client.need(wanted)
    assert caught.value.remedy == f"give {wanted}"


def limited(times: int, **headers: str) -> Respond:
    """A server that refuses so often before it answers."""
    left = [times]

    def respond(asked: Asked) -> Response | None:
        left[0] -= 1
        return good(asked) if left[0] < 0 else json_response(429, {"error": {"code": "X", "message": ""}}, **headers)

    return respond


def test_a_refused_request_is_sent_again_after_its_wait(make: Make) -> None:
    with serving(limited(2, Retry_After="0.05")) as server:
        client = make(server.url)
        assert client.call("listTraces").status == 200
        assert len(server.asked) == 3


def test_an_impatient_request_sees_the_refusal(make: Make) -> None:
    with serving(limited(1, Retry_After="1")) as server:
        assert make(server.url).call("listTraces", patient=False).status == 429


def test_a_server_that_always_refuses_is_given_up(make: Make) -> None:
    with serving(limited(1000, Retry_After="0")) as server, pytest.raises(StillLimited, match="429 6 times"):
        make(server.url).call("listTraces")


SHORT = (0.01, 0.02, 0.04)
"""Delays of a contract whose retries are soon over."""


def failing(times: int, status: int, body: bytes = b"<h1>away</h1>") -> Respond:
    """A server, or what stands before it, that fails so often before it answers."""
    left = [times]

    def respond(asked: Asked) -> Response | None:
        left[0] -= 1
        return good(asked) if left[0] < 0 else Response(status, body, {"content-type": "text/html", "retry-after": "0"})

    return respond


@pytest.mark.parametrize("status", load_contract().retry.backoff_statuses)
def test_an_error_that_passes_is_sent_again_and_seen_by_no_watcher(make: Make, status: int) -> None:
    seen: list[int | None] = []
    with serving(failing(1, status)) as server:
        client = make(server.url, delays=SHORT)
        client.watchers.append(lambda exchange: seen.append(exchange.status))
        assert client.call("listTraces").status == 200
    assert (seen, len(server.asked), [row.status for row in client.passed]) == ([200], 2, [status])


@pytest.mark.parametrize("status", sorted(GATEWAY))
def test_what_a_gateway_says_is_no_answer_of_the_api(make: Make, status: int) -> None:
    with serving(failing(1000, status)) as server:
        client = make(server.url, delays=SHORT)
        client.watchers.append(lambda exchange: pytest.fail("a watcher saw it"))
        for _ in range(4):
            with pytest.raises(Unavailable, match=f"answered with {status}"):
                client.call("listTraces")
    retry = client.contract.retry
    patient, hasty = 2 * (retry.most + 1), 2 * 2
    assert len(server.asked) == (patient + hasty if status in retry.backoff_statuses else 4)


def test_an_error_of_the_api_that_stays_is_given_to_the_check(make: Make) -> None:
    with serving(failing(1000, 500)) as server:
        client = make(server.url, delays=SHORT)
        assert [client.call("listTraces").status for _ in range(10)] == [500] * 10
        assert len(server.asked) == 2 * (client.contract.retry.most + 1) + 4 * 2 + 4
    assert client.passed == []


ODD: dict[str, Options] = {
    "chunks": {"chunks": [b"{", b"}"]},
    "another media type": {"json": {}, "headers": {"content-type": "text/plain"}},
    "encoded": {"content": b"", "headers": {"Content-Encoding": "gzip"}},
    "a large header": {"json": {}, "headers": {"X-Large": "." * 10_000}},
}


@pytest.mark.parametrize("name", list(ODD))
def test_no_watcher_judges_what_a_library_of_http_may_answer(make: Make, server: Server, name: str) -> None:
    client = make(server.url)
    client.watchers.append(lambda exchange: pytest.fail("a watcher saw it"))
    client.attempt("ingestTraces", **ODD[name])
    assert len(server.asked) == 1


def test_what_is_refused_for_rate_is_noted_once_in_the_ledger_and_the_budget(make: Make, tmp_path: Path) -> None:
    with serving(limited(2, Retry_After="0")) as server:
        client = make(server.url, ledger=tmp_path / "ledger")
        data = TestData(client, "test")
        client.call("ingestTraces", json=data.batch(data.trace()))
    assert (client.budget.spent.created, client.budget.spent.requests) == (1, 3)
    assert len((tmp_path / "ledger").read_text(encoding="utf-8").splitlines()) == 2


NOON = "Sat, 14 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2", 2.0), ("0.5", 0.5), ("-1", 0.0), (" 3 ", 3.0), ("soon", None), (None, None), ("", None), ("inf", None),
        ("nan", None), ("1e3", None), ("9" * 40, None), ("٣", None), ("1_0", None),
        (NOON, 0.0), ("Sat, 14 Mar 2026 12:00:05 GMT", 5.0), ("Thu, 14 Mar 2196 12:00:00 GMT", 5364748800.0),
        ("Saturday, 14-Mar-26 12:00:05 GMT", 5.0), ("Sat Mar 14 12:00:05 2026", 5.0), ("Sun Mar  1 00:00:00 2026", 0.0),
        ("Monday, 14-Mar-94 12:00:00 GMT", 0.0), ("Sat, 14 Mar 2026 12:00:60 GMT", 59.0),
        ("Sat, 14 Mar 2026 12:00:05", None), ("Sat, 14 Mar 2026 12:00:05 +0900", None),
        ("Sat, 14 Mar 2026 12:00:05 EST", None), ("Sat, 14 Mrz 2026 12:00:05 GMT", None),
        ("Sat, 31 Feb 2026 12:00:05 GMT", None), ("Sat, 14 Mar 9999 12:00:05 GMT", None),
        ("Sat, 14 Mar 0001 12:00:05 GMT", None), ("2026-03-14T12:00:05Z", None),
    ],
)  # fmt: skip
def test_a_wait_is_read_in_every_form_of_http_or_not_at_all(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOON) == seconds


def test_a_clock_that_is_absurd_is_not_taken(make: Make) -> None:
    client = make("http://127.0.0.1:1")
    before = client.now
    for date in ("Sat, 14 Mar 9999 12:00:05 GMT", "yesterday", "Sat, 14 Mar 2026 12:00:05"):
        client.set_clock(_dated(date))
        assert client.now == before
    client.set_clock(_dated("Saturday, 14-Mar-26 12:00:05 GMT"))
    assert client.now == datetime(2026, 3, 14, 12, 0, 5, tzinfo=UTC)


def _dated(date: str) -> Exchange:
    return Exchange(1, None, "GET", "", "", (), b"", "test", 0.0, 0.0, 200, httpx.Headers({"date": date}))


@pytest.mark.parametrize("reset", ["3", "1773489603", "1773489603000"], ids=["seconds", "epoch", "milliseconds"])
def test_a_reset_header_is_read_in_every_dialect(reset: str) -> None:
    assert seconds_until(reset, "Sat, 14 Mar 2026 12:00:00 GMT") == 3.0


def test_a_settle_ends_when_its_condition_holds(make: Make, server: Server) -> None:
    client, values = make(server.url, settle=9), iter(range(10))
    result = client.settle(lambda: next(values), until=lambda value: value >= 2)
    assert (result.met, bool(result), result.value >= 2) == (True, True, True)


def test_a_settle_without_time_asks_once(make: Make, server: Server) -> None:
    client, values = make(server.url, settle=0), iter(range(10))
    assert client.settle(lambda: next(values), until=lambda value: value == 0).value == 0
    assert next(values) == 1


def test_what_was_shown_and_forgotten_has_settled_when_it_is_shown_again_and_again(make: Make, server: Server) -> None:
    """As by replicas: 1 is shown, 0 is not."""
    client, shown = make(server.url, settle=9), list("010110111111111")
    values = iter(shown)
    assert client.settle(lambda: next(values), until=lambda value: value == "1").met
    steady = shown[: len(shown) - len(list(values))]
    assert steady[-5:] == ["1"] * 5
    # From now on each settle of this server asks more than once, whatever the run has settled before.
    for _ in range(10):
        asked = iter("1011111111")
        assert client.settle(lambda: next(asked), until=lambda value: value == "1").met  # noqa: B023 - called here
        assert len(list(asked)) <= 3


def test_a_server_that_forgets_nothing_is_asked_once_after_a_while(make: Make, server: Server) -> None:
    client, asked = make(server.url, settle=9), [0]

    def probe() -> int:
        asked[0] += 1
        return asked[0]

    for _ in range(20):
        assert client.settle(probe, until=bool).met
    before = asked[0]
    assert client.settle(probe, until=bool).met
    assert asked[0] == before + 1


def test_a_settle_ends_at_its_deadline(make: Make, server: Server) -> None:
    result = make(server.url, settle=0.1).settle(lambda: 1, until=lambda _: False)
    assert not result
    assert result.seconds >= 0.1


def test_polls_are_numbered(make: Make, server: Server) -> None:
    client = make(server.url)
    seen: list[int] = []
    client.watchers.append(lambda exchange: seen.append(exchange.poll))
    client.settle(lambda: client.call("getHealth"), until=lambda _: len(seen) >= 2)
    client.call("getHealth")
    assert seen[:2] == [1, 2]
    assert seen[-1] == 0
