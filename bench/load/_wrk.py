"""wrk, the first generator: closed loop, one thread, requests made by a small Lua file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.load._outcome import LoadError, Outcome
from bench.load._request import SLOT, Request, new_run

_SCRIPT = Path(__file__).with_name("requests.lua")
_PATIENCE = 30.0
"""Seconds that wrk may take beyond what it was told."""


class Wrk:
    """The program as it is on this machine; raises LoadError when it is not."""

    name = "wrk"

    def __init__(self, folder: Path, pin: Sequence[str]) -> None:
        """Takes a folder for its files, and the command that pins it to a core."""
        program = shutil.which("wrk")
        if program is None:
            raise LoadError("wrk is not installed: install it from your system's packages (apt-get install wrk)")
        self._command = [*pin, program]
        self._requests = folder / "requests.lua"
        folder.mkdir(parents=True, exist_ok=True)
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - the program of that name
        found = re.search(r"wrk (?:debian/)?(\S+)", told)
        self.version = found[1] if found else "of an unknown version"

    def run(
        self,
        url: str,
        key: str,
        requests: Sequence[Request],
        *,
        seconds: float,
        connections: int,
        rate: int | None = None,
    ) -> Outcome:
        """Sends the requests in turn for so long (rounded up to whole seconds), and waits for each answer.

        With `rate` so many are due in a second, at random times; many connections then keep a slow answer from
        holding up the others.
        """
        pause = None if rate is None else round(1000 * connections / rate)
        self._requests.write_text(_lua([request.wire(url, key) for request in requests], pause), "ascii")
        command = [*self._command, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
        command += ["-s", str(_SCRIPT), url, "--", str(self._requests)]
        try:
            told = subprocess.run(  # noqa: S603 - as above
                command, capture_output=True, text=True, check=False, timeout=seconds + _PATIENCE
            )
        except subprocess.TimeoutExpired as error:
            raise LoadError(f"wrk did not end within {error.timeout} s") from None
        found = re.search(r"^outcome (.*)$", told.stdout, re.MULTILINE)
        if found is None:
            raise LoadError(f"wrk ended with {told.returncode}:\n{told.stdout}{told.stderr}")
        read = json.loads(found[1])
        return Outcome(
            read["requests"], read["microseconds"] / 1_000_000, read["refused"], read["broken"], read["latency"]
        )


def _lua(texts: Sequence[str], pause: int | None) -> str:
    rows = ",\n".join("{" + ", ".join(_quoted(part) for part in text.split(SLOT)) + "}" for text in texts)
    told = "nil" if pause is None else str(pause)
    return f'return {{run = "{new_run()}", pause = {told}, requests = {{\n{rows}\n}}}}\n'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    return f'"{escaped}"'
