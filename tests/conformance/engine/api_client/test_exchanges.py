"""What the door to the server adds to a request, and what it makes of a response or of none."""

from __future__ import annotations

import threading
import time

import pytest
from twosignal_conformance.engine.api_client import (
    MISSING,
    Gone,
    Key,
    Unanswered,
)

from tests.conformance.engine.api_client.conftest import Make
from tests.conformance.servers import HEALTH, KEY, Asked, Respond, Response, Server, good, json_response, serving


def test_the_key_goes_to_what_needs_one_and_to_nothing_else(make: Make, server: Server) -> None:
    client = make(server.url)
    client.call("getHealth")
    client.call("listTraces", query={"limit": 2, "name": None, "tags": ["a b", "ü"]})
    client.call("listTraces", key=Key.NONE)
    health, listing, bare = server.asked
    assert "authorization" not in health.headers
    assert listing.headers["authorization"] == f"Bearer {KEY}"
    assert listing.query == "limit=2&tags=a%20b%2C%C3%BC"
    assert "authorization" not in bare.headers


def test_a_body_has_the_media_type_of_its_operation(make: Make, server: Server) -> None:
    client = make(server.url)
    client.call("createScore", json={"traceId": "ü"})
    client.call("createScore", content=b"{", headers={"Content-Type": None, "X-Odd": "1"})
    first, second = server.asked
    assert (first.body, first.headers["content-type"]) == ('{"traceId":"ü"}'.encode(), "application/json")
    assert (second.body, second.headers.get("content-type"), second.headers["x-odd"]) == (b"{", None, "1")


def test_redirects_are_not_followed(make: Make) -> None:
    with serving(lambda asked: Response(302, b"", {"location": "http://127.0.0.1:1/"})) as server:
        assert make(server.url).call("listTraces").status == 302
        assert len(server.asked) == 1


def test_any_path_and_method_can_be_asked(make: Make, server: Server) -> None:
    exchange = make(server.url).request("DELETE", "/api/v1/nothing?x=1")
    assert (exchange.operation_id, exchange.path, server.asked[0].method) == (None, "/api/v1/nothing?x=1", "DELETE")


def test_calls_together_are_made_at_the_same_time(make: Make) -> None:
    meeting = threading.Barrier(4, timeout=5)

    def respond(asked: Asked) -> Response:
        meeting.wait()
        return good(asked)

    with serving(respond) as server:
        client = make(server.url)
        found = client.together(*[lambda: client.call("getHealth") for _ in range(4)])
    assert [exchange.status for exchange in found] == [200] * 4


def test_an_exchange_is_read_without_raising(make: Make) -> None:
    respond = json_response(200, {"data": {"traces": [{"id": "a"}], "nextCursor": None}})
    with serving(lambda asked: respond) as server:
        exchange = make(server.url).call("listTraces")
    assert exchange.at("data", "traces", 0, "id") == "a"
    assert exchange.at("data", "nextCursor") is None
    for steps in (("data", "x"), ("data", "traces", 1), ("data", 0), ("data", "traces", "id"), ("x", "y")):
        assert exchange.at(*steps) is MISSING
    assert not MISSING


@pytest.mark.parametrize(
    ("respond", "problem"),
    [
        (lambda asked: None, "closed the connection without a response"),
        (lambda asked: time.sleep(0.6), "no response within 0.2 s"),
    ],
    ids=["cut", "hang"],
)
def test_a_missing_answer_is_an_obstacle_or_an_exchange(make: Make, respond: Respond, problem: str) -> None:
    with serving(respond) as server:
        client = make(server.url, timeout=0.2)
        exchange = client.attempt("getHealth")
        assert exchange.status is None
        assert problem in (exchange.problem or "")
        with pytest.raises(Unanswered, match="no response to GET /api/v1/health"):
            client.call("getHealth")


def test_a_server_that_went_away_is_not_asked_again_and_again(make: Make) -> None:
    with serving(lambda asked: None) as server:
        client = make(server.url)
        client.check_presence()
        for _ in range(3):
            client.attempt("listTraces")
        with pytest.raises(Gone, match="stopped answering"):
            client.check_presence()
        count = len(server.asked)
        with pytest.raises(Gone):
            client.check_presence()
        assert len(server.asked) == count


def test_a_server_that_hangs_but_for_its_health_is_waited_for_a_few_times(make: Make) -> None:
    over = threading.Event()

    def hang(asked: Asked) -> Response | None:
        if asked.path != HEALTH:
            over.wait(20)
        return good(asked)

    with serving(hang) as server:
        client = make(server.url, timeout=0.5)
        for _ in range(10):
            client.attempt("listTraces")
            if client.gone:
                break
            client.check_presence()
        over.set()
        with pytest.raises(Gone, match="leaves requests with the key unanswered: no response within"):
            client.check_presence()
        assert len([asked for asked in server.asked if asked.path != HEALTH]) < 10


def test_a_request_that_hangs_among_others_ends_nothing(make: Make) -> None:
    def hang(asked: Asked) -> Response | None:
        if "hang" in asked.query:
            time.sleep(0.8)
        return good(asked)

    with serving(hang) as server:
        client = make(server.url, timeout=0.5)
        for _ in range(4):
            assert client.attempt("listTraces", query={"name": "hang"}).status is None
            assert client.attempt("listTraces", timeout=10.0).ok
            client.check_presence()
