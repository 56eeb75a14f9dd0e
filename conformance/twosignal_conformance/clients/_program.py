"""The command under test as a process: input, environment, time limit, bounded output, and its end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

Json = Any

NOT_SUPPORTED = 64
"""Exit code by which a command says that it cannot do a scenario: EX_USAGE of sysexits.h."""

OUTPUT_LIMIT = 8 * 1024 * 1024
"""Bytes of standard output and of standard error that are read; the rest is thrown away."""

_CHUNK = 64 * 1024
_LOOK = 0.5
"""Seconds between two looks at how much a command has sent."""
_LINGER = 2.0
"""Seconds for the pipes of a command that ended; a grandchild may hold them open for ever."""


_ERROR = re.compile(
    r"(?i:fatal|panic|error|npm error)\b|npm ERR! |Uncaught |Exception in thread |thread '.*' panicked"
    r"|[\w.$]*(?:Error|Exception)\b"
)
"""How a line that names an error begins, in the languages that clients are written in."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the command ended."""

    code: int | None
    """Its exit code; None when it was killed, because its time was over; negative when a signal ended it."""
    output: str
    complaint: str
    """Its standard error."""
    seconds: float
    stray: bool = False
    """True when it was killed because it had sent too much."""

    @property
    def results(self) -> list[Json] | None:
        """The results that it printed; None when it printed none, which it need not."""
        for line in reversed(self.output.strip().splitlines()):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and isinstance(row.get("results"), list):
                found: list[Json] = row["results"]
                return found
        return None

    @property
    def said(self) -> str:
        """The line of its standard error, else of its output, that names the error; the last one when none does.

        Of several it is the last line of all, as of Python, or else the first: Node ends with its version, Go with an
        exit status.
        """
        lines = [line for line in self.printed.splitlines() if line.strip()]
        named = [line for line in lines if _ERROR.match(line)]
        if not named or named[-1] == lines[-1]:
            return lines[-1] if lines else ""
        return named[0]

    @property
    def printed(self) -> str:
        """Its standard error, or else its output."""
        return self.complaint if self.complaint.strip() else self.output


class Programs:
    """Runs one command, in several threads at once."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = threading.Event()

    @property
    def running(self) -> int:
        """How many run now."""
        return len(self._running)

    def stopped(self) -> bool:
        """True when nothing may start any more."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End all that run, and start no more."""
        with self._lock:
            self._stopped.set()
            for process in self._running:
                _kill(process)

    def run(
        self, message: Json, environment: Mapping[str, str], limit: float, stray: Callable[[], bool] = lambda: False
    ) -> Ended:
        """Run the command with a scenario, and end whatever it started. OSError when it cannot start.

        It is killed after `limit` seconds, or when `stray`, which is asked now and then, says that it sent too much.
        """
        with self._lock:
            if self.stopped():
                return Ended(None, "", "", 0.0)
            process = _start(self._command, environment)
            self._running.add(process)
        try:
            return _attend(process, message, limit, stray)
        finally:
            with self._lock:
                self._running.discard(process)


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - it is what the user asks us to run
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        start_new_session=True,
    )


def _attend(process: subprocess.Popen[bytes], message: Json, limit: float, stray: Callable[[], bool]) -> Ended:
    began = time.monotonic()
    kept = bytearray(), bytearray()
    work = (
        (_write, process.stdin, json.dumps(message).encode()),
        (_read, process.stdout, kept[0]),
        (_read, process.stderr, kept[1]),
    )
    threads = [threading.Thread(target=task, args=rest, daemon=True) for task, *rest in work]
    for thread in threads:
        thread.start()
    code, strayed = None, False
    try:
        while code is None and not strayed and (left := began + limit - time.monotonic()) > 0:
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(min(_LOOK, left))
            strayed = code is None and stray()
    finally:
        _kill(process)
        for thread in threads:
            thread.join(_LINGER)
    texts = [bytes(part).decode("utf-8", "replace") for part in kept]
    return Ended(code, texts[0], texts[1], time.monotonic() - began, strayed)


def _write(pipe: IO[bytes], content: bytes) -> None:
    # A command that does not read its input, or ends before it has, is judged by what it did.
    with suppress(OSError), pipe:
        pipe.write(content)


def _read(pipe: IO[bytes], kept: bytearray) -> None:
    with suppress(OSError, ValueError), pipe:
        while chunk := pipe.read1(_CHUNK):  # type: ignore[attr-defined]
            kept += chunk[: OUTPUT_LIMIT - len(kept)]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the whole group: a command may be a shell that started the client."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
