"""Header fields mean what HTTP says: several lines of one field, and parameters."""

from __future__ import annotations

import gzip
import json

import httpx
import pytest

from tests.mock.engine.http.conftest import Build, World, batch

BODY = json.dumps({"input": "x"}).encode()
ROUTE = "/api/v1/route-model"
TYPE = ("Content-Type", "application/json")
Lines = list[tuple[str, str]]


async def send(world: World, lines: Lines, body: bytes = BODY, path: str = ROUTE) -> httpx.Response:
    """A POST with exactly these lines; KEY stands for the known key."""
    key = str(world.mock.settings.api_key)
    headers = [(name, value.replace("KEY", key)) for name, value in lines]
    del world.client.headers["Authorization"]
    return await world.client.post(path, content=body, headers=headers)


@pytest.mark.parametrize(
    ("lines", "status", "message"),
    [
        ([("Authorization", "Bearer KEY"), ("Authorization", "Bearer KEY")], 200, ""),
        ([("Authorization", "Bearer KEY"), ("Authorization", "Bearer other")], 400, "Authorization has several values"),
        ([("Authorization", "Bearer other"), ("Authorization", "Bearer KEY")], 400, "Authorization has several values"),
        ([("Content-Type", "application/json")], 200, ""),
        ([("Content-Type", "text/plain")], 400, "Content-Type has several values"),
        ([("Prefer", "x=1"), ("Prefer", "code=503")], 503, ""),
        ([("Prefer", "code=503"), ("Prefer", "x=1")], 503, ""),
        ([("Prefer", "code=503"), ("Prefer", "code=429")], 503, ""),
        ([("X-Anything", "1"), ("X-Anything", "2")], 200, ""),
        ([("Content-Encoding", "identity"), ("Content-Encoding", "")], 200, ""),
        ([("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")], 415, "Content-Encoding gzip, gzip is not"),
        ([("Content-Encoding", "br"), ("Content-Encoding", "identity")], 415, "Content-Encoding br is not supported"),
    ],
)
async def test_several_lines_of_one_field(world: World, lines: Lines, status: int, message: str) -> None:
    keyed: Lines = [] if lines[0][0] == "Authorization" else [("Authorization", "Bearer KEY")]
    answer = await send(world, [TYPE, *keyed, *lines])
    assert answer.status_code == status, answer.text
    assert message in answer.text


async def test_two_values_of_authorization_are_nobodys(world: World) -> None:
    await send(world, [TYPE, ("Authorization", "Bearer KEY"), ("Authorization", "Bearer other")])
    assert (len(world.sandbox.journal.entries()), len(world.unkeyed.journal.entries())) == (0, 1)


async def test_gzip_may_be_named_on_either_of_two_lines(world: World) -> None:
    for lines in (["gzip", "identity"], ["identity", "gzip"], ["", "GZIP"]):
        encoding = [("Content-Encoding", line) for line in lines]
        world.client.headers["Authorization"] = ""
        answer = await send(world, [TYPE, ("Authorization", "Bearer KEY"), *encoding], gzip.compress(BODY))
        assert answer.status_code == 200, lines


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("application/json", 200),
        ("Application/JSON ; charset=UTF-8", 200),
        ("application/json;charset=utf8", 200),
        ('application/json; charset="utf-8"', 200),
        ('application/json; charset="ut\\f-8"', 200),
        ("application/json; charset=us-ascii", 200),
        ("application/json; x-charset=latin1", 200),
        ('application/json; note="; charset=latin1"', 200),
        ("application/json; charset=latin1", 415),
        ("application/json; x=1; Charset=latin1", 415),
        ('application/json; x="a;b"; charset=utf-16', 415),
        ("application/json; charset=utf-8; charset=latin1", 415),
        ("application/json;", 200),
        ("application/jsonx", 415),
        ("text/plain; application/json", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)
async def test_parameters_of_a_media_type_are_parsed(world: World, value: str, status: int) -> None:
    answer = await send(world, [("Content-Type", value), ("Authorization", "Bearer KEY")])
    assert answer.status_code == status
    assert answer.headers.get("Accept") == (None if status == 200 else "application/json")


async def test_a_415_for_an_encoding_says_which_one_is_taken(world: World) -> None:
    answer = await send(world, [TYPE, ("Authorization", "Bearer KEY"), ("Content-Encoding", "br")])
    assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "gzip")


async def test_the_control_api_takes_no_two_values_either(build: Build) -> None:
    world = await build(control_token="t" * 20)
    lines = [("Authorization", "Bearer " + "t" * 20), ("Authorization", "Bearer other")]
    answer = await send(world, [TYPE, *lines], b"", "/__mock/v1/reset")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")


async def test_an_encoded_slash_divides_no_path(world: World) -> None:
    await world.client.post("/api/v1/traces", json=batch(1))
    assert (await world.client.get("/api/v1%2Ftraces")).status_code == 404
    assert (await world.client.get("/__mock%2Fv1/sandboxes")).status_code == 404
    missing = await world.client.get("http://127.0.0.1/__mock/v1/faults/a%2Fb")
    assert (missing.status_code, "'a/b'" in missing.json()["error"]["message"]) == (404, True)
    assert (await world.client.get("http://127.0.0.1/__mock/v1/nothing%2Fhere")).status_code == 404


async def test_the_control_api_refuses_a_parameter_that_comes_twice(world: World) -> None:
    answer = await world.client.get("http://127.0.0.1/__mock/v1/journal?limit=1&limit=2")
    assert (answer.status_code, "'limit' several times" in answer.text) == (400, True)
