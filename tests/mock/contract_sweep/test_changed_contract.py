"""The document is the only place: a copy with other numbers, names and enums makes another mock, and nothing else does.

One server obeys one copy with all changes; each test shows one of them by real requests.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from twosignal_contract import load_contract
from twosignal_mock import MockServer

from tests.mock.contract_sweep.arranging import WHEN, sign_in
from tests.mock.contract_sweep.watching import complaints

Json = dict[str, Any]

TRACES = "/api/v1/traces"
NOON = "2026-03-14T12:00:00Z"

LIMITS = {"bytes": 2000, "refused-above": 2048, "events": 3}
RATE = 6
WINDOW = 2
PAGE, LARGEST_PAGE = 2, 4
NEW_TYPE, OLD_TYPE = "DREAM", "VOICE"
FAILED = "FAILED"
CODE = "MISTAKE"
MESSAGE = "Who are you?"
HEADERS = {
    "retry-after": "X-Wait",
    "limit": "X-Rate",
    "remaining": "X-Rate-Left",
    "reset": "X-Rate-Fresh",
}
LIFETIME = 90
MODEL = "house-model"
LONGEST = 5


def _change(document: Json) -> str:
    """Make the changes, and give the name of the plan whose rate was changed."""
    plan: str = min(document["x-plans"], key=lambda name: document["x-plans"][name])
    document["x-plans"][plan] = RATE
    document["x-rate-limit"]["window"] = WINDOW
    renamed = {document["x-rate-limit"]["headers"][role]: name for role, name in HEADERS.items()}
    document["x-rate-limit"]["headers"] = dict(HEADERS)
    _rename_headers(document, renamed)
    document["paths"][TRACES]["post"]["x-payload-limit"].update(LIMITS)
    limit = next(each for each in document["paths"][TRACES]["get"]["parameters"] if each["name"] == "limit")
    limit["schema"].update(default=PAGE, maximum=LARGEST_PAGE)
    limit["example"] = PAGE
    schemas = document["components"]["schemas"]
    types: list[str] = schemas["SpanType"]["enum"]
    types[types.index(OLD_TYPE)] = NEW_TYPE
    old, schemas["Status"]["enum"][1] = schemas["Status"]["enum"][1], FAILED
    _replace(document, old, FAILED)
    schemas["Name"]["maxLength"] = LONGEST
    fail_mode = schemas["ValidateRequest"]["properties"]["failMode"]
    fail_mode["default"] = "all"
    document["x-errors"]["invalid-value"]["body"]["error"]["code"] = CODE
    document["x-errors"]["missing-key"]["body"]["error"]["message"] = MESSAGE
    document["x-rest-tokens"]["access"]["lifetime"] = LIFETIME
    document["x-rest-routing"]["default-config"]["defaultModel"] = MODEL
    return plan


def _rename_headers(node: Any, renamed: Json) -> None:
    """Give every description of the headers its new name."""
    if isinstance(node, dict):
        for old, new in renamed.items():
            if isinstance(node.get("headers"), dict) and old in node["headers"]:
                node["headers"][new] = node["headers"].pop(old)
            if node.get("$ref") == f"#/components/headers/{old}":
                node["$ref"] = f"#/components/headers/{new}"
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _rename_headers(child, renamed)


def _replace(node: Any, old: str, new: str) -> None:
    """Say a status of examples in the new word."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"status", "example"} and value == old:
                node[key] = new
            _replace(value, old, new)
    elif isinstance(node, list):
        for child in node:
            _replace(child, old, new)


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    document = yaml.safe_load(load_contract().path.read_text(encoding="utf-8"))
    plan = _change(document)
    path: Path = tmp_path_factory.mktemp("contract") / "openapi.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    with MockServer(contract=path, validate_answers=True, plan=plan, clock=NOON) as server:
        yield server
        assert complaints(server.log) == []


@pytest.fixture
def client(mock: MockServer) -> Iterator[httpx.Client]:
    """Of a fresh sandbox with the changed plan."""
    with mock.sandbox() as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        with httpx.Client(base_url=mock.url, headers=headers) as made:
            yield made


def _trace(number: int, **body: Any) -> Json:
    return {
        "id": f"event-{number}",
        "type": "trace-create",
        "timestamp": WHEN,
        "body": {"id": f"trace-{number}", "name": "n", **body},
    }


def _span(number: int, **body: Any) -> Json:
    of_trace = {"traceId": "trace-0", "name": "n", "type": NEW_TYPE, **body}
    return {"id": f"span-{number}", "type": "span-create", "timestamp": WHEN, "body": of_trace}


def _refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_events_of_a_batch(client: httpx.Client) -> None:
    events = [_trace(number) for number in range(LIMITS["events"] + 1)]
    assert client.post(TRACES, json={"batch": events[:-1]}).json() == {"accepted": LIMITS["events"]}
    refused = client.post(TRACES, json={"batch": events})
    assert refused.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert str(LIMITS["events"]) in refused.json()["error"]["message"]


