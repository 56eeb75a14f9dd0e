"""A disk that is full, or read-only: 500 in the envelope, nothing acknowledged, the server lives and comes back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from twosignal_mock import MockServer

from tests.mock.crash.sending import CONTRACT, Batch, connect, send
from tests.mock.crash.test_kill import walk
from tests.mock.crash.trouble import Strike, full, no_longer_file, no_longer_writable, own_disk, same_disk

AT = "2026-01-01T00:00:00+00:00"
MOST = 2000
"""Batches until the log, which SQLite extends ahead, needs a new block of the disk; a few dozen do."""
AT_ONCE = 8
TROUBLE = CONTRACT.errors["internal"]

Disk = Callable[[Path], AbstractContextManager[Path]]


def batch(name: str) -> Batch:
    return Batch(tuple(f"{name}-{number}" for number in range(3)), AT)


def is_refused(client: httpx.Client, sent: Batch) -> bool:
    """Whether it was refused, and then as the contract says."""
    answer = client.post("/api/v1/traces", json=sent.body())
    if answer.is_success:
        return False
    assert (answer.status_code, answer.json()) == (
        TROUBLE.status,
        {"error": {"code": TROUBLE.code, "message": TROUBLE.message}},
    )
    return True


def stored(client: httpx.Client) -> list[str]:
    return sorted(trace["id"] for trace in walk(client))


@pytest.mark.parametrize(
    ("disk", "strike"),
    [
        pytest.param(own_disk, full, id="a full disk"),
        pytest.param(same_disk, no_longer_file, id="a file at its largest size"),
        pytest.param(same_disk, no_longer_writable, id="files that became read-only"),
    ],
)
def test_a_write_that_the_disk_refuses_is_a_500_and_the_server_lives_on(
    tmp_path: Path, disk: Disk, strike: Strike
) -> None:
    with disk(tmp_path) as folder:
        state = folder / "state.db"
        with MockServer(state=state, limits=False, validate_answers=True) as server, connect(server) as client:
            kept = [batch("before")]
            send(client, kept[0])
            with strike(server.pid, state):
                refused = fill(client, kept)
                assert stored(client) == names(kept)
                assert client.get("/api/v1/health").is_success
                body = {"traceId": kept[0].traces[0], "evaluatorName": "accuracy", "value": 1}
                assert client.post("/api/v1/scores", json=body).status_code == TROUBLE.status
            # Room again: what was refused is sent again, and the server needs no help.
            for each in refused:
                assert not is_refused(client, each)
            assert stored(client) == names([*kept, *refused])
            assert server.control.trace(kept[0].traces[0])["scores"] == []
            assert "Traceback" not in server.log
        with MockServer(state=state, limits=False) as server, connect(server) as client:
            assert stored(client) == names([*kept, *refused])


def fill(client: httpx.Client, kept: list[Batch]) -> list[Batch]:
    """Sends until one is refused, then several at once: those that were refused. The others join `kept`."""
    refused: list[Batch] = []
    for number in range(MOST):
        one = batch(f"one-{number}")
        (refused if is_refused(client, one) else kept).append(one)
        if refused:
            break
    assert refused, "the disk never refused"
    together = [batch(f"together-{number}") for number in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for each, was_refused in zip(together, pool.map(lambda each: is_refused(client, each), together), strict=True):
            (refused if was_refused else kept).append(each)
    return refused


def names(batches: list[Batch]) -> list[str]:
    return sorted(trace for each in batches for trace in each.traces)
