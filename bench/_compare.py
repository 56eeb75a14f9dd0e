"""`make bench-compare BASE=<rev>`: two revisions of ours, side by side, for whoever reviews a change.

The other revision is laid out by git below build/ and run by the same Python with the same packages: what is compared
is our own code. Each serves its own contract.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from bench._bench import Bench
from bench._contract import BenchContract
from bench._paths import BUILD, ROOT
from bench._record import Record
from bench._rounds import Rounds
from bench._statistics import figure, ratio
from bench.load import LIST_SIZE
from bench.servers import Command, Start, Subject, ours_at

_NOW = "these files"


def compare(bench: Bench, revision: str, console: Console) -> int:
    """Measures both revisions, with a state file and in memory, and prints how they differ."""
    tree = BUILD / "base"
    commit = _lay_out(revision, tree)
    bench.say(f"compares these files with {revision} ({commit[:10]})")
    document = BenchContract(tree / "openapi.yaml").write_copy(bench.folder / "openapi.base.json", LIST_SIZE)
    pairs = []
    try:
        for durable in (True, False):
            kind = "durable" if durable else "in memory"
            base = ours_at(tree, f"{revision}, {kind}", durable=durable)
            pairs.append(
                (
                    kind,
                    replace(base, command=_serving(base, document)),
                    ours_at(ROOT, f"{_NOW}, {kind}", durable=durable),
                )
            )
        with Rounds(bench, [subject for _, *both in pairs for subject in both]) as rounds:
            for number in range(bench.options.rounds):
                bench.say(f"round {number + 1} of {bench.options.rounds}")
                rounds.measure(number)
    finally:
        _git("worktree", "remove", "--force", str(tree))
    shown = [_show(bench.record, kind, base.name, now.name, console) for kind, base, now in pairs]
    for name, why in bench.record.missing.items():
        console.print(f"not measured: {name}: {why}", markup=False)
    return 0 if all(shown) else 1


def _serving(subject: Subject, document: Path) -> Callable[[Start], Command]:
    """The subject's command on a document of its own."""
    return lambda start: subject.command(replace(start, document=document))


def _show(record: Record, kind: str, base: str, now: str, console: Console) -> int:
    """Prints a row for each workload that both revisions did, and gives the number of rows."""
    grid = Grid(title=f"{kind}: requests per second, and processor microseconds for each", title_justify="left")
    for name in ("", "before", "now", "now / before", "\u00b5s before", "\u00b5s now", "now / before"):
        grid.add_column(name, justify="left" if not name else "right")
    for workload in record.names("rounds", "workload"):
        cells = []
        for column in ("rate", "cpu"):
            then, here = (record.values("rounds", column, workload=workload, subject=name) for name in (base, now))
            if not then or len(then) != len(here):
                break
            both = ratio(here, then)
            if both is None:
                break
            digits = 0 if column == "rate" else 1
            cells += [f"{figure(then).median:,.{digits}f}", f"{figure(here).median:,.{digits}f}"]
            cells.append(f"{both.median:.2f} \u00b1 {100 * both.spread:.0f} %")
        else:
            grid.add_row(workload, *cells)
    console.print(grid)
    return grid.row_count


def _lay_out(revision: str, tree: Path) -> str:
    """Puts the files of a revision into a folder, and gives its commit."""
    commit = _git("rev-parse", "--verify", f"{revision}^{{commit}}").strip()
    if tree.exists():
        _git("worktree", "remove", "--force", str(tree))
    _git("worktree", "add", "--detach", str(tree), commit)
    return commit


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if ran.returncode:
        sys.exit(f"git {' '.join(arguments)} failed: {ran.stderr.strip()}")
    return ran.stdout
