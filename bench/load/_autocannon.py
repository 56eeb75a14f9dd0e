"""autocannon, the second generator: another program on another runtime, so that a figure is not the first one's own.

It takes more time for a request than wrk does, so where a server answers faster than it can ask, it measures itself.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.load._outcome import LoadError, Outcome
from bench.load._request import SLOT, Request

_PATIENCE = 30.0
"""Seconds that it may take beyond what it was told."""
_SLOT = "[<id>]"
"""What it replaces by an id of its own; one id for all places of a body."""
_PERCENTILES = {"50": "p50", "90": "p90", "99": "p99", "99.9": "p99_9"}


class Autocannon:
    """The program where npm installed it; raises LoadError when it is not there."""

    name = "autocannon"

    def __init__(self, packages: Path, folder: Path, pin: Sequence[str]) -> None:
        """Takes npm's folder, a folder for its files, and the command that pins it to a core."""
        home = packages / "node_modules" / "autocannon"
        if not home.exists():
            raise LoadError("npm did not install autocannon")
        self.version = str(json.loads((home / "package.json").read_text("utf-8"))["version"])
        self._command = [*pin, "node", str(home / "autocannon.js")]
        self._body = folder / "body.json"
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, url: str, key: str, request: Request, *, seconds: float, connections: int) -> Outcome:
        """Sends one kind of request for so long (rounded up to whole seconds), and waits for each answer."""
        line = [*self._command, "--json", "--no-progress", "-c", str(connections), "-d", str(max(1, round(seconds)))]
        line += ["-m", request.method]
        for name, value in request.headers(key).items():
            line += ["-H", f"{name}={value}"]
        if request.body is not None:
            self._body.write_text(request.body.replace(SLOT, _SLOT), "utf-8")
            line += ["--idReplacement", "-i", str(self._body)]
        try:
            told = subprocess.run(  # noqa: S603 - what npm installed
                [*line, url + request.path], capture_output=True, text=True, check=False, timeout=seconds + _PATIENCE
            )
        except subprocess.TimeoutExpired as error:
            raise LoadError(f"autocannon did not end within {error.timeout} s") from None
        if told.returncode or not told.stdout.lstrip().startswith("{"):
            raise LoadError(f"autocannon ended with {told.returncode}:\n{told.stdout}{told.stderr}")
        return _read(told.stdout)


def _read(text: str) -> Outcome:
    told = json.loads(text)
    return Outcome(
        told["requests"]["total"],
        float(told["duration"]),
        told["4xx"] + told["5xx"],
        told["errors"] + told["timeouts"],
        {name: float(told["latency"][key]) for name, key in _PERCENTILES.items()},
    )
