"""CORS: a page of any origin may call, unless that is switched off."""

from __future__ import annotations

from tests.mock.engine.http.conftest import Build, World

ORIGIN = {"Origin": "https://page.example"}
ASK = ORIGIN | {"Access-Control-Request-Method": "POST", "Authorization": ""}


async def test_a_preflight_is_answered_without_a_key(world: World) -> None:
    ask = ASK | {"Access-Control-Request-Headers": "authorization, content-type"}
    answer = await world.client.options("/api/v1/traces", headers=ask)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()


async def test_odd_header_names_are_not_repeated(world: World) -> None:
    answer = await world.client.options("/api/v1/traces", headers=ASK | {"Access-Control-Request-Headers": "a\tb;c"})
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
    assert ";" not in answer.headers["Access-Control-Allow-Headers"]


async def test_a_preflight_of_an_unknown_path_is_none(world: World) -> None:
    assert (await world.client.options("/api/v1/nothing", headers=ASK)).status_code == 404


async def test_options_without_an_origin_is_a_method_that_is_not_allowed(world: World) -> None:
    assert (await world.client.options("/api/v1/traces")).status_code == 405


async def test_answers_to_a_page_may_be_read(world: World) -> None:
    for headers in (ORIGIN, ORIGIN | {"Authorization": ""}):
        answer = await world.client.get("/api/v1/traces", headers=headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in (await world.client.get("/api/v1/traces")).headers


async def test_no_cors_says_nothing(build: Build) -> None:
    world = await build(no_cors=True)
    assert (await world.client.options("/api/v1/traces", headers=ASK)).status_code == 405
    assert "Access-Control-Allow-Origin" not in (await world.client.get("/api/v1/traces", headers=ORIGIN)).headers


async def test_a_public_page_may_call_a_mock_on_this_machine(world: World) -> None:
    name = "Access-Control-Allow-Private-Network"
    ask = ASK | {"Access-Control-Request-Private-Network": "true"}
    assert (await world.client.options("/api/v1/traces", headers=ask)).headers[name] == "true"
    assert name not in (await world.client.options("/api/v1/traces", headers=ASK)).headers
