"""Routes: exact paths, literal before template, HEAD wherever GET is, 404 and 405."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.api import ApiError
from twosignal_mock.engine.validation import MethodNotAllowedError, Routes, path_to_divide


@pytest.fixture(scope="module")
def routes(contract: Contract) -> Routes[str]:
    return Routes((each.method, each.path, each.id) for each in contract.operations.values())


def test_every_operation_of_the_contract_is_found(routes: Routes[str], contract: Contract) -> None:
    for outline in contract.operations.values():
        assert routes.find(outline.method, outline.path).target == outline.id


def test_head_is_served_wherever_get_is(routes: Routes[str], contract: Contract) -> None:
    for outline in contract.operations.values():
        if outline.method == "GET":
            assert routes.find("HEAD", outline.path).target == outline.id


@pytest.mark.parametrize(
    "path", ["/", "", "/api/v1", "/api/v1/health/", "/api/v1//health", "/api/v1/Health", "/api/v1/nothing", "*"]
)
def test_another_path_is_unknown(routes: Routes[str], path: str) -> None:
    with pytest.raises(ApiError) as caught:
        routes.find("GET", path)
    assert caught.value.cause == "unknown-endpoint"


def test_another_method_is_told_which_are_allowed(routes: Routes[str]) -> None:
    with pytest.raises(MethodNotAllowedError) as caught:
        routes.find("PATCH", "/api/v1/traces")
    assert caught.value.allowed == "GET, HEAD, POST"


def test_literal_paths_win_over_templates() -> None:
    template, literal = ("GET", "/things/{thing-name}", "template"), ("GET", "/things/special", "literal")
    for order in ([template, literal], [literal, template]):
        routes = Routes(order)
        assert routes.find("GET", "/things/special").target == "literal"
        match = routes.find("HEAD", "/things/a.b")
        assert (match.target, match.path_values) == ("template", {"thing-name": "a.b"})
        with pytest.raises(ApiError):
            routes.find("GET", "/things/a/b")


SLASHES = ("/things/{thing-name}/parts/{part}", "/things/{thing-name}", "/things/fixed")


@pytest.mark.parametrize(
    ("raw", "path", "values"),
    [
        ("/things/a%2Fb", SLASHES[1], {"thing-name": "a/b"}),
        ("/things/a%2fparts%2Fb", SLASHES[1], {"thing-name": "a/parts/b"}),
        ("/things/a%2Fb/parts/%2F", SLASHES[0], {"thing-name": "a/b", "part": "/"}),
        ("/things/..", SLASHES[1], {"thing-name": ".."}),
        ("/things/%2E%2E/parts/%2e", SLASHES[0], {"thing-name": "..", "part": "."}),
        ("/things/%252F", SLASHES[1], {"thing-name": "%2F"}),
        ("/things/caf%C3%A9%20%3F", SLASHES[1], {"thing-name": "caf\u00e9 ?"}),
        ("/th%69ngs/fi%78ed", SLASHES[2], None),
        ("/things%2Ffixed", None, None),
    ],
)
def test_a_path_is_divided_before_it_is_decoded(raw: str, path: str | None, values: dict[str, str] | None) -> None:
    routes = Routes(("GET", each, each) for each in SLASHES)
    found = path_to_divide({"path": unquote(raw), "raw_path": raw.encode()})
    if path is None:
        with pytest.raises(ApiError) as caught:
            routes.find("GET", found)
        assert caught.value.values["path"] == unquote(raw)
    else:
        match = routes.find("GET", found)
        assert (match.target, match.path_values) == (path, values)
