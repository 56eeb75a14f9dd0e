"""The command `server` as a user runs it against the mock: two projects, a revoked key, somebody who signs in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twosignal_mock import MockServer, Sandbox

PLAN = "enterprise"
"""The plan with the highest rate, for runs that are not about rates."""

COMMAND = (sys.executable, "-m", "twosignal_conformance")


@dataclass(frozen=True)
class Project:
    """What an operator has before the first run."""

    mock: MockServer
    own: Sandbox
    other: Sandbox
    revoked: str
    plan: str = PLAN

    @property
    def url(self) -> str:
        """Of the server."""
        return self.mock.url

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no output may hold."""
        return (self.own.api_key, self.other.api_key, self.revoked, self.own.password)

    @property
    def variables(self) -> dict[str, str]:
        """The variables by which a run gets its keys."""
        return {
            "TWOSIGNAL_API_KEY": self.own.api_key,
            "TWOSIGNAL_CONFORMANCE_OTHER_API_KEY": self.other.api_key,
            "TWOSIGNAL_CONFORMANCE_REVOKED_API_KEY": self.revoked,
            "TWOSIGNAL_CONFORMANCE_USER": f"{self.own.email}:{self.own.password}",
            "TWOSIGNAL_CONFORMANCE_PLAN": self.plan,
        }


@contextmanager
def project(mock: MockServer, plan: str = PLAN) -> Iterator[Project]:
    """Fresh sandboxes of a mock; they go at the end."""
    with mock.sandbox(plan=plan) as own, mock.sandbox(plan=plan) as other:
        revoked = own.add_key()
        own.revoke_key(revoked)
        yield Project(mock, own, other, revoked, plan)


def environment(**more: str) -> dict[str, str]:
    """The machine's, without anything of ours that could change a run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TWOSIGNAL", "PYTEST"))}
    return {**kept, "COLUMNS": "80", **more}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def report(self) -> Any:
        """What --json wrote to r.json."""
        return json.loads((self.folder / "r.json").read_text(encoding="utf-8"))

    @property
    def last(self) -> str:
        """The line that a person reads first."""
        return (self.out.splitlines() or [""])[-1]


def suite(folder: Path, *words: str, timeout: float = 100, **variables: str) -> Ended:
    """Run `twosignal-conformance` in a folder."""
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    return Ended(done.returncode, done.stdout, done.stderr, folder)
