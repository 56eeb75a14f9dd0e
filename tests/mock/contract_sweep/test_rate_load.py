"""The rate limit with the real clock: many connections at once never get more than the plan's number in any window.

Counted as a client can: what was sent after an instant and answered before one window later lies in that window of the
server, whatever the network did to it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from twosignal_contract import Contract
from twosignal_mock import MockServer

from tests.mock.contract_sweep.watching import complaints

PATH = "/api/v1/traces"
CONNECTIONS = 8
"""For each key; a few hundred requests per second from each."""
WINDOWS = 2.4
"""How long the load lasts: whole windows and a part of one, so that edges lie everywhere."""


class Attempt(NamedTuple):
    """One request, by the client's own monotonic clock."""

    sent: float
    answered: float
    status: int
    headers: dict[str, str]
    """Names in lower case."""


@pytest.fixture
def limited(contract: Contract) -> Iterator[MockServer]:
    plan = min(contract.plans, key=lambda name: contract.plans[name])
    with MockServer(validate_answers=True, plan=plan) as server:
        yield server
        assert complaints(server.log) == []


async def _load(url: str, key: str, until: float) -> list[Attempt]:
    """Everything that one connection got until then, one request after the other."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = f"GET {PATH}?limit=1 HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    attempts = []
    while time.monotonic() < until:
        sent = time.monotonic()
        writer.write(head)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        await reader.readexactly(int(headers["content-length"]))
        attempts.append(Attempt(sent, time.monotonic(), int(lines[0].split()[1]), headers))
    writer.close()
    await writer.wait_closed()
    return attempts


async def _load_all(url: str, keys: Sequence[str], seconds: float) -> list[list[Attempt]]:
    """For each key, everything that its connections got."""
    until = time.monotonic() + seconds
    loads = [asyncio.gather(*(_load(url, key, until) for _ in range(CONNECTIONS))) for key in keys]
    return [[attempt for attempts in load for attempt in attempts] for load in await asyncio.gather(*loads)]


def _most(passed: Sequence[Attempt], window: float) -> int:
    """The most requests that lie for certain in one window of the server."""
    ordered = sorted(passed)
    most = 0
    for index, first in enumerate(ordered):
        end = first.sent + window
        inside = 0
        for attempt in ordered[index:]:
            if attempt.sent > end:
                break
            inside += attempt.answered <= end
        most = max(most, inside)
    return most


@pytest.mark.parametrize("rank", [0, 1], ids=["slowest plan", "next plan"])
def test_under_parallel_load_no_window_holds_more_than_the_plan_allows(
    contract: Contract, limited: MockServer, rank: int
) -> None:
    rate = sorted(set(contract.plans.values()))[rank]
    plan = next(name for name in contract.plans if contract.plans[name] == rate)
    names, window = contract.rate_limit.headers, contract.rate_limit.window
    with limited.sandbox(plan=plan) as sandbox:
        keys = [sandbox.api_key, sandbox.add_key()]
        loads = asyncio.run(_load_all(limited.url, keys, WINDOWS * window))
        refused_status = contract.errors["rate-limit"].status
        for attempts in loads:
            passed = [attempt for attempt in attempts if attempt.status == httpx.codes.OK]
            refused = [attempt for attempt in attempts if attempt.status == refused_status]
            assert len(passed) + len(refused) == len(attempts)
            most = _most(passed, window)
            print(f"rate load: {plan}, {len(attempts)} requests, {len(passed)} passed, at most {most} in a window")
            assert most <= rate
            for attempt in refused:
                assert int(attempt.headers[names.retry_after.lower()]) >= 1
                assert attempt.headers[names.limit.lower()] == str(rate)
                assert attempt.headers[names.remaining.lower()] == "0"


def test_after_the_wait_that_a_refusal_tells_the_key_works_again(contract: Contract, limited: MockServer) -> None:
    names = contract.rate_limit.headers
    (attempts,) = asyncio.run(_load_all(limited.url, [limited.api_key], contract.rate_limit.window))
    refused = [attempt for attempt in attempts if attempt.status == contract.errors["rate-limit"].status]
    assert refused, "this machine is too slow to meet the slowest plan's limit"
    last = max(refused)
    time.sleep(max(0, last.answered + int(last.headers[names.retry_after.lower()]) - time.monotonic()))
    answer = httpx.get(limited.url + PATH, headers={"Authorization": f"Bearer {limited.api_key}"})
    assert answer.status_code == httpx.codes.OK
