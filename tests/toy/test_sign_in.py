"""An API that no key is given for: its sessions are opened first, and what a run created is deleted at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from twosignal_conformance._inputs import InputError, Inputs, settings_of
from twosignal_conformance.engine.api_client import ApiClient, BudgetError, Creation, Headers, Key, SignIn
from twosignal_conformance.engine.fuzz import Fuzzing
from twosignal_conformance.engine.fuzz._door import STAND_IN, Door
from twosignal_conformance.engine.judgement import make_run
from twosignal_conformance.engine.options import ApiOption
from twosignal_contract import load_contract

from tests.conformance.projects import suite
from tests.conformance.servers import Asked, Response, serving
from tests.toy.installation import DOCUMENT
from tests.toy.lamps.judging import LAMPS

CONTRACT = load_contract(DOCUMENT)
VISITOR, BADGE = "a-visitor", "lamp-badge=of-a-visitor"


def open_session(client: ApiClient) -> Mapping[Key, Headers]:
    badge = client.request("POST", "/visits", json={"name": client.given("--visitor")}, key=Key.NONE).text
    client.secrets.learn(badge, "$TWOSIGNAL_BADGE")
    return {Key.MAIN: (("Cookie", badge),)}


def clean_up(client: ApiClient) -> None:
    client.request("DELETE", "/visits")
    client.ledger.deleted("visit", "first")


API = replace(
    LAMPS,
    access=replace(
        LAMPS.access,
        sign_in=SignIn(open_session, ("--visitor", "--badge"), safe=("--badge",)),
        clean_up=clean_up,
        options=(ApiOption("visitor", "Who visits.", "NAME", str), ApiOption("badge", "A badge.", "BADGE", str)),
    ),
)


def respond(asked: Asked) -> Response:
    if asked.path == "/visits":
        return Response(200, BADGE.encode(), {"content-type": "text/plain"})
    allowed = asked.headers.get("cookie") == BADGE
    return Response(200 if allowed else 403, b"id,brightness\r\n", {"content-type": "text/csv"})


def inputs(url: str, ledger: Path, *, read_only: bool = False, **options: str) -> Inputs:
    return Inputs(url, ledger=ledger, read_only=read_only, options=options or {"visitor": VISITOR})


def test_a_session_is_opened_first_and_its_headers_stand_for_the_key(tmp_path: Path) -> None:
    with serving(respond) as server:
        run = make_run(settings_of(inputs(server.url, tmp_path / "l.jsonl"), API, CONTRACT), CONTRACT, API.access)
        run.open()
        exchange = run.client.call("exportLamps", creates=[Creation("visit", "first", "first")])
        run.close()
    assert (server.asked[0].method, server.asked[0].path) == ("POST", "/visits")
    assert exchange.ok
    assert BADGE not in run.client.secrets.hide(f"Cookie: {BADGE}\n{BADGE}")
    assert (server.asked[-1].method, server.asked[-1].path) == ("DELETE", "/visits")


def test_what_was_deleted_is_not_left(tmp_path: Path) -> None:
    with serving(respond) as server:
        run = make_run(settings_of(inputs(server.url, tmp_path / "l.jsonl"), API, CONTRACT), CONTRACT, API.access)
        run.open()
        for name in ("first", "second"):
            run.client.call("exportLamps", creates=[Creation("visit", name, name)])
        run.close()
    told = suite(tmp_path, "left", "l.jsonl").out
    assert "second" in told
    assert "first" not in told


def test_a_run_needs_somebody(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"give --visitor .* or --badge"):
        settings_of(replace(inputs("http://127.0.0.1:1", tmp_path), options={}), API, CONTRACT)
    with pytest.raises(InputError, match="--read-only: signing in changes something; give --badge"):
        settings_of(inputs("http://127.0.0.1:1", tmp_path, read_only=True), API, CONTRACT)
    settings_of(inputs("http://127.0.0.1:1", tmp_path, read_only=True, badge=BADGE), API, CONTRACT)


def test_a_run_that_is_read_only_deletes_nothing(tmp_path: Path) -> None:
    given = inputs("", tmp_path / "l.jsonl", read_only=True, badge=BADGE)
    sign_in = SignIn(lambda _: {Key.MAIN: (("Cookie", BADGE),)}, ("--badge",), safe=("--badge",))
    api = replace(API, access=replace(API.access, sign_in=sign_in))
    with serving(respond) as server:
        run = make_run(settings_of(replace(given, url=server.url), api, CONTRACT), CONTRACT, api.access)
        run.open()
        run.close()
    assert {asked.method for asked in server.asked} == {"GET"}


def test_a_clean_up_that_fails_is_an_error_of_the_suite(tmp_path: Path) -> None:
    def fail(_client: ApiClient) -> None:
        raise BudgetError(f"no more for {BADGE}")

    access = replace(API.access, clean_up=fail)
    with serving(respond) as server:
        run = make_run(settings_of(inputs(server.url, tmp_path / "l.jsonl"), API, CONTRACT), CONTRACT, access)
        run.open()
        run.close()
    assert [str(row).count("no more for $TWOSIGNAL_BADGE") for row in run.register.errors] == [1]


def test_a_fuzzer_that_only_reads_gets_no_change() -> None:
    both = Fuzzing(invalid="invalid-value").operations(CONTRACT)
    reading = Fuzzing(invalid="invalid-value", reading_only=True).operations(CONTRACT)
    assert (set(both), set(reading)) == ({"switchLamp", "exportLamps"}, {"exportLamps"})


def test_the_fuzzers_cookie_is_replaced_by_that_of_the_session(tmp_path: Path) -> None:
    with serving(respond) as server:
        run = make_run(settings_of(inputs(server.url, tmp_path / "l.jsonl"), API, CONTRACT), CONTRACT, API.access)
        run.open()
        door = Door(run.client, b"{}", most=9, seconds=9.0)
        environ = {"PATH_INFO": "/lamps", "REQUEST_METHOD": "GET", "HTTP_COOKIE": f"badge={STAND_IN}"}
        told: list[str] = []
        door(environ, lambda status, headers: told.append(status))
        run.close()
    assert told == ["200 -"]
