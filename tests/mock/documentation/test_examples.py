"""The other examples and tables of the pages 000, 001 and 003: requests, bodies, and refusals that can be provoked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from twosignal_contract import load_contract
from twosignal_mock import MockServer, Sandbox

from tests.mock.documentation.pages import SNIPPETS, shown
from tests.mock.documentation.world import SPAN, ingest

CONTRACT = load_contract()
PATHS = CONTRACT.document["paths"]


def _send(sandbox: Sandbox, name: str) -> httpx.Response:
    """Send a request as the page prints it: a line, headers, and a body where there is one."""
    text = SNIPPETS[name].aimed_at(sandbox.url, sandbox.api_key)
    head, brace, rest = text.partition("{")
    line, *headers = head.strip().split("\n")
    method, target = line.split(" ")
    content = (brace + rest).encode() or None
    return httpx.request(method, sandbox.url + target, headers=dict(h.split(": ") for h in headers), content=content)


def test_the_request_of_page_001_is_answered_in_the_shown_form(
    sandbox: Sandbox, api: httpx.Client, shown_trace: dict[str, Any]
) -> None:
    answer = _send(sandbox, "list-request")
    assert answer.status_code == 200
    assert answer.json() == shown("list-answer") | {"data": {"traces": [shown_trace], "nextCursor": None}}

    older = {"id": "older", "name": shown_trace["name"], "startTime": "2026-03-14T09:00:00Z"}
    ingest(api, {"type": "trace-create", "body": older})
    assert api.get("/traces", params={"limit": 1}).json() == shown("list-answer")


def test_the_request_of_page_003_is_answered_as_shown(sandbox: Sandbox, shown_trace: dict[str, Any]) -> None:
    answer = _send(sandbox, "score-request")

    assert (answer.status_code, list(answer.json())) == (201, list(shown("score-answer")))
    assert answer.json() == shown("score-answer") | {"id": answer.json()["id"]}
    assert isinstance(answer.json()["id"], str)
    assert sandbox.trace(shown_trace["id"])["scoreCount"] == shown_trace["scoreCount"] + 1


@pytest.mark.usefixtures("shown_trace")
@pytest.mark.parametrize("name", ["human-review", "span-level-score"])
def test_the_scores_of_page_003_are_stored_as_they_are(api: httpx.Client, sandbox: Sandbox, name: str) -> None:
    answer = api.post("/scores", json=shown(name))

    assert answer.status_code == 201
    assert answer.json() == {"id": answer.json()["id"], "spanId": None} | shown(name)
    assert sandbox.trace("trace-abc-123")["scores"][-1]["spanId"] == shown(name).get("spanId")


@pytest.mark.usefixtures("shown_trace")
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_scores_from_worst_to_best_are_taken(api: httpx.Client, value: float) -> None:
    answer = api.post("/scores", json=shown("human-review") | {"value": value})
    assert (answer.status_code, answer.json()["value"]) == (201, value)


def test_too_many_requests_are_refused_as_shown(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.clock.freeze()
    allowed = CONTRACT.document["x-plans"][sandbox.plan]
    assert [api.get("/traces", params={"limit": 1}).status_code for _ in range(allowed)] == [200] * allowed

    answer = api.get("/traces")

    line, *headers = SNIPPETS["rate-limited"].text.partition("\n\n")[0].split("\n")
    assert f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}" == line
    assert {(name := header.split(": ")[0]): answer.headers[name] for header in headers} == dict(
        header.split(": ") for header in headers
    )
    assert answer.json() == shown("rate-limited")

    sandbox.clock.advance(int(answer.headers["Retry-After"]))
    assert api.get("/traces").status_code == 200, "it says to wait so long, then retry"


@pytest.fixture(scope="module")
def strict_mock() -> Iterator[MockServer]:
    """A server that speaks the other documented dialect, where the pages contradict each other."""
    with MockServer(
        dialect={"identifiers": "uuid", "rate-limit-code": "RATE_LIMITED"}, validate_answers=True
    ) as server:
        yield server


def test_an_identifier_that_is_no_uuid_is_refused_as_shown(strict_mock: MockServer) -> None:
    """Page 000 sends `trace-1` and shows this refusal; only the dialect that wants UUIDs gives it."""
    with strict_mock.sandbox() as sandbox:
        batch = {"id": "evt-1", "type": "trace-create", "timestamp": "2026-03-14T10:00:00Z"}
        answer = httpx.post(
            f"{sandbox.url}/api/v1/traces",
            headers={"Authorization": f"Bearer {sandbox.api_key}"},
            json={"batch": [batch | {"body": {"id": "trace-1", "name": "my-agent"}}]},
            trust_env=False,
        )
    assert (answer.status_code, answer.json()) == (400, shown("validation-error"))


def test_the_code_of_page_001_for_too_many_requests_is_a_dialect(strict_mock: MockServer) -> None:
    with strict_mock.sandbox() as sandbox:
        sandbox.clock.freeze()
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        with httpx.Client(base_url=sandbox.url, headers=headers, trust_env=False) as client:
            for _ in range(CONTRACT.document["x-plans"][sandbox.plan]):
                client.get("/api/v1/traces")
            answer = client.get("/api/v1/traces")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMITED")
    assert int(answer.headers["RateLimit-Reset"]) >= 0


Request = Callable[[httpx.Client, Sandbox], httpx.Response]


def _with_key(key: str | None) -> dict[str, str]:
    return {"Authorization": "" if key is None else f"Bearer {key}"}


def _revoked(api: httpx.Client, sandbox: Sandbox) -> httpx.Response:
    key = sandbox.add_key()
    sandbox.revoke_key(key)
    return api.get("/traces", headers=_with_key(key))


def _padded(path: str) -> dict[str, str]:
    """One byte more than what must be refused."""
    limit = PATHS[f"/api/v1{path}"]["post"]["x-payload-limit"]["refused-above"]
    return {"padding": "x" * (limit + 1 - len('{"padding":""}'))}


def _oversized(path: str) -> Request:
    return lambda api, _: api.post(path, json=_padded(path))


def _too_many_events(api: httpx.Client, sandbox: Sandbox) -> httpx.Response:
    del sandbox
    most = PATHS["/api/v1/traces"]["post"]["x-payload-limit"]["events"]
    event = {"type": "trace-create", "timestamp": "2026-03-14T10:00:00Z", "body": {"id": "t", "name": "n"}}
    return api.post("/traces", json={"batch": [event | {"id": f"evt-{number}"} for number in range(most + 1)]})


def _without(field: str) -> Request:
    score = {name: value for name, value in shown("human-review").items() if name != field}
    return lambda api, _: api.post("/scores", json=score)


def _score(**fields: Any) -> Request:
    return lambda api, _: api.post("/scores", json=shown("human-review") | fields)


REFUSALS: dict[str, tuple[Request, int, str | None]] = {
    "000: malformed body": (
        lambda api, _: api.post("/traces", content=b"{", headers={"Content-Type": "application/json"}),
        400,
        "VALIDATION_ERROR",
    ),
    "000: missing fields": (lambda api, _: api.post("/traces", json={}), 400, "VALIDATION_ERROR"),
    "000: missing key": (lambda api, _: api.get("/traces", headers=_with_key(None)), 401, None),
    "000: invalid key": (lambda api, _: api.get("/traces", headers=_with_key("ts_wrong_key")), 401, None),
    "000: revoked key": (_revoked, 401, None),
    "000: unknown endpoint": (lambda api, _: api.get("/trace"), 404, None),
    "000: unknown resource": (_score(traceId="nobody-sent-it"), 404, None),
    "000: more than 5 MB of traces": (_oversized("/traces"), 413, None),
    "000: more than 1,000 events": (_too_many_events, 413, None),
    "000: more than 5 MB of OTLP": (_oversized("/otel/traces"), 413, None),
    "000: more than 1 MB of score": (_oversized("/scores"), 413, None),
    "000: more than 512 KB to route": (_oversized("/route-model"), 413, None),
    "001: missing key": (lambda api, _: api.get("/traces", headers=_with_key(None)), 401, "UNAUTHORIZED"),
    "001: invalid key": (lambda api, _: api.get("/traces", headers=_with_key("2s_live_wrong")), 401, "UNAUTHORIZED"),
    "001: limit below": (lambda api, _: api.get("/traces", params={"limit": 0}), 400, "VALIDATION_ERROR"),
    "001: limit above": (lambda api, _: api.get("/traces", params={"limit": 101}), 400, "VALIDATION_ERROR"),
    "003: no trace": (_without("traceId"), 400, None),
    "003: no evaluator": (_without("evaluatorName"), 400, None),
    "003: no value": (_without("value"), 400, None),
    "003: value below the range": (_score(value=-0.01), 400, None),
    "003: value above the range": (_score(value=1.01), 400, None),
    "003: missing key": (lambda api, _: api.post("/scores", json={}, headers=_with_key(None)), 401, None),
    "003: invalid key": (lambda api, _: api.post("/scores", json={}, headers=_with_key("ts_wrong")), 401, None),
    "003: unknown trace": (_score(traceId="nobody-sent-it"), 404, None),
    "003: unknown span": (_score(spanId="nobody-sent-it"), 404, None),
}
"""By page and words of its table: the request, the status that the table gives, and the code where it gives one."""


@pytest.mark.usefixtures("shown_trace")
@pytest.mark.parametrize(("request_", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_of_the_tables_comes_as_they_say(
    api: httpx.Client, sandbox: Sandbox, request_: Request, status: int, code: str | None
) -> None:
    answer = request_(api, sandbox)

    error = answer.json()["error"]
    assert (answer.status_code, set(error)) == (status, {"code", "message"})
    assert code in (None, error["code"])


@pytest.mark.parametrize("suffix", ["Z", "+00:00"])
def test_both_documented_suffixes_of_a_timestamp_are_accepted(api: httpx.Client, suffix: str) -> None:
    event = {"id": "evt-1", "type": "trace-create", "timestamp": f"2026-03-14T10:30:00{suffix}"}
    answer = api.post("/traces", json={"batch": [event | {"body": {"id": "trace-1", "name": "my-agent"}}]})
    assert answer.status_code == 201

    query = {"startDate": f"2026-03-14T10:29:59{suffix}", "endDate": f"2026-03-14T10:30:01{suffix}"}
    (trace,) = api.get("/traces", params=query).json()["data"]["traces"]
    assert trace["startTime"] == "2026-03-14T10:30:00.000Z"


ENDPOINTS: dict[str, dict[str, Any]] = {
    "POST /api/v1/traces": {
        "json": {
            "batch": [
                {
                    "id": "e",
                    "type": "trace-create",
                    "timestamp": "2026-03-14T10:00:00Z",
                    "body": {"id": "t", "name": "n"},
                }
            ]
        }
    },
    "POST /api/v1/otel/traces": {"json": {"resourceSpans": []}},
    "POST /api/v1/scores": {"json": shown("span-level-score")},
    "POST /api/v1/route-model": {"json": {"input": "Hello"}},
    "GET /api/v1/prompt-templates": {},
    "POST /api/v1/prompt-templates": {"json": {"name": "greeting", "content": "Hello {{name}}"}},
    "GET /api/v1/traces": {},
    "GET /api/v1/health": {},
}
"""The endpoints of page 000, each with the least that it takes."""


@pytest.mark.usefixtures("shown_trace")
@pytest.mark.parametrize(("endpoint", "request_"), ENDPOINTS.items(), ids=ENDPOINTS)
def test_every_endpoint_of_page_000_is_there(api: httpx.Client, endpoint: str, request_: dict[str, Any]) -> None:
    method, _, path = endpoint.partition(" /api/v1")
    assert api.request(method, path, **request_).is_success


def test_the_span_that_page_003_scores_is_the_prepared_one() -> None:
    assert shown("span-level-score")["spanId"] == SPAN
