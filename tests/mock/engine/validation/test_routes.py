"""Routes: exact paths, literal before template, HEAD wherever GET is, 404 and 405."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.api import Refusal
from twosignal_mock.engine.validation import CompiledOperation, MethodNotAllowed, Routes, Security

Operations = dict[str, CompiledOperation]


@pytest.fixture(scope="module")
def routes(operations: Operations) -> Routes:
    return Routes(operations.values())


def test_every_operation_of_the_contract_is_found(routes: Routes, contract: Contract) -> None:
    for outline in contract.operations.values():
        assert routes.find(outline.method, outline.path).operation.id == outline.id


def test_head_is_served_wherever_get_is(routes: Routes, contract: Contract) -> None:
    for outline in contract.operations.values():
        if outline.method == "GET":
            assert routes.find("HEAD", outline.path).operation.id == outline.id


@pytest.mark.parametrize(
    "path", ["/", "", "/api/v1", "/api/v1/health/", "/api/v1//health", "/api/v1/Health", "/api/v1/nothing", "*"]
)
def test_another_path_is_unknown(routes: Routes, path: str) -> None:
    with pytest.raises(Refusal) as caught:
        routes.find("GET", path)
    assert caught.value.cause == "unknown-endpoint"


def test_another_method_is_told_which_are_allowed(routes: Routes) -> None:
    with pytest.raises(MethodNotAllowed) as caught:
        routes.find("PATCH", "/api/v1/traces")
    assert caught.value.allowed == "GET, HEAD, POST"


def test_literal_paths_win_over_templates(operations: Operations) -> None:
    health = operations["getHealth"]
    template = replace(health, id="template", path="/things/{name}")
    literal = replace(health, id="literal", path="/things/special")
    for order in ([template, literal], [literal, template]):
        routes = Routes(order)
        assert routes.find("GET", "/things/special").operation.id == "literal"
        match = routes.find("HEAD", "/things/a.b")
        assert (match.operation.id, match.path_values) == ("template", {"name": "a.b"})
        with pytest.raises(Refusal):
            routes.find("GET", "/things/a/b")


def test_security_is_the_contracts(operations: Operations, contract: Contract) -> None:
    kinds = {"apiKey": Security.API_KEY, "accessToken": Security.ACCESS_TOKEN}
    for operation in operations.values():
        node = contract.document["paths"][operation.path][operation.method.lower()]
        wanted = node.get("security", contract.document["security"])
        assert operation.security == (kinds[next(iter(wanted[0]))] if wanted else Security.NONE)
