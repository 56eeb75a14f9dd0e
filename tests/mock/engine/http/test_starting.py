"""Work that is begun at once, and the connection whose application gives no answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
import uvicorn
from twosignal_contract import Contract
from twosignal_mock.engine.http import Bounds, Response, Scope, begin, bind
from uvicorn.server import ServerState


async def test_work_that_waits_for_nothing_is_done_at_once() -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("all")

    assert begin(work(), asyncio.get_running_loop()) is None
    assert done == ["all"]


async def test_work_that_waits_goes_on_with_what_it_waited_for() -> None:
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    seen: list[Any] = []

    async def work() -> None:
        seen.append(await first)
        try:
            await second
        except KeyError as error:
            seen.append(error.args)
        await asyncio.sleep(0)
        seen.append("end")

    task = begin(work(), loop)
    assert task is not None
    first.set_result(1)
    second.set_exception(KeyError("two"))
    await task
    assert seen == [1, ("two",), "end"]


async def test_work_that_is_cancelled_cleans_up() -> None:
    loop = asyncio.get_running_loop()
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            seen.append("cleaned up")

    task = begin(work(), loop)
    assert task is not None
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cleaned up"]


@pytest.mark.parametrize("begun", [False, True])
async def test_an_application_that_fails_costs_its_client_no_wait(contract: Contract, begun: bool) -> None:
    async def fail(_scope: Any, _receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ZeroDivisionError

    refuse, failure = _refuse(contract), contract.errors["internal"]
    async with _serve(fail, refuse) as (address, state):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(_TWO_REQUESTS)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await _wait_until_gone(state)
    if begun:
        assert answer.endswith(b"content-length: 9\r\n\r\n{")
    else:
        assert answer.startswith(b"HTTP/1.1 %d " % failure.status)
        assert b'"code":"%b"' % failure.code.encode() in answer
        assert answer.count(b"HTTP/1.1") == 1


async def test_a_server_that_stops_ends_a_connection_behind_the_response_that_is_under_way() -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def respond(_scope: Any, _receive: Any, send: Any) -> None:
        begun.set()
        await go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    def refuse(cause: str, _values: dict[str, object], _scope: Scope) -> Response:
        raise AssertionError(cause)

    async with _serve(respond, refuse) as (address, state):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(_TWO_REQUESTS)
        await begun.wait()
        for connection in state.connections:
            connection.shutdown()
        go.set()
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await _wait_until_gone(state)
    assert answer.count(b"HTTP/1.1 200") == 1, "the second request was not begun, and the client knows it"


_TWO_REQUESTS = b"GET / HTTP/1.1\r\nHost: mock\r\n\r\n" * 2


def _refuse(contract: Contract) -> Callable[[str, dict[str, object], Scope], Response]:
    failure = contract.errors["internal"]
    return lambda _cause, values, _scope: Response(failure.status, [], orjson.dumps(failure.body(values)))


@asynccontextmanager
async def _serve(
    application: Any, refuse: Callable[[str, dict[str, object], Scope], Response]
) -> AsyncIterator[tuple[tuple[str, int], ServerState]]:
    """Address and state of a server of our connections alone."""
    protocol = bind(Bounds(), refuse)
    config = uvicorn.Config(application, http=protocol, ws="none", lifespan="off", log_config=None, proxy_headers=False)
    config.load()
    loop, state = asyncio.get_running_loop(), ServerState()
    server = await loop.create_server(lambda: protocol(config, state, {}, loop), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[:2], state


async def _wait_until_gone(state: ServerState) -> None:
    async with asyncio.timeout(5):
        while state.connections:  # noqa: ASYNC110 - uvicorn's set, no event
            await asyncio.sleep(0.01)
