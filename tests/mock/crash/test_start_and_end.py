"""How a server says that it serves, and that it does so no longer: the ready file, `wait`, and the end of its parent.

Also paths that cannot be used: each is one line, whatever is wrong with it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

MOCK = [sys.executable, "-m", "twosignal_mock"]
SERVE = [*MOCK, "serve", "--port", "0"]
USAGE, UNUSABLE, NOT_READY = 2, 3, 5
"""Exit codes of mock/README.md."""
PATIENCE = 20
"""Seconds until something has happened, however loaded the machine is."""
STALE = {"url": "http://127.0.0.1:1", "api_key": "ts_of_the_one_before", "pid": 1}


def run(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MOCK, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def process(words: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as started:
        try:
            yield started
        finally:
            started.kill()


# --- the ready file ---


def test_an_older_ready_file_is_gone_when_the_server_does_not_start(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    for words in (["--plan", "gold"], ["--contract", str(tmp_path / "none.yaml")], ["--host", "192.0.2.1"]):
        ready.write_text(json.dumps(STALE), encoding="utf-8")
        assert run("serve", "--port", "0", "--ready-file", str(ready), *words).returncode != 0
        assert not ready.exists(), words


def test_who_sees_the_ready_file_sees_all_of_it_and_a_server_that_serves(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text(json.dumps(STALE), encoding="utf-8")
    with process([*SERVE, "--ready-file", str(ready)]):
        assert run("wait", "--ready-file", str(ready), "--timeout", str(PATIENCE)).returncode == 0
        record = json.loads(ready.read_text(encoding="utf-8"))
        assert record["url"] != STALE["url"]
        assert run("wait", "--url", record["url"], "--timeout", "0").returncode == 0
        assert [file.name for file in tmp_path.iterdir()] == ["ready.json"]


def test_a_server_leaves_the_ready_file_of_another(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with process([*SERVE, "--ready-file", str(ready)]) as first:
        assert run("wait", "--ready-file", str(ready), "--timeout", str(PATIENCE)).returncode == 0
        ready.write_text(json.dumps(STALE), encoding="utf-8")
        first.terminate()
        assert first.wait(PATIENCE) == 0
    assert json.loads(ready.read_text(encoding="utf-8")) == STALE


@pytest.mark.parametrize("place", ["missing/ready.json", "folder", "/dev/null", "~nosuchuser/ready.json"])
def test_a_ready_file_that_cannot_be_written_is_one_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    done = run("serve", "--port", "0", "--ready-file", place, folder=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (USAGE, 1), done.stderr
    assert "--ready-file" in done.stderr
    assert place in done.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]
    assert Path("/dev/null").is_char_device()


# --- wait ---


@pytest.mark.parametrize(
    "content",
    [None, "", "{", "null", "[]", '{"pid": 1}', json.dumps(STALE), json.dumps(STALE | {"url": "nowhere"})],
    ids=["missing", "empty", "half", "null", "list", "other", "stale", "odd"],
)
def test_waiting_for_a_server_that_does_not_come_ends(tmp_path: Path, content: str | None) -> None:
    """Whatever the file holds: who waits in a script is told, and does not wait for ever."""
    ready = tmp_path / "ready.json"
    if content is not None:
        ready.write_text(content, encoding="utf-8")
    done = run("wait", "--ready-file", str(ready), "--timeout", "0.2")
    assert (done.returncode, done.stderr.count("\n")) == (NOT_READY, 1), done.stderr
    assert str(ready) in done.stderr


# --- paths ---


@pytest.mark.parametrize(
    ("option", "path", "code"),
    [
        ("--state", ":memory:", UNUSABLE),
        ("--state", "a" * 400, UNUSABLE),
        ("--state", "~nosuchuser/state.db", USAGE),
        ("--contract", "~nosuchuser/openapi.yaml", USAGE),
        ("--contract", "a" * 400, UNUSABLE),
    ],
)
def test_a_path_that_cannot_be_used_is_one_line(option: str, path: str, code: int, tmp_path: Path) -> None:
    done = run("serve", "--port", "0", option, path, folder=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert path in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there no process can lose its working directory")
@pytest.mark.parametrize("option", ["--state", "--ready-file", "--contract"])
def test_a_path_in_a_working_directory_that_was_deleted_is_one_line(option: str, tmp_path: Path) -> None:
    command = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    words = ["sh", "-c", command, "sh", *SERVE, option, "file"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (USAGE, UNUSABLE), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "file" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there no process can lose its working directory")
def test_a_server_in_a_working_directory_that_was_deleted_serves(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    with process(["sh", "-c", f"cd {tmp_path}; {command}", "sh", *SERVE, "--ready-file", str(ready)]):
        assert run("wait", "--ready-file", str(ready), "--timeout", str(PATIENCE)).returncode == 0


# --- the end of the parent ---

PARENT = """
import subprocess, sys, time
subprocess.Popen(sys.argv[1:])
time.sleep(600)
"""
LIBRARY = """
import pathlib, sys, time
from twosignal_mock import MockServer
mock = MockServer().start()
beside = pathlib.Path(sys.argv[1] + ".part")
beside.write_text(str(mock.pid))
beside.rename(sys.argv[1])
time.sleep(600)
"""


def gone(pid: int) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="there a process keeps the number of its parent")
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_ends_with_its_parent_when_told_so(tmp_path: Path, sign: signal.Signals) -> None:
    ready = tmp_path / "ready.json"
    words = [*SERVE, "--ready-file", str(ready), "--exit-with-parent"]
    with process([sys.executable, "-c", PARENT, *words]) as parent:
        assert run("wait", "--ready-file", str(ready), "--timeout", str(PATIENCE)).returncode == 0
        pid = json.loads(ready.read_text(encoding="utf-8"))["pid"]
        time.sleep(0.5)  # it looks every fifth of a second: while the parent lives, the server does
        assert run("wait", "--ready-file", str(ready), "--timeout", "0").returncode == 0
        parent.send_signal(sign)
    assert gone(pid)
    assert not ready.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there a process keeps the number of its parent")
def test_a_mock_server_ends_with_a_test_run_that_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    with process([sys.executable, "-c", LIBRARY, str(told)]):
        until = time.monotonic() + PATIENCE
        while not told.exists():
            assert time.monotonic() < until
            time.sleep(0.05)
    assert gone(int(told.read_text(encoding="utf-8")))


def test_a_server_that_is_not_told_so_stays_when_its_parent_ends(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with process([sys.executable, "-c", PARENT, *SERVE, "--ready-file", str(ready)]):
        assert run("wait", "--ready-file", str(ready), "--timeout", str(PATIENCE)).returncode == 0
    pid = json.loads(ready.read_text(encoding="utf-8"))["pid"]
    time.sleep(0.5)
    try:
        assert run("wait", "--ready-file", str(ready), "--timeout", "0").returncode == 0
    finally:
        os.kill(pid, signal.SIGTERM)
    assert gone(pid)
