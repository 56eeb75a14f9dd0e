"""A server as a process: started, awaited, looked at through /proc, ended."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_READY_TIMEOUT = 120.0
"""Seconds; a JVM on a busy machine takes ten."""
_POLL = 0.004
"""Seconds between two questions whether it serves: fine beside starts of a tenth of a second and more."""
_END_TIMEOUT = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")
_LAST = 2000
"""Characters of output that are shown of a server which did not start."""


class ServerError(Exception):
    """A server did not start or ended by itself; the text holds its last output."""


class Server:
    """A process that serves HTTP on a port of loopback, from `with` to its end."""

    def __init__(
        self, command: Sequence[str], port: int, health: str, *, log: Path, environment: Mapping[str, str], folder: Path
    ) -> None:
        self._command, self._port, self._health = command, port, health
        self._log, self._environment, self._folder = log, environment, folder
        self.url = f"http://127.0.0.1:{port}"
        self.ready_after = 0.0
        """Seconds from the start of the process to the first answer."""

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - of the table of subjects
                self._command,
                cwd=self._folder,
                env=os.environ | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait(begun)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def pause(self) -> None:
        """Stop it where it is: a server that only waits may still have timers, and takes no time from another one."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """Processor time that it has used so far, with all its processes and threads."""
        return sum(_ticks(process) for process in self._processes()) / _TICKS

    def resident_bytes(self) -> int:
        """Memory that it holds now, with all its processes."""
        return sum(_resident(process) for process in self._processes())

    def _wait(self, begun: float) -> None:
        while time.monotonic() - begun < _READY_TIMEOUT:
            if self._answers():
                self.ready_after = time.monotonic() - begun
                return
            if self._process.poll() is not None:
                raise ServerError(f"it ended with {self._process.returncode}:\n{self._last_output()}")
            time.sleep(_POLL)
        raise ServerError(f"it did not serve within {_READY_TIMEOUT:.0f} s:\n{self._last_output()}")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", self._health)
            return connection.getresponse().status < http.HTTPStatus.BAD_REQUEST
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _end(self) -> None:
        """Ends the whole session that it began: starters written for Node leave the Java they started behind."""
        for ending in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, ending)
                os.killpg(self._process.pid, signal.SIGCONT)  # one that is paused would not hear of its end
            except ProcessLookupError:
                break
            try:
                self._process.wait(_END_TIMEOUT)
                if ending is signal.SIGTERM and not self._group_lives():
                    break
            except subprocess.TimeoutExpired:
                continue

    def _group_lives(self) -> bool:
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _processes(self) -> Iterator[Path]:
        """The process and all that descend from it, as folders of /proc."""
        waiting = [self._process.pid]
        while waiting:
            process = Path(f"/proc/{waiting.pop()}")
            try:
                for task in (process / "task").iterdir():
                    waiting += [int(child) for child in (task / "children").read_text().split()]
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield process

    def _last_output(self) -> str:
        return self._log.read_text("utf-8", errors="replace")[-_LAST:].strip() or "(it printed nothing)"


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ticks(process: Path) -> int:
    """User and system time of a process, ended children included, in ticks; see proc(5), fields 14 to 17."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(field) for field in fields[11:15])


def _resident(process: Path) -> int:
    try:
        return int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0
