"""Starts the mock, as a process of its own, when none was named; one for each set of dialects that is asked for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from twosignal_contract import Contract

from twosignal_conformance.clients._control import Control, ControlError

EXECUTABLE = "twosignal-mock"

TOKEN_VARIABLE = "TWOSIGNAL_MOCK_CONTROL_TOKEN"  # noqa: S105 - a name
"""The variable by which the mock takes its control token; a mock that was named is asked with it."""

_PATIENCE = 20.0
"""Seconds until a mock that was started must serve; it takes less than one."""
_POLL = 0.02
"""Seconds between two looks for its ready-file."""
_STOP = 5.0
"""Seconds until a mock that does not end is killed."""
_JOURNAL = 20_000
"""Requests that it keeps of each sandbox: enough for a client that sends every item by itself."""


class Mocks:
    """Mocks of our own, or the one that was named. Each set of dialects has a process, started when it is needed."""

    def __init__(self, url: str | None, token: str | None, contract: Path | None, seed: int) -> None:
        self.own = url is None
        self._given = None if url is None else Control(url, token or os.environ.get(TOKEN_VARIABLE))
        self._contract = contract
        self._seed = seed
        self._lock = threading.Lock()
        self._started: dict[frozenset[tuple[str, str]], Control] = {}
        self._ending = ExitStack()

    def __enter__(self) -> Mocks:
        if self._given is not None:
            self._given.require_mock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.close()
        if self._given is not None:
            self._given.close()

    @property
    def described(self) -> str:
        """What the client talks to, for people."""
        return "a mock of its own" if self._given is None else self._given.url

    @property
    def running(self) -> tuple[Control, ...]:
        """Those that were started."""
        return tuple(self._started.values())

    def require(self, contract: Contract) -> Control:
        """The mock without dialects. ControlError when there is none, or when it obeys another contract."""
        control = self.speaking({})
        if control is None or control.contract_digest() != contract.sha256:
            raise ControlError(f"{self.described} obeys another contract than {contract.path}; name that by --contract")
        return control

    def speaking(self, dialects: Mapping[str, str]) -> Control | None:
        """The mock that speaks these dialects; None when one was named and would have to be started with them."""
        if self._given is not None:
            return None if dialects else self._given
        key = frozenset(dialects.items())
        with self._lock:
            if key not in self._started:
                self._started[key] = self._start(dialects)
            return self._started[key]

    def _start(self, dialects: Mapping[str, str]) -> Control:
        folder = Path(self._ending.enter_context(tempfile.TemporaryDirectory(prefix="twosignal-conformance-")))
        ready, log = folder / "ready.json", folder / "log"
        command = [_executable(), "serve", "--port", "0", "--ready-file", str(ready), "--seed", str(self._seed)]
        command += ["--journal-size", str(_JOURNAL)]
        if self._contract is not None:
            command += ["--contract", str(self._contract)]
        for name, value in dialects.items():
            command += ["--dialect", f"{name}={value}"]
        # No variable of the user's may change what a client meets.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TWOSIGNAL_")}
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own mock
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,  # Ctrl-C reaches the judge alone, which ends the mock when everything is read
            )
        self._ending.callback(_end, process)
        control = Control(_address(process, ready, log))
        self._ending.callback(control.close)
        return control


def _executable() -> str:
    """The mock's command: the one beside this Python, else the first on the path."""
    beside = Path(sys.executable).with_name(EXECUTABLE)
    found = str(beside) if beside.exists() else shutil.which(EXECUTABLE)
    if found is None:
        raise ControlError(f"{EXECUTABLE} is not installed: pip install twosignal-contract, or name a mock with --mock")
    return found


def _address(process: subprocess.Popen[bytes], ready: Path, log: Path) -> str:
    """Where it serves, once it does."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if ready.exists():
            try:
                return str(json.loads(ready.read_text(encoding="utf-8"))["url"])
            except ValueError:
                pass  # only half of it is written yet
        time.sleep(_POLL)
    said = log.read_text(encoding="utf-8", errors="replace").strip()[-500:]
    raise ControlError(f"{EXECUTABLE} did not start: {said or 'it said nothing'}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
