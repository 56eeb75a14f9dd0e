"""Runs of the judge against one server: each in a process forked from a warm one, its report read back."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from twosignal_mock import MockServer

from tests.conformance.apis.rest.broken.messages import People

FAST = "enterprise"
"""The plan of a run that is not about rates: it never waits."""

LONGEST = 100.0
"""Seconds for a run of a few clauses, after which it is killed."""

_ENDING, _LOOK = 10.0, 0.05
"""Seconds that an interrupted run has for its report, and between two looks at what a run says."""

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.conformance.apis.rest.broken.warm", __name__])


@dataclass(frozen=True)
class Ruling:
    """What a run said."""

    code: int | None
    """Exit code; None when it was killed."""
    output: str
    report: Any
    """The JSON report, None when there is none."""

    @property
    def verdicts(self) -> dict[str, str]:
        """Clause to verdict."""
        return {row["id"]: row["verdict"] for row in self.report["clauses"]} if self.report else {}

    def having(self, verdict: str) -> set[str]:
        """The clauses of a verdict."""
        return {clause for clause, given in self.verdicts.items() if given == verdict}

    def why(self, clause: str) -> str:
        """What was said of a clause, in a few lines."""
        rows = [row for row in self.report["clauses"] if row["id"] == clause] if self.report else []
        if not rows:
            return f"exit {self.code}: {self.output[-600:]}"
        told = [f"expected {each['expected']}, actual {each['actual']}" for each in rows[0].get("evidence", ())]
        return f"{rows[0]['verdict']}: {rows[0].get('reason')} {'; '.join(told)}"


@contextmanager
def people(mock: MockServer, plan: str = FAST) -> Iterator[People]:
    """Two fresh projects, a revoked key and a user."""
    with mock.sandbox(plan=plan) as sandbox, mock.sandbox(plan=plan) as other:
        revoked = sandbox.add_key()
        sandbox.revoke_key(revoked)
        yield People(sandbox.api_key, other.api_key, revoked, sandbox.email, sandbox.password, plan)


def judge(url: str, who: People, *arguments: str, longest: float = LONGEST, until: str = "") -> Ruling:
    """What the suite says of a server to these people; as `carry_out`."""
    return carry_out(
        url, "--api-key", who.main, "--other-api-key", who.other, "--revoked-api-key", who.revoked,
        "--user", f"{who.email}:{who.password}", "--plan", who.plan, *arguments, longest=longest, until=until,
    )  # fmt: skip


def carry_out(url: str, *arguments: str, longest: float = LONGEST, until: str = "") -> Ruling:
    """What the command `server` says of an address with these options, within so many seconds.

    It is interrupted at the first line that begins as `until` says, and then still writes its report.
    """
    with tempfile.TemporaryDirectory(prefix="judge-") as folder:
        files = ("--json", f"{folder}/report.json", "--ledger", f"{folder}/ledger.jsonl")
        process = _FORKS.Process(target=_command, args=(["server", url, *arguments, *files], folder))
        process.start()
        report, output = Path(folder, "report.json"), Path(folder, "output")
        if until and _says(process, output, f"\n{until}", longest):
            os.kill(process.pid or 0, signal.SIGINT)
            longest = _ENDING
        process.join(longest)
        if process.exitcode is None:
            process.kill()
            process.join()
        return Ruling(
            process.exitcode if process.exitcode is None or process.exitcode >= 0 else None,
            output.read_text(errors="replace") if output.exists() else "",
            json.loads(report.read_text()) if report.exists() else None,
        )


def _says(process: BaseProcess, output: Path, words: str, longest: float) -> bool:
    """Wait until the process has said so, has ended (False), or its time is over (False)."""
    end = time.monotonic() + longest
    while process.exitcode is None and time.monotonic() < end:
        process.join(_LOOK)
        if output.exists() and words in output.read_text(errors="replace"):
            return process.exitcode is None
    return False


def _command(command: list[str], folder: str) -> None:
    """The child: the command as it would run in a shell, its output in a file."""
    from twosignal_conformance._command import main

    os.chdir(folder)
    with (
        Path("output").open("w", buffering=1) as output,
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
    ):
        sys.argv = ["twosignal-conformance", *command]
        main()
