"""The suite on a server that it was not tuned to: honest, and with a few small mistakes that change with the date."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conformance.independent.__main__ import read_results
from tests.conformance.independent.mutants import HERE, OPERATORS, SERVER, Mutant, make_mutants
from tests.conformance.independent.trials import CAUGHT, Outcome, stages, try_mutant, try_server

TODAY = datetime.now(UTC).date().toordinal()
PARTS = 600  # a part holds about three mutants, which takes seconds
ROOT = HERE.parents[2]


@pytest.fixture(scope="module")
def mutants() -> list[Mutant]:
    return list(make_mutants())


def test_the_server_is_independent() -> None:
    imports = {
        name.partition(".")[0]
        for file in SERVER
        for node in ast.walk(ast.parse((HERE / file).read_text(encoding="utf-8")))
        for name in _imported(node)
    }
    assert not {name for name in imports if name.startswith(("twosignal", "tests", "bench"))}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def test_no_clause_fails_on_the_honest_server() -> None:
    quick = stages("quick", SERVER[0])[0]
    assert try_server(None, quick, TODAY) == Outcome("survived")


def test_every_operator_makes_mutants_with_names_of_their_own(mutants: list[Mutant]) -> None:
    assert {mutant.name.split(":")[2] for mutant in mutants} == set(OPERATORS)
    assert {mutant.file for mutant in mutants} == set(SERVER)
    assert len({mutant.name for mutant in mutants}) == len(mutants)
    for mutant in mutants[TODAY % 20 :: 20]:
        compile(mutant.source, mutant.name, "exec")
        lines = (HERE / mutant.file).read_text(encoding="utf-8").splitlines()
        assert mutant.before.splitlines()[0] in lines[int(mutant.name.split(":")[1]) - 1]


@pytest.mark.parametrize(
    ("file", "after", "clause"),
    [
        ("query.py", "fields.optional('label_', fields.text)", "scores.create.label"),
        ("server.py", "key is None", "auth.key.revoked"),
    ],
)
def test_a_mutant_that_breaks_a_clause_is_caught_by_it(
    mutants: list[Mutant], file: str, after: str, clause: str
) -> None:
    mutant = next(mutant for mutant in mutants if mutant.file == file and mutant.after == after)
    line = try_mutant(mutant, "quick", seed=1)
    assert line["verdict"] in CAUGHT
    assert clause in str(line["clauses"])


def test_todays_mutants_are_judged_once(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    said = [_run(results), _run(results)]
    lines = read_results(results)
    assert lines
    assert {line["verdict"] for line in lines.values()} <= {*CAUGHT, "survived", "stillborn"}
    assert len(results.read_text(encoding="utf-8").splitlines()) == len(lines)
    assert said[1] == said[0][-len(said[1]) :]


def _run(results: Path) -> list[str]:
    sample = ("--sample", f"{TODAY % PARTS}/{PARTS}", "--results", str(results), "--profile", "quick")
    command = [sys.executable, "-m", "tests.conformance.independent", *sample]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
