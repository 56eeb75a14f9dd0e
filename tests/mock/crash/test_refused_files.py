"""State files that `serve` does not take: one line with the file and what to do, exit code 3, the file untouched."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from twosignal_mock import MockServer
from twosignal_mock._command_line import UNUSABLE

from tests.mock.crash.trouble import read_only


def serve(state: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "twosignal_mock", "serve", "--port", "0", "--state", str(state)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def assert_refused(done: subprocess.CompletedProcess[str], state: Path, *words: str) -> None:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (UNUSABLE, "", 1), done.stderr
    for word in (str(state), *words):
        assert word in done.stderr


def test_a_second_process_is_refused_and_the_first_serves_on(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with MockServer(state=state) as server:
        assert_refused(serve(state), state, "in use by another process", "name another file with --state")
        assert server.control.journal() == []
        os.kill(server.pid, signal.SIGKILL)
    # The dead hold nothing.
    with MockServer(state=state) as server:
        assert server.control.journal() == []


def _text(state: Path) -> None:
    state.write_text("some notes of somebody, longer than the head of a database " * 20, encoding="utf-8")


def _other_program(state: Path) -> None:
    with sqlite3.connect(state) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()


def _change(state: Path, statement: str) -> None:
    with MockServer(state=state):
        pass
    with sqlite3.connect(state) as connection:
        connection.execute(statement)
    connection.close()


def _newer_build(state: Path) -> None:
    _change(state, "INSERT INTO migration (part, number, digest, build) VALUES ('rest', 99, 'of a script', '9.8.7')")


def _unnumbered_build(state: Path) -> None:
    _change(state, "PRAGMA user_version = 1234567")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(_text, ("file is not a database", "name another file"), id="a file that is no database"),
        pytest.param(_other_program, ("of another program", "name another file"), id="another program's database"),
        pytest.param(_newer_build, ("another version of twosignal-mock, 9.8.7", "name a new file"), id="a newer build"),
        pytest.param(_unnumbered_build, ("another version of twosignal-mock", "name a new file"), id="an older build"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_left_alone(
    tmp_path: Path, make: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    state = tmp_path / "state.db"
    make(state)
    before = state.read_bytes()
    assert_refused(serve(state), state, *words)
    assert state.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]


def test_a_file_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with MockServer(state=state):
        pass
    with read_only(state):
        assert_refused(serve(state), state, "read-only", "name another file with --state")
