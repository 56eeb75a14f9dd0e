"""The door to the server: what it adds, counts, keeps back, waits for and never shows."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twosignal_conformance.checks import World
from twosignal_conformance.checks.creations import creations_of
from twosignal_conformance.contract import load_contract
from twosignal_conformance.target import (
    BUDGETS,
    MISSING,
    AddressError,
    BudgetError,
    Creation,
    Exchange,
    Gone,
    Key,
    Law,
    MissingOption,
    Obstacle,
    Profile,
    ReadOnly,
    Secrets,
    Settings,
    StillLimited,
    Target,
    TimeIsUp,
    Unanswered,
    User,
    base_address,
    budget_of,
    evidence_of,
    retry_after,
    seconds_until,
)
from twosignal_conformance.target._evidence import SHOWN_CHARACTERS

from tests.conformance.servers import HEALTH, KEY, TRACES, Answer, Asked, Reply, Server, good, reply, serving

Make = Callable[..., Target]


@pytest.fixture(scope="module")
def law() -> Law:
    return Law.of(load_contract())


@pytest.fixture
def make(law: Law) -> Iterator[Make]:
    """A target of a URL with other settings."""
    made: list[Target] = []

    def target(url: str, **changes: Any) -> Target:
        values: dict[str, Any] = {"keys": {Key.MAIN: KEY}, "run_id": "run-1", "seed": 1, "timeout": 5.0, **changes}
        made.append(Target(Settings(url=url, **values), law, creations_of))
        made[-1].open()
        return made[-1]

    yield target
    for each in made:
        each.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


# --- what is sent ---


def test_the_key_goes_to_what_needs_one_and_to_nothing_else(make: Make, server: Server) -> None:
    target = make(server.url)
    target.call("getHealth")
    target.call("listTraces", query={"limit": 2, "name": None, "tags": ["a b", "ü"]})
    target.call("listTraces", key=Key.NONE)
    health, listing, bare = server.asked
    assert "authorization" not in health.headers
    assert listing.headers["authorization"] == f"Bearer {KEY}"
    assert listing.query == "limit=2&tags=a%20b%2C%C3%BC"
    assert "authorization" not in bare.headers


def test_a_body_has_the_media_type_of_its_operation(make: Make, server: Server) -> None:
    target = make(server.url)
    target.call("createScore", json={"traceId": "ü"})
    target.call("createScore", content=b"{", headers={"Content-Type": None, "X-Odd": "1"})
    first, second = server.asked
    assert (first.body, first.headers["content-type"]) == ('{"traceId":"ü"}'.encode(), "application/json")
    assert (second.body, second.headers.get("content-type"), second.headers["x-odd"]) == (b"{", None, "1")


def test_redirects_are_not_followed(make: Make) -> None:
    with serving(lambda asked: Reply(302, b"", {"location": "http://127.0.0.1:1/"})) as server:
        assert make(server.url).call("listTraces").status == 302
        assert len(server.asked) == 1


def test_any_path_and_method_can_be_asked(make: Make, server: Server) -> None:
    exchange = make(server.url).request("DELETE", "/api/v1/nothing?x=1")
    assert (exchange.operation_id, exchange.path, server.asked[0].method) == (None, "/api/v1/nothing?x=1", "DELETE")


def test_calls_together_are_made_at_the_same_time(make: Make) -> None:
    meeting = threading.Barrier(4, timeout=5)

    def answer(asked: Asked) -> Reply:
        meeting.wait()
        return good(asked)

    with serving(answer) as server:
        target = make(server.url)
        found = target.together(*[lambda: target.call("getHealth") for _ in range(4)])
    assert [exchange.status for exchange in found] == [200] * 4


# --- what comes back ---


def test_an_exchange_is_read_without_raising(make: Make) -> None:
    answer = reply(200, {"data": {"traces": [{"id": "a"}], "nextCursor": None}})
    with serving(lambda asked: answer) as server:
        exchange = make(server.url).call("listTraces")
    assert exchange.at("data", "traces", 0, "id") == "a"
    assert exchange.at("data", "nextCursor") is None
    for steps in (("data", "x"), ("data", "traces", 1), ("data", 0), ("data", "traces", "id"), ("x", "y")):
        assert exchange.at(*steps) is MISSING
    assert not MISSING


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda asked: None, "closed the connection without an answer"),
        (lambda asked: time.sleep(0.6), "no answer within 0.2 s"),
    ],
    ids=["cut", "hang"],
)
def test_a_missing_answer_is_an_obstacle_or_an_exchange(make: Make, answer: Answer, problem: str) -> None:
    with serving(answer) as server:
        target = make(server.url, timeout=0.2)
        exchange = target.attempt("getHealth")
        assert exchange.status is None
        assert problem in (exchange.problem or "")
        with pytest.raises(Unanswered, match="no answer to GET /api/v1/health"):
            target.call("getHealth")


def test_a_server_that_went_away_is_not_asked_again_and_again(make: Make) -> None:
    with serving(lambda asked: None) as server:
        target = make(server.url)
        target.check_presence("getHealth")
        for _ in range(3):
            target.attempt("listTraces")
        with pytest.raises(Gone, match="stopped answering"):
            target.check_presence("getHealth")
        count = len(server.asked)
        with pytest.raises(Gone):
            target.check_presence("getHealth")
        assert len(server.asked) == count


def test_a_server_that_hangs_but_for_its_health_is_waited_for_a_few_times(make: Make) -> None:
    over = threading.Event()

    def hang(asked: Asked) -> Reply | None:
        if asked.path != HEALTH:
            over.wait(20)
        return good(asked)

    with serving(hang) as server:
        target = make(server.url, timeout=0.5)
        for _ in range(10):
            target.attempt("listTraces")
            if target.gone:
                break
            target.check_presence("getHealth")
        over.set()
        with pytest.raises(Gone, match="leaves requests with the key unanswered: no answer within"):
            target.check_presence("getHealth")
        assert len([asked for asked in server.asked if asked.path != HEALTH]) < 10


def test_a_request_that_hangs_among_others_ends_nothing(make: Make) -> None:
    def hang(asked: Asked) -> Reply | None:
        if "hang" in asked.query:
            time.sleep(0.8)
        return good(asked)

    with serving(hang) as server:
        target = make(server.url, timeout=0.5)
        for _ in range(4):
            assert target.attempt("listTraces", query={"name": "hang"}).status is None
            assert target.attempt("listTraces", timeout=10.0).ok
            target.check_presence("getHealth")


# --- what is kept back ---


def test_a_read_only_run_sends_nothing_that_changes_something(make: Make, server: Server) -> None:
    target = make(server.url, read_only=True)
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"):
        with pytest.raises(ReadOnly, match=f"{method} /api/v1/x was not sent"):
            target.request(method, "/api/v1/x")
    assert target.request("GET", "/api/v1/x").status == 200
    assert [asked.method for asked in server.asked] == ["GET"]


@pytest.mark.parametrize("kind", ["requests", "traces", "bytes"])
def test_the_budget_is_kept_to_the_last(make: Make, server: Server, kind: str) -> None:
    target = make(server.url)
    world = World(target, "test")
    body = world.batch(world.trace())
    object.__setattr__(target.budget, "most", budget_of(Profile.QUICK, 1, allow_burst=False))
    target.call("ingestTraces", json=body)
    object.__setattr__(target.budget.most, kind, getattr(target.budget.spent, kind))
    with pytest.raises(BudgetError, match="announced were"):
        target.call("ingestTraces", json=body)
    assert len(server.asked) == 1


def test_a_burst_has_a_budget_of_its_own() -> None:
    plain, burst = (budget_of(Profile.QUICK, 100, allow_burst=allowed) for allowed in (False, True))
    assert plain == BUDGETS[Profile.QUICK]
    assert burst.requests > plain.requests


def test_a_burst_has_to_be_allowed(make: Make, server: Server) -> None:
    with pytest.raises(MissingOption, match="--allow-burst was not given"):
        make(server.url).burst("getHealth", 2)
    found = make(server.url, allow_burst=True).burst("getHealth", 5)
    assert [exchange.status for exchange in found] == [200] * 5


def test_time_that_is_up_stops_the_run(make: Make, server: Server) -> None:
    target = make(server.url, max_time=0.0)
    with pytest.raises(TimeIsUp):
        target.call("getHealth")
    assert (target.cut, server.asked) == (True, [])


@pytest.mark.parametrize("wanted", [Key.OTHER, Key.REVOKED, "--user", "--plan", "--allow-burst"])
def test_what_was_not_given_is_named(make: Make, server: Server, wanted: Key | str) -> None:
    target = make(server.url)
    assert not target.has(wanted)
    with pytest.raises(Obstacle) as caught:
        target.need(wanted)
    assert caught.value.remedy == f"give {wanted}"


# --- pace and patience ---


def limited(times: int, **headers: str) -> Answer:
    """A server that refuses so often before it answers."""
    left = [times]

    def answer(asked: Asked) -> Reply | None:
        left[0] -= 1
        return good(asked) if left[0] < 0 else reply(429, {"error": {"code": "X", "message": ""}}, **headers)

    return answer


def test_a_refused_request_is_sent_again_after_its_wait(make: Make) -> None:
    with serving(limited(2, Retry_After="0.05")) as server:
        target = make(server.url)
        assert target.call("listTraces").status == 200
        assert len(server.asked) == 3


def test_an_impatient_request_sees_the_refusal(make: Make) -> None:
    with serving(limited(1, Retry_After="1")) as server:
        assert make(server.url).call("listTraces", patient=False).status == 429


def test_a_server_that_always_refuses_is_given_up(make: Make) -> None:
    with serving(limited(1000, Retry_After="0")) as server, pytest.raises(StillLimited, match="429 6 times"):
        make(server.url).call("listTraces")


def test_what_is_refused_for_rate_is_noted_once_in_the_ledger_and_the_budget(make: Make, tmp_path: Path) -> None:
    with serving(limited(2, Retry_After="0")) as server:
        target = make(server.url, ledger=tmp_path / "ledger")
        world = World(target, "test")
        target.call("ingestTraces", json=world.batch(world.trace()))
    assert (target.budget.spent.traces, target.budget.spent.requests) == (1, 3)
    assert len((tmp_path / "ledger").read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("value", "seconds"), [("2", 2.0), ("0.5", 0.5), ("-1", 0.0), ("soon", None), (None, None), ("", None)]
)
def test_retry_after_is_read_in_seconds(value: str | None, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_retry_after_is_read_as_a_date() -> None:
    assert retry_after("Sat, 14 Mar 2026 12:00:00 GMT") == 0.0
    far = retry_after("Thu, 14 Mar 2196 12:00:00 GMT")
    assert far is not None
    assert far > 1e9


@pytest.mark.parametrize("reset", ["3", "1773489603", "1773489603000"], ids=["seconds", "epoch", "milliseconds"])
def test_a_reset_header_is_read_in_every_dialect(reset: str) -> None:
    assert seconds_until(reset, "Sat, 14 Mar 2026 12:00:00 GMT") == 3.0


# --- settle ---


def test_a_settle_ends_when_its_condition_holds(make: Make, server: Server) -> None:
    target, values = make(server.url), iter(range(10))
    result = target.settle(lambda: next(values), until=lambda value: value == 2)
    assert (result.value, result.met, bool(result)) == (2, True, True)


def test_a_settle_ends_at_its_deadline(make: Make, server: Server) -> None:
    result = make(server.url, settle=0.1).settle(lambda: 1, until=lambda _: False)
    assert not result
    assert result.seconds >= 0.1


def test_polls_are_numbered(make: Make, server: Server) -> None:
    target = make(server.url)
    seen: list[int] = []
    target.watchers.append(lambda exchange: seen.append(exchange.poll))
    target.settle(lambda: target.call("getHealth"), until=lambda _: len(seen) == 2)
    target.call("getHealth")
    assert seen == [1, 2, 0]


# --- the ledger ---


def test_the_ledger_is_on_disk_before_the_request_arrives(make: Make, tmp_path: Path) -> None:
    path, found = tmp_path / "ledger.jsonl", []

    def answer(asked: Asked) -> Reply | None:
        found.append(path.read_text(encoding="utf-8"))
        return good(asked)

    with serving(answer) as server:
        target = make(server.url, ledger=path)
        target.begin("test_x::test_y")
        world = World(target, "test")
        trace = world.trace()
        target.call("ingestTraces", json=world.batch(trace, world.span(trace)))
    run, row = (json.loads(line) for line in found[0].splitlines())
    assert run["run"]["run"] == "run-1"
    assert row == {
        "creates": "trace",
        "id": trace["id"],
        "name": trace["name"],
        "holds": 1,
        "check": "test_x::test_y",
        "key": "--api-key",
    }


@pytest.mark.parametrize(
    ("operation", "value", "created"),
    [
        ("ingestTraces", {"batch": [{"body": {"trace_id": "t", "name": "s"}}]}, [("trace", "t", 1)]),
        ("ingestTraces", {"batch": "no list"}, []),
        ("createScore", {}, [("score", "(missing)", 0)]),
        ("createScore", {"traceId": "t", "evaluatorName": "e"}, [("score", "t", 0)]),
        ("pushPromptTemplate", {"name": "n"}, [("template version", "n", 0)]),
        (
            "ingestOtlpTraces",
            {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "a", "name": "x"}, {"traceId": "a"}]}]}]},
            [("trace", "a", 2)],
        ),
        ("login", {"email": "a@b", "password": "p"}, [("session", "a@b", 0)]),
        ("routeModel", {"input": "x"}, []),
        (None, {"batch": [{"body": {"id": "t"}}]}, []),
    ],
)
def test_what_a_body_creates_is_read_from_it(
    operation: str | None, value: object, created: list[tuple[str, str, int]]
) -> None:
    rows: list[Creation] = list(creations_of(operation, json.dumps(value).encode()))
    assert [(row.kind, row.id, row.holds) for row in rows] == created


# --- repetition ---


def test_the_same_seed_run_and_now_give_the_same_data(make: Make, server: Server) -> None:
    now = datetime(2026, 3, 14, 12, tzinfo=UTC)

    def data(seed: int, check: str) -> object:
        world = World(make(server.url, seed=seed, now=now), check)
        trace = world.trace()
        return world.batch(trace, world.span(trace)), world.score(trace), world.otlp(world.otlp_span(world.hex(32)))

    assert data(1, "a") == data(1, "a")
    assert data(1, "a") != data(2, "a")
    assert data(1, "a") != data(1, "b")


def test_data_is_valid_and_within_the_last_hour(make: Make, server: Server, law: Law) -> None:
    now = datetime(2026, 3, 14, 12, tzinfo=UTC)
    world = World(make(server.url, now=now), "a")
    traces = [world.trace() for _ in range(1000)]
    assert law.flaws("IngestRequest", world.batch(*traces, world.span(traces[0]))) == []
    assert law.flaws("ScoreRequest", world.score(traces[0])) == []
    assert law.flaws("TemplateRequest", world.template()) == []
    assert law.flaws("OtlpExportRequest", world.otlp(world.otlp_span(world.hex(32)), resource={"a": "b"})) == []
    for trace in traces:
        age = now - datetime.fromisoformat(trace["startTime"])
        assert 0 < age.total_seconds() < 3600
    assert len({trace["startTime"] for trace in traces}) == len({trace["id"] for trace in traces}) == 1000


# --- secrets and evidence ---

SECRET = "ts_very secret/+key"  # noqa: S105 - of nobody


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f'{{"key": "{SECRET}"}}',
        "ts_very%20secret%2F%2Bkey",
        "ts_very+secret%2F%2Bkey",
        "Basic dHNfdmVyeSBzZWNyZXQvK2tleQ==",
        "Basic dHNfdmVyeSBzZWNyZXQvK2tleTo=",
        f"x-key-{SECRET.lower()}",
        f"X_KEY_{SECRET.upper()}",
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        r"ts_very secret\/+key",
        f"the text was cut: {SECRET[:-1]}",
        f"the text was cut: '{SECRET[:12]}...'",
    ],
    ids=[
        *("plain", "json", "url", "form", "base64", "basic", "lower", "upper", "hex", "upper hex", "json slash"),
        *("cut", "cut and told"),
    ],
)
def test_a_secret_is_hidden_however_it_is_written(text: str) -> None:
    secrets = Secrets()
    secrets.learn(SECRET)
    hidden = secrets.hide(text)
    assert "[redacted]" in hidden
    for part in ("very", "secret", SECRET.encode().hex()):
        assert part not in hidden.lower()
    assert "dHNfdmVyeSBzZWNyZXQv" not in hidden


@pytest.mark.parametrize(
    "write",
    [str, json.dumps, lambda text: json.dumps(json.dumps(text)), lambda text: repr(json.dumps(text))],
    ids=["plain", "json", "json in json", "json in Python"],
)
def test_a_secret_with_quotes_is_hidden_however_often_it_is_escaped(write: Callable[[str], str]) -> None:
    secrets = Secrets()
    secrets.learn('pass"word\\more')
    hidden = secrets.hide(write('pass"word\\more'))
    assert "[redacted]" in hidden
    assert "pass" not in hidden
    assert "more" not in hidden


def test_an_excerpt_is_hidden_before_it_is_cut() -> None:
    secrets = Secrets()
    secrets.learn(SECRET)
    for before in range(30):
        shown = secrets.excerpt("-" * before + SECRET, 20)
        assert SECRET[:4] not in shown
        assert shown.endswith(("...", "[redacted]"))


@pytest.mark.parametrize("before", range(SHOWN_CHARACTERS - 28, SHOWN_CHARACTERS + 2, 5))
def test_the_cut_of_a_body_leaves_no_part_of_a_key(make: Make, before: int) -> None:
    with serving(lambda _: Reply(200, b"-" * before + KEY.encode() + b"-" * 99)) as server:
        target = make(server.url)
        shown = evidence_of(target.call("getHealth"), target.secrets)
    assert KEY[:4] not in shown.response


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"refresh_token": "v1.abc"}', '{"refresh_token": "[redacted]"}'),
        ('{"password":"a\\"b"}', '{"password":"[redacted]"}'),
        ("set-cookie: id=1; Secure\nx: y", "set-cookie: [redacted]\nx: y"),
        ("?api_key=1&x=2", "?api_key=[redacted]&x=2"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[redacted]"),
        ('{"maxTokens": 3, "nextCursor": "abc"}', '{"maxTokens": 3, "nextCursor": "abc"}'),
        ("\x1b[31m \ud800", "\\u001b[31m \\ud800"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_too(text: str, shown: str) -> None:
    assert Secrets().hide(text) == shown


def test_evidence_has_a_command_that_needs_the_key_from_the_shell(make: Make) -> None:
    def echo(asked: Asked) -> Reply:
        return reply(200, {"you": asked.headers["authorization"], "access_token": "tok-en"})

    with serving(echo) as server:
        target = make(server.url, user=User("dev@example.com", "pass-word"))
        exchange: Exchange = target.call("createScore", json={"label": "it's $HOME", "password": "pass-word"})
        shown = evidence_of(exchange, target.secrets)
    assert '-H "Authorization: Bearer $TWOSIGNAL_API_KEY"' in shown.curl
    assert r"it's \$HOME" in shown.curl
    for text in (shown.request, shown.response, shown.curl):
        for secret in (KEY, "pass-word", "tok-en"):
            assert secret not in text


def test_a_large_body_is_shown_in_short(make: Make, server: Server) -> None:
    target = make(server.url)
    shown = evidence_of(target.call("createScore", content=b"x" * 1_000_000), target.secrets)
    assert len(shown.request) < 3000
    assert "1,000,000 bytes" in shown.request
    assert "--data-binary @body  # body: 1,000,000 bytes" in shown.curl


# --- addresses and look-ups ---


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://h:1", "http://h:1"),
        ("http://h:1/", "http://h:1"),
        ("https://h/api/v1", "https://h"),
        ("https://h/api/v1/", "https://h"),
        ("https://h/prefix/api/v1", "https://h/prefix"),
        (" http://[::1]:3000 ", "http://[::1]:3000"),
    ],
)
def test_an_address_may_end_in_the_base_path(law: Law, url: str, base: str) -> None:
    assert base_address(url, [row.path for row in law.operations.values()]) == base


@pytest.mark.parametrize(
    "url", ["", "localhost:3000", "ftp://h", "http://", "http://u:p@h", "http://h?x=1", "http://h:99999"]
)
def test_what_is_no_address_is_refused(law: Law, url: str) -> None:
    with pytest.raises(AddressError):
        base_address(url, [row.path for row in law.operations.values()])


def test_the_paths_of_the_small_servers_are_those_of_the_document(law: Law) -> None:
    assert (law.operation("getHealth").path, law.operation("listTraces").path) == (HEALTH, TRACES)


def test_look_ups_answer_from_the_document(law: Law) -> None:
    document = law.document
    limit = law.parameter("listTraces", "limit")
    schema = document["paths"][TRACES]["get"]["parameters"][0]["schema"]
    assert (limit.minimum, limit.maximum, limit.default) == (schema["minimum"], schema["maximum"], schema["default"])
    assert law.enum("Status") == tuple(document["components"]["schemas"]["Status"]["enum"])
    assert law.parameter("listTraces", "status").values == law.enum("Status")
    assert law.error("rate-limit").status == document["x-errors"]["rate-limit"]["status"]
    assert {law.operation("ingestOtlpTraces").success} < law.statuses("otlp.status")
    assert law.statuses("otlp.status") == law.successes("ingestOtlpTraces")
    assert law.successes("ingestTraces") == {law.operation("ingestTraces").success}
    assert law.answer_flaws("getHealth", law.operation("getHealth").success, {"status": "no"})
    assert not law.operation("login").keyed
    assert not law.operation("logout").keyed


def test_every_operation_has_an_example_that_a_plan_can_answer_with(law: Law) -> None:
    for row in law.operations.values():
        assert law.answer_flaws(row.id, row.success, law.answer_example(row.id, row.success)) == []


def test_a_name_that_the_contract_does_not_have_is_told_with_near_ones(law: Law) -> None:
    with pytest.raises(KeyError, match="no operation 'listTrace'; near: listTraces"):
        law.operation("listTrace")
