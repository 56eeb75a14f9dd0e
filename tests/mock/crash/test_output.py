"""What the server writes beside its state, its log and its ready file, where that cannot be written."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from twosignal_mock import MockServer

PATIENCE = 20
"""Seconds; lines are in the log within a tenth of one."""
COMMAND = [sys.executable, "-m", "twosignal_mock", "serve", "--port", "0"]


def ask(server: MockServer, path: str) -> bool:
    return httpx.get(f"{server.url}/api/v1/health?{path}", trust_env=False).is_success


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process can be set on Linux only")
def test_a_log_that_cannot_be_written_stops_nobody_and_goes_on_when_it_can() -> None:
    import resource

    with MockServer() as server:
        start = len(server.log)
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, before[1]))
        for _ in range(3):
            assert ask(server, "unwritten")
            time.sleep(0.1)  # so that each is a line written by itself
        assert len(server.log) == start
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)
        deadline = time.monotonic() + PATIENCE
        while "GET /api/v1/health?written 200" not in server.log:
            assert time.monotonic() < deadline, "the log never came back"
            assert ask(server, "written")
            time.sleep(0.05)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_server_whose_output_goes_nowhere_serves(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with Path("/dev/full").open("wb") as nowhere:
        process = subprocess.Popen(
            [*COMMAND, "--ready-file", str(ready)], stdout=nowhere, stderr=subprocess.PIPE, text=True
        )
    with process:
        try:
            deadline = time.monotonic() + PATIENCE
            while not ready.exists():
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < deadline
                time.sleep(0.02)
        finally:
            process.terminate()
