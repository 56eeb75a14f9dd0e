"""The suite on a server that it was not tuned to: honest, and with a few small mistakes that change with the date."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conformance.apis.rest.broken.messages import CONTRACT
from tests.conformance.apis.rest.broken.proxy import Proxy
from tests.conformance.apis.rest.legal.servers import Legal
from tests.conformance.independent.__main__ import sample, tell
from tests.conformance.independent.legal import SERVERS, judge_odd
from tests.conformance.independent.mutants import HERE, SERVER, Mutant, make_mutants
from tests.conformance.independent.operators import OPERATORS
from tests.conformance.independent.results import CLASSES, Results, is_reserved, read_survivors
from tests.conformance.independent.trials import CAUGHT, Outcome, stages, try_mutant, try_server
from tests.conformance.rotation import Turn

TURN = Turn.of(50)  # a part has one of the odd servers
LEAST = 40  # odd servers that the issue asks for
TODAY = datetime.now(UTC).date().toordinal()
PARTS = 600  # a part holds about three mutants, which takes seconds


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
    quick = stages("quick", SERVER[0])[-1]
    assert try_server(None, quick, TODAY) == Outcome("survived")


@pytest.mark.timeout(200)
@pytest.mark.parametrize("server", TURN.among([row for row in SERVERS if not row.limited]), ids=str)
def test_no_clause_fails_on_the_honest_server_when_it_is_odd(server: Legal) -> None:
    with Proxy() as proxy:
        verdict = judge_odd(server, proxy, TURN.seed)
    assert verdict.fair, f"{verdict}; again with {TURN.repeat}"


def test_enough_of_them_are_odd() -> None:
    assert sum(not server.name.startswith("plain") for server in SERVERS) >= LEAST


def test_every_operator_makes_mutants_with_names_of_their_own(mutants: list[Mutant]) -> None:
    assert {mutant.name.split(":")[2] for mutant in mutants} == set(OPERATORS)
    assert {mutant.file for mutant in mutants} == set(SERVER)
    assert len({mutant.name for mutant in mutants}) == len({mutant.id for mutant in mutants}) == len(mutants)
    for mutant in mutants[TODAY % 20 :: 20]:
        compile(mutant.source, mutant.name, "exec")
        lines = (HERE / mutant.file).read_text(encoding="utf-8").splitlines()
        assert mutant.before.splitlines()[0] in lines[int(mutant.name.split(":")[1]) - 1]


def test_what_was_looked_at_is_a_mutant_of_a_known_class_and_clause(mutants: list[Mutant]) -> None:
    names = {mutant.id: mutant.name for mutant in mutants}
    rows = read_survivors()
    assert rows
    for row in rows.values():
        assert names.get(row.id) == row.name
        assert row.kind in CLASSES
        assert row.clause in CONTRACT.clauses or (row.clause == "-" and row.kind != "missed")
        assert row.why


def test_a_third_is_held_in_reserve(mutants: list[Mutant]) -> None:
    reserve = [mutant for mutant in mutants if is_reserved(mutant, read_survivors())]
    assert len(mutants) / 4 < len(reserve) < len(mutants) / 2
    assert {mutant.file for mutant in reserve} == set(SERVER)


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


def test_a_mutant_that_does_not_start_is_no_mutant(mutants: list[Mutant]) -> None:
    first = mutants[0]
    broken = Mutant(first.id, first.name, first.file, first.before, first.after, "raise SystemExit")
    assert try_mutant(broken, "quick", seed=1)["verdict"] == "stillborn"


def test_todays_mutants_are_judged_once_by_each_suite(tmp_path: Path) -> None:
    chosen, file = sample(TODAY, PARTS), tmp_path / "results.jsonl"
    judged = [
        _judge(rows, Results(file, digest)) for rows, digest in ((chosen, "one"), (chosen, "one"), (chosen[:1], "two"))
    ]
    assert judged == [len(chosen), 0, 1]
    results = Results(file, "one")
    assert {str(results[mutant]["verdict"]) for mutant in chosen} <= {*CAUGHT, "survived", "stillborn"}
    assert not [mutant.id for mutant in chosen if mutant.id in tell(results, chosen) and mutant.reserved]


def _judge(chosen: list[Mutant], results: Results) -> int:
    """How many were judged."""
    told: list[str] = []
    results.go_on(chosen, "quick", seed=TODAY, workers=1, tell=told.append)
    return len(told)
