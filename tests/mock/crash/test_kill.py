"""kill -9 in the middle of a load, and a restart on the same state file, round after round.

What a client was told is stored is there, once; a batch is there whole or not at all, also one that got no answer; what
is sent again is stored once. TWOSIGNAL_CRASH_ROUNDS=200 is the long run, TWOSIGNAL_CRASH_SEED repeats one. (A killed
process leaves its written pages to the kernel; that a commit also waits for the disk, only a power cut could show.)
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from twosignal_mock import ControlError, MockServer

from tests.mock.crash.sending import CONTRACT, Batch, Client, Sent, connect, send

ROUNDS = int(os.environ.get("TWOSIGNAL_CRASH_ROUNDS", "4"))
SEED = os.environ.get("TWOSIGNAL_CRASH_SEED", "") or secrets.token_hex(4)
CLIENTS = 4
LONGEST_LOAD = 0.5
"""Seconds between the first request of a round and its kill; the shortest is none at all."""
LOOKED_AT = 25
"""Traces of each client in each round that are read with their spans; listed are all."""
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
UNKNOWN = CONTRACT.errors["unknown-resource"].status


@dataclass
class Book:
    """What must be there, of all rounds."""

    batches: list[Batch] = field(default_factory=list)
    unanswered: int = 0
    kept_unanswered: int = 0
    scores: int = 0
    pushes: int = 0

    @property
    def traces(self) -> set[str]:
        """All traces: by now each batch is acknowledged."""
        return {trace for batch in self.batches for trace in batch.traces}


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_what_was_acknowledged_survives_a_kill_and_nothing_is_there_by_half(tmp_path: Path) -> None:
    state, book, began = tmp_path / "state.db", Book(), time.monotonic()
    print(f"TWOSIGNAL_CRASH_SEED={SEED} TWOSIGNAL_CRASH_ROUNDS={ROUNDS}")
    for number in range(ROUNDS):
        at = time_of(number)
        sent = load_and_kill(state, number, at)
        with MockServer(state=state, limits=False) as server, connect(server) as client:
            check_round(server, client, sent, at, book)
            if number == ROUNDS - 1:
                assert Counter(trace["id"] for trace in walk(client)) == Counter(book.traces)
    print(
        f"{ROUNDS} rounds in {time.monotonic() - began:.0f} s: {2 * len(book.traces)} events, {book.scores} scores, "
        f"{book.pushes} template versions acknowledged, 0 lost, 0 doubled, 0 halves; {book.unanswered} batches "
        f"without an answer, {book.kept_unanswered} of them stored whole"
    )


def time_of(number: int) -> str:
    """The start of all traces of a round, by which it is listed."""
    return (FIRST_DAY + timedelta(minutes=number)).isoformat()


def load_and_kill(state: Path, number: int, at: str) -> list[Sent]:
    """One round of load; what each client knows when its server is dead."""
    server = MockServer(state=state, limits=False).start()
    try:
        clients = [Client(server, f"{number}-{name}", at, f"{SEED}-{number}-{name}") for name in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(random.Random(f"{SEED}-{number}").random() * LONGEST_LOAD)  # noqa: S311 - to be repeated
        os.kill(server.pid, signal.SIGKILL)
        for client in clients:
            client.join()
    finally:
        server.stop()
    return [client.sent for client in clients]


def check_round(server: MockServer, client: httpx.Client, sent: list[Sent], at: str, book: Book) -> None:
    """The round's things are there as the clients know them; what got no answer is sent again and then there too."""
    stored = listed_at(client, at)
    for each in sent:
        for batch in each.batches:
            there = [trace in stored for trace in batch.traces]
            if batch.acknowledged:
                assert all(there), f"acknowledged, and lost: {missing(batch, stored)}"
            else:
                assert len(set(there)) == 1, f"stored by half: {missing(batch, stored)}"
                book.unanswered += 1
                book.kept_unanswered += there[0]
                if not there[0]:
                    assert_no_trace_of(server, batch)
        # The last answered batch again, as a client does that is not sure; and those that it never heard of.
        for batch in each.batches[-2:]:
            send(client, batch)
        check_template(client, each, book)
        book.batches += each.batches
    assert_whole(listed_at(client, at), [batch for each in sent for batch in each.batches])
    for each in sent:
        check_details(server, each, book)


def listed_at(client: httpx.Client, at: str) -> dict[str, dict[str, Any]]:
    """The traces of a round, by id; each is listed once."""
    moment = datetime.fromisoformat(at)
    second = timedelta(seconds=1)
    found = list(walk(client, startDate=(moment - second).isoformat(), endDate=(moment + second).isoformat()))
    traces = {trace["id"]: trace for trace in found}
    assert len(traces) == len(found)
    return traces


def walk(client: httpx.Client, **query: str) -> Iterator[dict[str, Any]]:
    """All pages of GET /traces."""
    cursor: str | None = None
    while True:
        page = {"limit": str(largest_page())} | ({} if cursor is None else {"cursor": cursor})
        data = client.get("/api/v1/traces", params=query | page).raise_for_status().json()["data"]
        yield from data["traces"]
        cursor = data["nextCursor"]
        if cursor is None:
            return


def largest_page() -> int:
    """Of the contract."""
    parameters = CONTRACT.document["paths"]["/api/v1/traces"]["get"]["parameters"]
    limits = [int(each["schema"]["maximum"]) for each in parameters if each.get("name") == "limit"]
    return limits[0]


def missing(batch: Batch, stored: Iterable[str]) -> str:
    return f"{sorted(set(batch.traces) - set(stored))} of {len(batch.traces)}"


def assert_no_trace_of(server: MockServer, batch: Batch) -> None:
    """Nothing of it either where also a trace without its trace-create would show."""
    for trace in batch.traces:
        with pytest.raises(ControlError, match="there is no trace"):
            server.control.trace(trace)


def assert_whole(stored: dict[str, dict[str, Any]], batches: list[Batch]) -> None:
    assert stored.keys() == {trace for batch in batches for trace in batch.traces}
    assert {trace["spanCount"] for trace in stored.values()} <= {1}


def check_details(server: MockServer, sent: Sent, book: Book) -> None:
    """The spans of the last traces, and the scores: an acknowledged one once, another one once or not at all."""
    scored = {trace for trace, _ in sent.scores.values()}
    last = [trace for batch in sent.batches for trace in batch.traces][-LOOKED_AT:]
    found: Counter[str] = Counter()
    for trace in scored.union(last):
        detail = server.control.trace(trace)
        assert [(span["id"], span["traceId"]) for span in detail["spans"]] == [(f"{trace}-span", trace)]
        assert detail["scoreCount"] == len(detail["scores"])
        found.update(score["evaluatorName"] for score in detail["scores"])
    for evaluator, (_, acknowledged) in sent.scores.items():
        assert found.pop(evaluator, 0) in ((1,) if acknowledged else (0, 1))
        book.scores += acknowledged
    assert not found


def check_template(client: httpx.Client, sent: Sent, book: Book) -> None:
    """The versions that were acknowledged, with what they held, and at most the one that was on its way."""
    answer = client.get("/api/v1/prompt-templates", params={"name": sent.template})
    latest = 0 if answer.status_code == UNKNOWN else int(answer.raise_for_status().json()["data"]["version"]["version"])
    assert sent.versions <= latest <= sent.versions + sent.pushing
    for version in range(1, latest + 1):
        query = {"name": sent.template, "version": str(version)}
        data = client.get("/api/v1/prompt-templates", params=query).raise_for_status().json()["data"]
        assert data["version"]["content"] == f"version {version}"
    book.pushes += sent.versions
