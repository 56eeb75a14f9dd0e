"""`MockServer`: the mock as a process of its own, for tests in Python. It never outlives the one who started it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from twosignal_mock._command_line import ENVIRONMENT_PREFIX, client_environment
from twosignal_mock._control_client import Connection, Sandbox, SandboxControl
from twosignal_mock._ready_file import ReadyFile

START_TIMEOUT = 20.0
"""Seconds; a start takes a fraction of one, a loaded machine in CI many of those."""

_POLL = 0.01
"""Seconds between looks for the ready file."""
_GRACE = 5.0
"""Seconds to end after SIGTERM, before SIGKILL."""
_NOT_RUNNING = "the mock does not run: use `with MockServer() as mock:`, or call start()"
_SWITCHES = frozenset({"limits"})
"""Options whose value is on or off; other truths are flags."""
_LAST_LINES = 20
"""Of the server's output, shown when it does not start."""


class MockOptions(TypedDict, total=False):
    """The options of `twosignal-mock serve`, by their names there; what is left out is as that command has it."""

    host: str
    state: str | Path
    contract: str | Path | Sequence[str | Path]
    api: str
    """Names separated by commas."""
    api_key: str
    plan: str
    limits: bool
    lag: int | str
    """A time with its unit (`2s`, `500ms`); a number alone is milliseconds."""
    latency: int | str
    """As `lag`; or two times, such as `50..200ms`."""
    clock: str
    """`real`, an ISO 8601 instant (frozen there), or `from:` and an instant (running from there)."""
    seed: int
    dialect: Mapping[str, str]
    """Name to value."""
    webhooks: str
    judge_url: str
    judge_key: str
    control_token: str
    sample: int
    any_key: bool
    validate_answers: bool
    journal_size: int
    log_format: str
    no_cors: bool


class MockServerError(Exception):
    """The server did not start; the text holds what it printed."""


class MockServer:
    """A mock on a free port, from `with` (or `start`) to its end (or `stop`).

    `MockServer(seed=1, plan="free", clock="2026-01-31T12:00:00Z")`; `arguments` join the command line as they are.
    Variables TWOSIGNAL_MOCK_* of the surroundings do not count: a test has the same server on every machine. A fork of
    the process that started it may use it, and ends nothing.
    """

    def __init__(
        self, *, arguments: Sequence[str] = (), start_timeout: float = START_TIMEOUT, **options: Unpack[MockOptions]
    ) -> None:
        self._arguments = [*_command_line(options), *arguments]
        self._start_timeout = start_timeout
        self._token: str | None = options.get("control_token")
        self._folder: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[[subprocess.Popen[bytes], str, int], MockServer] | None = None
        self._ready: dict[str, Any] = {}
        self._connection: Connection | None = None

    @property
    def url(self) -> str:
        """The base URL of the API: scheme, address and port."""
        return str(self._ready_value("url"))

    @property
    def api_key(self) -> str:
        """The API key of the sandbox that the server starts with."""
        return str(self._ready_value("api_key"))

    @property
    def email(self) -> str:
        """The user of that sandbox."""
        return str(self._ready_value("email"))

    @property
    def password(self) -> str:
        """The user's password."""
        return str(self._ready_value("password"))

    @property
    def pid(self) -> int:
        """The number of the server's process."""
        return int(self._ready_value("pid"))

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which clients find the start sandbox."""
        return client_environment(self.url, self.api_key)

    @property
    def control(self) -> SandboxControl:
        """Moves and reads the sandbox that the server starts with."""
        return SandboxControl(self._opened())

    @property
    def log(self) -> str:
        """What the server printed so far."""
        if self._folder is None:
            return ""
        return Path(self._folder, "log").read_text(encoding="utf-8", errors="replace")

    def sandbox(
        self, name: str | None = None, *, plan: str | None = None, api_key: str | None = None, sample: int | None = None
    ) -> Sandbox:
        """A fresh sandbox; `with mock.sandbox() as sandbox:` drops it at the end. Names need not be unique."""
        wanted = {"name": name, "plan": plan, "api_key": api_key, "sample": sample}
        body = {key: value for key, value in wanted.items() if value is not None}
        return Sandbox(self.url, self._opened().call_server("POST", "/sandboxes", body), token=self._token)

    def start(self) -> Self:
        """Start the process and wait until it serves; raises MockServerError with its last output."""
        if self._process is not None:
            raise MockServerError("this MockServer runs already: make another one, or stop it first")
        self._folder = tempfile.mkdtemp(prefix="twosignal-mock-")
        ready = Path(self._folder, "ready.json")
        command = [sys.executable, "-m", "twosignal_mock", "serve", "--port", "0", "--ready-file", str(ready)]
        command.append("--exit-with-parent")  # a test run that is killed runs nothing at its end
        with Path(self._folder, "log").open("wb") as log:
            # A file and no pipe: nobody reads while a test runs, and a full pipe would stop the server.
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*command, *self._arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_surroundings()
            )
        # Also when nobody calls `stop`: at the end of the interpreter, or when this object goes.
        self._end = weakref.finalize(self, _finish, self._process, self._folder, os.getpid())
        try:
            self._ready = self._wait(self._process, ready)
            self._connection = Connection(self.url, token=self._token)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the process and wait for it; does nothing when it does not run."""
        if self._connection is not None:
            self._connection.close()
        if self._end is not None:
            self._end()
        self._connection = self._process = self._end = self._folder = None
        self._ready = {}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait(self, process: subprocess.Popen[bytes], ready: Path) -> dict[str, Any]:
        deadline = time.monotonic() + self._start_timeout
        while time.monotonic() < deadline:
            record = ReadyFile(ready).read()
            if record is not None:
                return record
            if process.poll() is not None:
                raise MockServerError(f"the mock ended with exit code {process.returncode}:\n{self._last_lines()}")
            time.sleep(_POLL)
        raise MockServerError(f"the mock did not serve within {self._start_timeout} s:\n{self._last_lines()}")

    def _last_lines(self) -> str:
        return "\n".join(self.log.splitlines()[-_LAST_LINES:]) or "(it printed nothing)"

    def _opened(self) -> Connection:
        if self._connection is None:
            raise MockServerError(_NOT_RUNNING)
        return self._connection

    def _ready_value(self, name: str) -> Any:
        if not self._ready:
            raise MockServerError(_NOT_RUNNING)
        return self._ready[name]


def _finish(process: subprocess.Popen[bytes], folder: str, owner: int) -> None:
    """End a process, whatever it takes, and collect it; does nothing in a fork of the one who started it."""
    if os.getpid() != owner:
        return
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _surroundings() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def _command_line(options: Mapping[str, Any]) -> list[str]:
    return [word for name, value in options.items() for word in _words(name, value)]


def _words(name: str, value: Any) -> Iterator[str]:
    option = "--" + name.replace("_", "-")
    if name in _SWITCHES:
        yield from (option, "on" if value else "off")
    elif value is True:
        yield option
    elif isinstance(value, Mapping):
        for point, chosen in value.items():
            yield from (option, f"{point}={chosen}")
    elif isinstance(value, list | tuple):
        for item in value:
            yield from (option, str(item))
    elif value is not None and value is not False:
        yield from (option, str(value))
