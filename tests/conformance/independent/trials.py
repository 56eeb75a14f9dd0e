"""The suite, tried on the independent server or one of its mutants: both are processes, and only the report is read."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .mutants import HERE, SERVER, Mutant
from .server import API_KEY, EMAIL, OTHER_API_KEY, PASSWORD, REVOKED_API_KEY

SUITE = Path(sys.executable).with_name("twosignal-conformance")
SETTLE = 2  # seconds; the server shows at once what was written
LONGEST = 240  # seconds for one run of the suite
STARTING, ENDING = 20, 10  # seconds
CAUGHT = ("violated", "unusable")
_PACKAGE = "tests.conformance.independent"


@dataclass(frozen=True)
class Stage:
    """One run of the suite: under which plan the server serves, and what is judged."""

    plan: str
    options: tuple[str, ...]


# Bursts are over the quickest on the smallest plan, everything else under one that does not slow the suite down.
_QUICK = Stage("pro", ("--profile", "quick"))
_RATES = Stage("free", ("--profile", "standard", "--only", "rate.", "--allow-burst"))
_STANDARD = Stage("pro", ("--profile", "standard"))
# What a module is about, as beginnings of clauses: most of its mutants are caught there, in a few seconds.
_AREAS = {
    "evaluators.py": ("validate.",),
    "otlp.py": ("otlp.",),
    "prompts.py": ("routing.", "templates."),
    "query.py": ("traces.list.", "traces.fields.", "scores."),
    "server.py": ("auth.", "errors.", "http."),
    "sessions.py": ("sessions.",),
    "traces.py": ("traces.batch.", "traces.event.", "traces.trace.", "traces.span.", "traces.fields.", "traces.usage."),
    "values.py": ("errors.", "json.", "timestamps.", "identifiers.", "traces.span."),
}
PROFILES = ("quick", "area", "standard")


def stages(profile: str, file: str) -> list[Stage]:
    """What is judged in a profile, cheapest first: quick, then what the file is about, then everything."""
    only = [option for area in _AREAS[file] for option in ("--only", area)]
    area = Stage("pro", ("--profile", "standard", *only))
    rates = [_RATES] if file == "server.py" else []
    return {"quick": [_QUICK], "area": [_QUICK, area], "standard": [_QUICK, area, *rates, _STANDARD]}[profile]


@dataclass
class Outcome:
    """`verdict` is violated (a must or should), unusable (the suite could not finish), survived or stillborn."""

    verdict: str
    clauses: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    reason: str = ""


def try_mutant(mutant: Mutant, profile: str, seed: int, survived: str | None = None) -> dict[str, object]:
    """A line of the results. The profile that the mutant `survived` before is part of this one and not run again."""
    started = time.monotonic()
    outcome = Outcome("survived")
    before = len(stages(survived, mutant.file)) if survived else 0
    for stage in stages(profile, mutant.file)[before:]:
        outcome = try_server(mutant, stage, seed)
        if outcome.verdict != "survived":
            break
    seconds = round(time.monotonic() - started, 1)
    change = {"mutant": mutant.name, "before": mutant.before, "after": mutant.after}
    return change | {"profile": profile, "seed": seed, "seconds": seconds} | asdict(outcome)


def try_server(mutant: Mutant | None, stage: Stage, seed: int) -> Outcome:
    """What one run of the suite says of the server, or of a mutant of it."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), mutant, stage.plan) as url:
        if not url:
            return Outcome("stillborn")
        return _judge(url, Path(folder), stage, seed)


@contextmanager
def serving(folder: Path, mutant: Mutant | None, plan: str) -> Iterator[str]:
    """The address of a server that runs from its own copy in `folder`; nothing when it does not start."""
    package = folder.joinpath(*_PACKAGE.split("."))
    package.mkdir(parents=True)
    for file in SERVER:
        shutil.copy(HERE / file, package / file)
    if mutant is not None:
        (package / mutant.file).write_text(mutant.source, encoding="utf-8")
    command = [sys.executable, "-m", f"{_PACKAGE}.server", "--plan", plan]
    with (
        (folder / "server.log").open("w") as log,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        timer = threading.Timer(STARTING, process.kill)
        timer.start()
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        timer.cancel()
        try:
            yield url
        finally:
            process.kill()


def _judge(url: str, folder: Path, stage: Stage, seed: int) -> Outcome:
    report = folder / "report.json"
    people = ("--api-key", API_KEY, "--other-api-key", OTHER_API_KEY, "--revoked-api-key", REVOKED_API_KEY)
    files = ("--json", str(report), "--ledger", str(folder / "ledger.jsonl"))
    how = ("--settle", str(SETTLE), "--fail-on", "should", "--seed", str(seed), "--max-time", str(LONGEST))
    command = [
        str(SUITE),
        "server",
        url,
        *people,
        "--user",
        f"{EMAIL}:{PASSWORD}",
        "--plan",
        stage.plan,
        *stage.options,
    ]
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "1000"}
    with subprocess.Popen(
        [*command, *files, *how], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as run:
        said = _read_until_violated(run)
    return _outcome(run.returncode, said, report)


def _read_until_violated(run: subprocess.Popen[str]) -> list[str]:
    """What the suite said. It is interrupted at the first violation; then it still writes its report."""
    assert run.stdout is not None
    said: list[str] = []
    for line in run.stdout:
        said.append(line.rstrip())
        if line.startswith("violated ") and run.poll() is None:
            run.send_signal(signal.SIGINT)
            break
    try:
        said.extend(run.communicate(timeout=ENDING)[0].splitlines())
    except subprocess.TimeoutExpired:
        run.kill()
    return said


def _outcome(code: int, said: list[str], report: Path) -> Outcome:
    checks = [line.split()[1] for line in said if line.startswith("violated ")]
    clauses = json.loads(report.read_text(encoding="utf-8"))["clauses"] if report.exists() else []
    failed = [clause["id"] for clause in clauses if clause["verdict"] == "fail"]
    if checks or failed:
        return Outcome("violated", failed, checks)
    if code:
        return Outcome("unusable", reason=f"exit code {code}: {' '.join(said[-1:])}")
    return Outcome("survived")
