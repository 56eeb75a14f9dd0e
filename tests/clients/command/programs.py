"""The `twosignal` command as tests run it: inside this process where only its output counts, else as a process."""

from __future__ import annotations

import gc
import io
import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

FOLDER = Path(__file__).parents[3] / "generated_clients" / "command"
CONTRACT = FOLDER.parents[1] / "contracts" / "dashboard.openapi.yaml"
COMMAND = (sys.executable, "-W", "error", "-m", "twosignal_command")
NOWHERE = Path()
_IN_ITS_TERMINAL = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from twosignal_command._program import main
main()
"""
"""The command as the owner of its terminal, so that Ctrl-C there reaches it."""
_TIME = 30.0
"""Seconds until a process must have said or done what is waited for."""


@dataclass
class Done:
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON; it must have succeeded."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def text(self) -> str:
        """What it printed; it must have succeeded."""
        assert self.code == 0, self.err
        return self.out


@dataclass
class Program:
    """The command with a home of its own and no variables but these."""

    home: Path
    """HOME; with NOWHERE there is none."""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """All variables of a process."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "COVERAGE_PROCESS_START") if name in os.environ}
        home = {} if self.home == NOWHERE else {"HOME": str(self.home)}
        return {"PYTHONPATH": str(FOLDER), **home, **kept, **self.variables}

    @property
    def session_file(self) -> Path:
        """Where the session is."""
        return self.home / ".twosignal" / "session.json"

    @property
    def configuration_file(self) -> Path:
        """Where the address is."""
        return self.home / ".twosignal" / "config.json"

    @property
    def session(self) -> dict[str, Any]:
        """What the session file holds."""
        found: dict[str, Any] = json.loads(self.session_file.read_text(encoding="utf-8"))
        return found

    def change_session(self, **fields: Any) -> None:
        """Writes the session file with other values."""
        self.session_file.write_text(json.dumps({**self.session, **fields}), encoding="utf-8")

    def with_variables(self, **variables: str) -> Program:
        """The same with more variables."""
        return Program(self.home, {**self.variables, **variables})

    def run(self, *arguments: str, stdin: str = "") -> Done:
        """Runs a command line in this process. No stream is a terminal."""
        from twosignal_command._program import main

        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        streams = mock.patch.multiple(
            sys, argv=["twosignal", *arguments], stdin=io.StringIO(stdin), stdout=out, stderr=err
        )
        with mock.patch.dict(os.environ, self.environment, clear=True), streams:
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
        out.seek(0)
        err.seek(0)
        return Done(code, out.read(), err.read())

    def start(self, *arguments: str, **settings: Any) -> subprocess.Popen[bytes]:
        """A process."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*COMMAND, *arguments], env=self.environment, **{**pipes, **settings})

    def process(self, *arguments: str, **settings: Any) -> Done:
        """A process that has ended."""
        process = self.start(*arguments, **settings)
        out, err = process.communicate(timeout=_TIME)
        return Done(process.returncode, (out or b"").decode(), (err or b"").decode())

    @contextmanager
    def terminal(self, *arguments: str, columns: int = 80, stdout: Any = None) -> Iterator[Terminal]:
        """A process in a terminal of its own."""
        controller, end = pty.openpty()
        termios.tcsetwinsize(end, (24, columns))
        environment = {**self.environment, "TERM": "xterm-256color"}
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _IN_ITS_TERMINAL, *arguments], env=environment, stdin=end,
            stdout=stdout or end, stderr=end, start_new_session=True,
        )  # fmt: skip
        os.close(end)
        try:
            yield Terminal(process, controller)
        finally:
            process.kill()
            process.wait()
            os.close(controller)


class Terminal:
    """What somebody sees and types."""

    def __init__(self, process: subprocess.Popen[bytes], controller: int) -> None:
        self._process = process
        self._controller = controller
        self.seen = ""

    def wait_for(self, text: str) -> None:
        """Reads until a text has come."""
        end = time.monotonic() + _TIME
        while text not in self.seen:
            more = time.monotonic() < end and self._read()
            assert more, f"{text!r} did not come: {self.seen!r}"

    def type(self, text: str) -> None:
        """Types; the character 3 is Ctrl-C."""
        os.write(self._controller, text.encode())

    def end(self) -> int:
        """Reads on to the end; the exit code."""
        while self._read():
            pass
        return self._process.wait(_TIME)

    def _read(self) -> bool:
        """Reads what is there; False at the end."""
        if not select.select([self._controller], [], [], _TIME)[0]:
            return False
        try:
            part = os.read(self._controller, 65536)
        except OSError:  # how Linux says that the other side is closed
            return False
        self.seen += part.decode()
        return bool(part)


def sweep(case: str) -> None:
    """Before a case that goes as deep as Python can: what earlier tests left would be collected down there."""
    if case == "deep":
        gc.collect()


def shell(program: Program, script: str, folder: Path, **variables: str) -> Done:
    """A script under `bash -euo pipefail`, in which `twosignal` is our command and `python` is this Python."""
    binaries = folder / "bin"
    if not binaries.is_dir():
        binaries.mkdir()
        (binaries / "twosignal").write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n', encoding="utf-8")
        (binaries / "twosignal").chmod(0o755)
        (binaries / "python").symlink_to(sys.executable)
    environment: Mapping[str, str] = {
        **program.environment, "PATH": f"{binaries}:{program.environment['PATH']}", **variables,
    }  # fmt: skip
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=_TIME, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)