def test_bytes_of_a_batch(client: httpx.Client) -> None:
    raw = json.dumps({"batch": [_trace(0)]}).encode()
    for size, status in (
        (LIMITS["bytes"], httpx.codes.CREATED),
        (LIMITS["refused-above"], httpx.codes.CREATED),
        (LIMITS["refused-above"] + 1, httpx.codes.REQUEST_ENTITY_TOO_LARGE),
    ):
        padded = raw + b" " * (size - len(raw))
        answer = client.post(TRACES, content=padded, headers={"Content-Type": "application/json"})
        assert answer.status_code == status


def test_the_rate_of_a_plan_its_window_and_the_names_of_its_headers(mock: MockServer) -> None:
    with mock.sandbox() as sandbox, httpx.Client(base_url=mock.url) as client:
        client.headers["Authorization"] = f"Bearer {sandbox.api_key}"
        answers = [client.get(TRACES) for _ in range(RATE + 1)]
        assert [answer.status_code for answer in answers] == [httpx.codes.OK] * RATE + [httpx.codes.TOO_MANY_REQUESTS]
        refused = answers[-1].headers
        assert {role: refused[name] for role, name in HEADERS.items()} == {
            "retry-after": str(WINDOW),
            "limit": str(RATE),
            "remaining": "0",
            "reset": str(WINDOW),
        }
        before = load_contract().rate_limit.headers
        assert not any(name in refused for name in (before.retry_after, before.limit, before.remaining, before.reset))
        sandbox.clock.advance(WINDOW - 0.000001)
        assert client.get(TRACES).status_code == httpx.codes.TOO_MANY_REQUESTS
        sandbox.clock.advance(0.000001)
        assert client.get(TRACES).status_code == httpx.codes.OK


def test_the_default_and_the_largest_size_of_a_page(client: httpx.Client) -> None:
    client.post(TRACES, json={"batch": [_trace(number) for number in range(LIMITS["events"])]})
    assert len(client.get(TRACES).json()["data"]["traces"]) == PAGE
    assert client.get(TRACES, params={"limit": LARGEST_PAGE}).status_code == httpx.codes.OK
    refused = client.get(TRACES, params={"limit": LARGEST_PAGE + 1})
    assert _refusal(refused) == (httpx.codes.BAD_REQUEST, CODE)
    assert str(LARGEST_PAGE) in refused.json()["error"]["message"]


def test_the_types_of_spans(client: httpx.Client) -> None:
    assert client.post(TRACES, json={"batch": [_span(0)]}).status_code == httpx.codes.CREATED
    refused = client.post(TRACES, json={"batch": [_span(1, type=OLD_TYPE)]})
    assert _refusal(refused) == (httpx.codes.BAD_REQUEST, CODE)
    assert NEW_TYPE in refused.json()["error"]["message"]


def test_the_statuses(client: httpx.Client) -> None:
    client.post(TRACES, json={"batch": [_trace(0), _trace(1), _span(0, status=FAILED)]})
    (told,) = client.get(TRACES, params={"status": FAILED}).json()["data"]["traces"]
    assert (told["id"], told["status"]) == ("trace-0", FAILED)
    before = load_contract().document["components"]["schemas"]["Status"]["enum"][1]
    assert client.get(TRACES, params={"status": before}).status_code == httpx.codes.BAD_REQUEST


def test_the_longest_name(client: httpx.Client) -> None:
    for length, status in ((LONGEST, httpx.codes.CREATED), (LONGEST + 1, httpx.codes.BAD_REQUEST)):
        assert client.post(TRACES, json={"batch": [_trace(length, name="n" * length)]}).status_code == status


def test_a_default_inside_a_body(client: httpx.Client) -> None:
    evaluators = [{"type": "CONTAINS", "config": {"value": value}} for value in ("yes", "no")]
    told = client.post("/api/v1/validate", json={"output": "yes", "evaluators": evaluators}).json()["data"]
    assert [result["pass"] for result in told["results"]] == [True, False]
    assert told["pass"] is True


def test_the_words_of_an_error(client: httpx.Client) -> None:
    del client.headers["Authorization"]
    assert client.get(TRACES).json()["error"]["message"] == MESSAGE


def test_the_lifetime_of_an_access_token(mock: MockServer) -> None:
    with mock.sandbox() as sandbox, httpx.Client(base_url=mock.url) as client:
        session = sign_in(client, sandbox)
        middle = session["access_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        assert claims["exp"] - claims["iat"] == LIFETIME
        assert session["expires_at"] == claims["exp"]
        client.headers["Authorization"] = f"Bearer {session['access_token']}"
        sandbox.clock.advance(LIFETIME)
        assert client.post("/api/v1/auth/logout").status_code == httpx.codes.UNAUTHORIZED


def test_the_built_in_model(client: httpx.Client) -> None:
    assert client.post("/api/v1/route-model", json={"input": "Hello"}).json()["model"] == MODEL
