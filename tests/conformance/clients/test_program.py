"""The command under test as a process: what it gets, what is kept of it, and that nothing of it stays."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from twosignal_conformance.clients import OUTPUT_LIMIT, Ended, Programs

LONG = 60.0
"""Seconds that no test here waits for."""


def run(code: str, message: Any = None, limit: float = LONG, **environment: str) -> Ended:
    """Runs a piece of Python as the command."""
    return Programs([sys.executable, "-c", code]).run(message, environment, limit)


def gone(pid: int) -> bool:
    """True when a process has ended, or will never run again."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] == "Z"
    except OSError:
        return True


def within(seconds: float, pid: int) -> bool:
    """True when a process ends within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not gone(pid):
        time.sleep(0.02)
    return gone(pid)


def test_it_gets_the_scenario_and_the_environment() -> None:
    code = "import json,os,sys; print(json.dumps({'results': [json.load(sys.stdin), os.environ['TWOSIGNAL_API_KEY']]}))"
    ended = run(code, {"name": "ä"}, TWOSIGNAL_API_KEY="ts_key")
    assert (ended.code, ended.results) == (0, [{"name": "ä"}, "ts_key"])


def test_a_scenario_larger_than_a_pipe_arrives_whole() -> None:
    ended = run("import sys; print(len(sys.stdin.read()))", {"input": "x" * 12_000_000})
    assert int(ended.output) > 12_000_000


@pytest.mark.parametrize(
    ("output", "results"),
    [
        ('{"results": [1]}', [1]),
        ('starting...\\n{"results": [{"ids": []}]}\\n', [{"ids": []}]),
        ('{"results": [1]}\\n{"results": [2]}\\nbye', [2]),
        ("", None),
        ("{}", None),
        ('{"results": 3}', None),
        ("[1, 2", None),
    ],
)
def test_results_are_the_last_line_that_is_some(output: str, results: list[Any] | None) -> None:
    assert run(f"print('''{output}''')").results == results


def test_a_command_that_reads_nothing_is_no_error() -> None:
    assert run("raise SystemExit(64)", {"input": "x" * 1_000_000}).code == 64


def test_it_is_ended_when_its_time_is_over_and_all_that_it_started_too() -> None:
    code = (
        "import subprocess,sys,time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)']);"
        "print(child.pid, flush=True); time.sleep(99)"
    )
    ended = run(code, limit=1.0)
    assert ended.code is None
    assert ended.seconds < LONG / 2
    assert within(5, int(ended.output))


def test_a_child_that_outlives_it_is_ended() -> None:
    code = (
        "import subprocess,sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)']);"
        "print(child.pid)"
    )
    ended = run(code)
    assert ended.code == 0
    assert ended.seconds < LONG / 2
    assert within(5, int(ended.output))


def test_of_endless_output_a_bounded_part_is_kept() -> None:
    ended = run(f"import sys; sys.stdout.write('x' * {OUTPUT_LIMIT * 2}); sys.stderr.write('the end')")
    assert (ended.code, len(ended.output), ended.said) == (0, OUTPUT_LIMIT, "the end")


NODE = """\
node:internal/modules/cjs/loader:1143
  throw err;
  ^

Error: Cannot find module '/x/runner.js'
    at Module._load (node:internal/modules/cjs/loader:985:27) {
  code: 'MODULE_NOT_FOUND'
}

Node.js v20.11.0
"""
MODULE = """\
file:///x/runner.mjs:3
throw new TypeError('no key');
      ^

TypeError: no key
    at x

Node.js v22.1.0
"""
PYTHON = """\
Traceback (most recent call last):
  File "x.py", line 1, in <module>
KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
ModuleNotFoundError: no twosignal
"""
GO = "panic: no key\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:5\nexit status 2\n"
JAVA = 'Exception in thread "main" java.lang.IllegalStateException: no key\n\tat Runner.main(Runner.java:3)\n'
RUST = "thread 'main' panicked at src/main.rs:2:5:\nno key\nnote: run with `RUST_BACKTRACE=1`\n"
NPM = "npm ERR! code ENOENT\nnpm ERR! syscall open\n\nnpm ERR! A log is in /x\nbye\n"

CRASHES = {
    "node": (NODE, "Error: Cannot find module '/x/runner.js'"),
    "a module of node": (MODULE, "TypeError: no key"),
    "python": (PYTHON, "ModuleNotFoundError: no twosignal"),
    "go": (GO, "panic: no key"),
    "java": (JAVA, 'Exception in thread "main" java.lang.IllegalStateException: no key'),
    "rust": (RUST, "thread 'main' panicked at src/main.rs:2:5:"),
    "npm": (NPM, "npm ERR! code ENOENT"),
    "a shell": ("starting\nsh: 1: runner: not found\n", "sh: 1: runner: not found"),
    "blank lines": ("it broke\n\n   \n", "it broke"),
    "nothing": ("", ""),
}
"""What commands print when they crash, with the line that says why."""


@pytest.mark.parametrize(("text", "said"), CRASHES.values(), ids=CRASHES)
def test_a_crash_is_told_by_the_line_that_names_it(text: str, said: str) -> None:
    assert Ended(1, "before\n" if text else "", text, 0.1).said == said
    assert Ended(1, text, "", 0.1).said == said


def test_what_runs_is_ended_at_once_when_all_is_stopped() -> None:
    programs = Programs([sys.executable, "-c", "import time; time.sleep(99)"])
    found: list[Ended] = []
    thread = threading.Thread(target=lambda: found.append(programs.run({}, {}, LONG)))
    thread.start()
    while not programs.running:
        time.sleep(0.01)
    programs.stop()
    thread.join(LONG / 2)
    assert [ended.code for ended in found] == [-signal.SIGKILL]
    assert programs.stopped()


def test_what_cannot_be_started_is_told() -> None:
    with pytest.raises(OSError, match="nowhere"):
        Programs(["./nowhere"]).run({}, {}, LONG)


def test_the_environment_of_the_judge_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING_OF_THE_USER", "there")
    assert json.loads(run("import json,os; print(json.dumps(dict(os.environ)))").output)["SOMETHING_OF_THE_USER"]
    assert os.environ["SOMETHING_OF_THE_USER"] == "there"
