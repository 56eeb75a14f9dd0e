"""Bodies on the wire: sizes counted while they come, chunks, gzip, media types."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from twosignal_contract import Contract, PayloadLimit

from tests.mock.engine.http.conftest import World, batch

JSON = {"Content-Type": "application/json"}
GZIP = JSON | {"Content-Encoding": "gzip"}
PATH = "/api/v1/route-model"


def limit_of(contract: Contract, operation_id: str = "routeModel") -> PayloadLimit:
    limit = contract.operation(operation_id).payload_limit
    assert limit is not None
    return limit


def body_of(size: int) -> bytes:
    frame = b'{"input": ""}'
    return frame[:-2] + b"x" * (size - len(frame)) + frame[-2:]


async def chunks(body: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for begin in range(0, len(body), size):
        yield body[begin : begin + size]


@pytest.mark.parametrize("chunked", [False, True])
async def test_the_edge_of_the_size_is_the_contracts(world: World, contract: Contract, chunked: bool) -> None:
    edge = limit_of(contract).refused_above
    for size, status in ((edge, 200), (edge + 1, 413)):
        body = body_of(size)
        answer = await world.client.post(PATH, headers=JSON, content=chunks(body) if chunked else body)
        assert answer.status_code == status
    assert answer.json()["error"]["message"] == f"The body is larger than {edge} bytes; split it"


async def test_a_body_that_says_it_is_too_large_is_refused_unread(world: World, contract: Contract) -> None:
    headers = JSON | {"Content-Length": str(limit_of(contract).refused_above + 1)}

    answer: dict[str, object] = {}

    async def receive() -> dict[str, object]:
        raise AssertionError("the body was asked for")

    async def send(message: dict[str, object]) -> None:
        answer.update(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "query_string": b"",
        "headers": [
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
            (b"authorization", f"Bearer {world.mock.settings.api_key}".encode()),
        ],
    }
    await world.application(scope, receive, send)
    assert answer["status"] == 413


async def test_gzip_is_read_as_if_it_came_plain(world: World) -> None:
    packed = gzip.compress(json.dumps(batch(1)).encode())
    assert (await world.client.post("/api/v1/traces", headers=GZIP, content=packed)).json() == {"accepted": 1}
    halves = gzip.compress(b'{"input":', mtime=0) + gzip.compress(b'"x"}', mtime=0)
    assert (await world.client.post(PATH, headers=GZIP, content=halves)).status_code == 200


async def test_the_limit_counts_decompressed_bytes(world: World, contract: Contract) -> None:
    edge = limit_of(contract).refused_above
    for size, status in ((edge, 200), (edge + 1, 413)):
        packed = gzip.compress(body_of(size))
        for content in (packed, chunks(packed, 97)):
            assert (await world.client.post(PATH, headers=GZIP, content=content)).status_code == status


async def test_a_gzip_bomb_stops_at_the_limit(world: World, contract: Contract) -> None:
    """What is kept of 200 MB of zeros is bounded by a few times the limit of the operation."""
    bomb = gzip.compress(bytes(200_000_000))
    tracemalloc.start()
    answer = await world.client.post(PATH, headers=GZIP, content=bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 413
    assert peak < 4 * limit_of(contract).refused_above + len(bomb)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x1f\x8b",
        b"no gzip at all",
        gzip.compress(b'{"input": "x"}', mtime=0)[:-4],
        gzip.compress(b"{}", mtime=0) + b"x",
    ],
)
async def test_broken_gzip_is_refused(world: World, content: bytes) -> None:
    answer = await world.client.post(PATH, headers=GZIP, content=content)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("The body is not valid gzip: ")


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
async def test_other_encodings_are_refused(world: World, encoding: str) -> None:
    answer = await world.client.post(PATH, headers=JSON | {"Content-Encoding": encoding}, content=b"{}")
    assert answer.status_code == 415
    assert encoding in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON;charset="UTF-8"', 200),
        ("application/json; charset=iso-8859-1", 415),
        ("application/x-protobuf", 415),
        ("text/plain", 415),
        ("application/jsonx", 415),
        ("", 415),
        (None, 415),
    ],
)
async def test_the_media_type_decides(world: World, media_type: str | None, status: int) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    answer = await world.client.post(PATH, headers=headers, content=b'{"input": "x"}')
    assert answer.status_code == status
    if status == 415:
        assert "application/json" in answer.json()["error"]["message"]


async def test_no_body_at_all_is_no_json(world: World) -> None:
    answer = await world.client.post(PATH)
    assert answer.status_code == 400
    assert "it is empty" in answer.json()["error"]["message"]
