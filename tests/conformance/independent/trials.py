"""The suite, tried on the independent server or one of its mutants: only what it reports is looked at.

Judging is cheap on purpose, for there are many: both are forked from warm processes, what a module is about is judged
first, and a run ends at its first violation.
"""

import atexit
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from tests.conformance.apis.rest.broken.messages import CONTRACT, People
from tests.conformance.apis.rest.broken.runs import Ruling, judge

from .mutants import HERE, SERVER, Mutant
from .server import API_KEY, EMAIL, OTHER_API_KEY, PASSWORD, REVOKED_API_KEY
from .warm import serving

SETTLE = 1  # seconds; the server shows at once what was written
LONGEST = 240.0  # seconds for one run of the suite
CAUGHT = ("violated", "unusable")
_GIVEN_UP = (4, 5)  # exit codes: the server refuses its key, hangs, or stopped answering
_INTERRUPTED = 130
_WAITS = 0.05  # seconds before what met an error is sent again, instead of what the contract asks of clients
_VIOLATED = "violated test_"


@dataclass(frozen=True)
class Stage:
    """One run of the suite: under which plan the server serves, and what is judged."""

    name: str
    plan: str
    options: tuple[str, ...]


# Bursts are over the quickest on the smallest plan, everything else under one that does not slow the suite down.
_QUICK = Stage("quick", "enterprise", ("--profile", "quick"))
_RATES = Stage("rates", "free", ("--profile", "standard", "--only", "rate.", "--allow-burst"))
_STANDARD = Stage("standard", "enterprise", ("--profile", "standard"))


@dataclass(frozen=True)
class Area:
    """What a module is about: in words, as beginnings of clauses, and as operations, of which a control is told."""

    name: str
    clauses: tuple[str, ...]
    operations: tuple[str, ...] = ()


_INGESTION = ("traces.batch.", "traces.event.", "traces.trace.", "traces.span.", "traces.fields.", "traces.usage.")
AREAS: Mapping[str, Area] = {
    "evaluators.py": Area("validation", ("validate.",), ("validateOutput",)),
    "otlp.py": Area("otlp", ("otlp.",), ("ingestOtlpTraces", "listTraces")),
    "prompts.py": Area(
        "routing and templates",
        ("routing.", "templates."),
        ("routeModel", "getPromptTemplates", "pushPromptTemplate"),
    ),
    "query.py": Area(
        "listing and scores", ("traces.list.", "traces.fields.", "scores."), ("listTraces", "createScore")
    ),
    "server.py": Area("keys, rates and HTTP", ("auth.", "errors.", "http.")),
    "sessions.py": Area("sessions", ("sessions.",), ("login", "refreshSession", "logout")),
    "traces.py": Area("ingestion", _INGESTION, ("ingestTraces", "listTraces")),
    "values.py": Area("values", ("errors.", "json.", "timestamps.", "identifiers.", "traces.span.")),
}
PROFILES = ("quick", "area", "standard")


def stages(profile: str, file: str) -> list[Stage]:
    """What is judged in a profile, cheapest first: what the file is about, all of quick, the first in depth, all."""
    only = tuple(option for clause in AREAS[file].clauses for option in ("--only", clause))
    near = Stage("area, quick", _QUICK.plan, (*_QUICK.options, *only))
    deep = Stage("area", _STANDARD.plan, (*_STANDARD.options, *only))
    rates = [_RATES] if file == "server.py" else []
    rows = {"quick": [near, _QUICK], "area": [deep], "standard": [*rates, _STANDARD]}
    return [stage for name in PROFILES[: PROFILES.index(profile) + 1] for stage in rows[name]]


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
    outcome, by = Outcome("survived"), ""
    before = len(stages(survived, mutant.file)) if survived else 0
    for stage in stages(profile, mutant.file)[before:]:
        outcome, by = try_server(mutant, stage, seed), stage.name
        if outcome.verdict != "survived":
            break
    seconds = round(time.monotonic() - started, 1)
    change = {"id": mutant.id, "mutant": mutant.name, "before": mutant.before, "after": mutant.after}
    return change | {"profile": profile, "by": by, "seed": seed, "seconds": seconds} | asdict(outcome)


def try_server(mutant: Mutant | None, stage: Stage, seed: int) -> Outcome:
    """What one run of the suite says of the server, or of a mutant of it."""
    who = people(stage.plan)
    how = (
        "--contract",
        str(impatient_contract()),
        "--settle",
        str(SETTLE),
        "--fail-on",
        "should",
        "--seed",
        str(seed),
        "--max-time",
        f"{LONGEST:.0f}",
    )
    with serving(sources(mutant), stage.plan) as url:
        if not url:
            return Outcome("stillborn")
        return _outcome(judge(url, who, *stage.options, *how, longest=LONGEST + 10, until=_VIOLATED))


def people(plan: str) -> People:
    """Who is known to the independent server."""
    return People(API_KEY, OTHER_API_KEY, REVOKED_API_KEY, EMAIL, PASSWORD, plan)


def sources(mutant: Mutant | None = None) -> dict[str, str]:
    """The texts of the server's modules, or of a mutant's."""
    texts = {file: (HERE / file).read_text(encoding="utf-8") for file in SERVER}
    return texts | ({mutant.file: mutant.source} if mutant else {})


def _outcome(ruling: Ruling) -> Outcome:
    lines = ruling.output.splitlines()
    checks = [line.split()[1] for line in lines if line.startswith(_VIOLATED)]
    failed = sorted(ruling.having("fail"))
    if checks or failed:
        return Outcome("violated", failed, checks)
    if ruling.code == _INTERRUPTED:
        raise KeyboardInterrupt
    if ruling.code in _GIVEN_UP:
        return Outcome("unusable", reason=f"exit code {ruling.code}: {' '.join(lines[-1:])}")
    if ruling.code:
        raise RuntimeError(f"the suite could not judge: exit code {ruling.code}: {ruling.output[-600:]}")
    return Outcome("survived") if ruling.code == 0 else Outcome("unusable", reason="it was killed")


@cache
def impatient_contract() -> Path:
    """The contract, with short waits: a mutant that fails always would cost a minute of them."""
    text, count = re.subn(r"(\n  backoff:\n.*\n    delays: )\[.*\]", rf"\1[{_WAITS}]", CONTRACT.path.read_text("utf-8"))
    assert count == 1
    file = Path(tempfile.mkdtemp(prefix="impatient-"), CONTRACT.path.name)
    atexit.register(shutil.rmtree, file.parent, ignore_errors=True)
    file.write_text(text, encoding="utf-8")
    return file
