"""Routes: exact paths, literal before template, HEAD wherever GET is, 404 and 405."""

from __future__ import annotations

import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.api import ApiError
from twosignal_mock.engine.validation import MethodNotAllowedError, Routes


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
