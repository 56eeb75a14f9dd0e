"""The command `server`, from the outside: run against small servers, with all its reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.servers import HEALTH, KEY, Asked, Reply, Server, good, reply, serving

FILES = {"json": "r.json", "junit": "r.xml", "html": "r.html", "sarif": "r.sarif", "badge": "r.badge"}
PASSWORD = "correct-horse-battery"  # noqa: S105 - of nobody
HEALTH_ALONE = ("--only", "health")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def report(self) -> Any:
        """The JSON report."""
        return json.loads((self.folder / FILES["json"]).read_text(encoding="utf-8"))


Judge = Callable[..., Ended]


def environment(**more: str) -> dict[str, str]:
    """Without anything of ours or of the machine that could change a run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TWOSIGNAL", "PYTEST"))}
    return {**kept, "COLUMNS": "100", **more}


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Run the command in a folder of its own, with all reports."""

    def run(url: str, *options: str, key: str | None = KEY, reports: bool = True, **more: str) -> Ended:
        command = [sys.executable, "-m", "twosignal_conformance", "server", url, *options]
        if key is not None:
            command += ["--api-key", key]
        if reports:
            command += [word for name, file in FILES.items() for word in (f"--{name}", file)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(**more), capture_output=True, text=True, check=False, timeout=60
        )
        return Ended(done.returncode, done.stdout, done.stderr, tmp_path)

    return run


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def sick(asked: Asked) -> Reply | None:
    """Breaks health.body, which is a must, and echoes what it should not."""
    if asked.path == HEALTH:
        return reply(200, {"status": "sick", "echo": asked.headers.get("authorization"), "password": "p"})
    return good(asked)
