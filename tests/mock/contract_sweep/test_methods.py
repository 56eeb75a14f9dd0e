"""What is no operation of the document: HEAD, OPTIONS, methods that a path does not have, paths that are not there."""

from __future__ import annotations

from collections import defaultdict

import httpx
import pytest
from twosignal_contract import Contract, load_contract
from twosignal_mock import MockServer, Sandbox

from tests.mock.contract_sweep.opinions import Opinions

CONTRACT = load_contract()
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "QUERY")

PATHS: dict[str, set[str]] = defaultdict(set)
"""Path to its methods: those of the document, and HEAD where GET is (RFC 9110 section 9.3.2)."""
for _operation in CONTRACT.operations.values():
    PATHS[_operation.path].add(_operation.method)
    if _operation.method == "GET":
        PATHS[_operation.path].add("HEAD")

WRONG = [(path, method) for path, methods in PATHS.items() for method in METHODS if method not in methods]
READ = [path for path, methods in PATHS.items() if "GET" in methods]
NOWHERE = [
    "/",
    "/api/v1",
    "/api/v1/",
    "/api/v3/traces",
    "/api/v1/nothing",
    "/api/v1/traces/",
    "/api/v1/traces/0c5e3c5c-8a51-4c51-9b0a-4b6a1f0d2e10",
    "/API/V1/TRACES",
    "/api/v1/%74races%2F",
    "/__mocking",
]


@pytest.fixture
def client(mock: MockServer, sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(base_url=mock.url, headers={"Authorization": f"Bearer {sandbox.api_key}"})


def _allowed(answer: httpx.Response) -> set[str]:
    return {method.strip() for method in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize(("path", "method"), WRONG)
def test_a_method_that_a_path_does_not_have_is_405_and_names_the_others(
    contract: Contract, client: httpx.Client, path: str, method: str
) -> None:
    kind = contract.errors["method-not-allowed"]
    with client:
        answer = client.request(method, path)
    assert answer.status_code == kind.status
    assert answer.content == b"" if method == "HEAD" else answer.json()["error"]["code"] == kind.code
    assert _allowed(answer) - {"OPTIONS"} == PATHS[path]


def test_a_method_that_http_does_not_know_is_not_implemented(contract: Contract, client: httpx.Client) -> None:
    kind = contract.errors["not-implemented"]
    with client:
        answer = client.request("BREW", READ[0])
    assert (answer.status_code, answer.json()["error"]["code"]) == (kind.status, kind.code)


@pytest.mark.parametrize("path", READ)
def test_head_is_get_without_a_body(client: httpx.Client, opinions: Opinions, path: str) -> None:
    with client:
        head, get = client.head(path), client.get(path)
    opinions.check(get)
    assert (head.status_code, head.content) == (get.status_code, b"")
    for name in ("Content-Type", "Content-Length"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("path", sorted(PATHS))
def test_a_preflight_is_answered_without_a_key_and_lets_the_methods_and_the_key_through(
    contract: Contract, mock: MockServer, path: str
) -> None:
    wanted = min(PATHS[path])
    asked = {
        "Origin": "https://app.example.com",
        "Access-Control-Request-Method": wanted,
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    answer = httpx.options(mock.url + path, headers=asked)
    assert answer.is_success
    assert wanted in answer.headers["Access-Control-Allow-Methods"]
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
    shown = httpx.get(mock.url + "/api/v1/health", headers={"Origin": "https://app.example.com"})
    assert contract.rate_limit.headers.retry_after in shown.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_404_in_the_envelope(
    contract: Contract, client: httpx.Client, path: str, method: str
) -> None:
    kind = contract.errors["unknown-endpoint"]
    with client:
        answer = client.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (kind.status, kind.code)
