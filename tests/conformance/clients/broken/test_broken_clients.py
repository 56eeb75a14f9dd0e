"""The judge of clients is judged: a mistake is caught by the clause that says so, the careful client by none.

All clients run side by side when the first test asks: they mostly wait, and share nothing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from twosignal_conformance.clients import Mocks
from twosignal_conformance.engine.judgement import Outcome, Report, Verdict
from twosignal_contract import Level

from tests.conformance.clients.broken.judging import CLAUSES, CONTRACT, having, judged, mocks
from tests.conformance.clients.broken.mistakes import MISTAKES, Mistake
from tests.conformance.clients.broken.oddities import ODDITIES, SCENARIOS

pytestmark = [pytest.mark.xdist_group("broken-clients"), pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[4]

CAREFUL = "careful"
KEY = "client.auth.bearer"
"""Clients that break it send requests that belong to no sandbox; each has a mock of its own, so no other is blamed."""

_AT_ONCE = 8
"""Clients that run at the same time: most of them wait, and the machine has few cores."""

TESTABLE = {clause.id: clause for clause in CLAUSES.values() if clause.untestable is None}
JUDGED = {clause.id for clause in TESTABLE.values() if clause.level is not Level.MAY}
"""Clauses that a client can fail."""


@pytest.fixture(scope="module")
def some() -> Iterator[Mocks]:
    with mocks() as running:
        yield running


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[str]]:
    """The command of a client."""
    contract = tmp_path_factory.mktemp("contract") / "contract.json"
    contract.write_text(json.dumps(CONTRACT.document, default=str), encoding="utf-8")
    path = f"PYTHONPATH={ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    program = "tests.conformance.clients.broken.program"
    return lambda name: ["env", path, sys.executable, "-m", program, str(contract), name]


@pytest.fixture(scope="module")
def reports(request: pytest.FixtureRequest, client: Callable[[str], list[str]], some: Mocks) -> Mapping[str, Report]:
    """What is said of each client, by its name: of those that this run asks for."""
    known = dict.fromkeys(ODDITIES, SCENARIOS) | {row.name: row.scenarios for row in MISTAKES.values()}
    asked = [name for name in known if any(f"[{name}]" in item.name for item in request.session.items)]

    def judge(name: str) -> Report:
        if name not in MISTAKES or KEY not in (MISTAKES[name].clause, *MISTAKES[name].also):
            return judged(client(name), known[name], some)
        with mocks() as own:
            return judged(client(name), known[name], own)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(asked, pool.map(judge, asked), strict=True))


@pytest.mark.parametrize("mistake", [pytest.param(row, id=row.name) for row in MISTAKES.values()])
def test_a_mistake_is_caught_by_the_clause_that_it_breaks(mistake: Mistake, reports: Mapping[str, Report]) -> None:
    report = reports[mistake.name]
    assert {row.outcome for row in report.scenarios} == {Outcome.DONE if mistake.ends else Outcome.FAILED}
    failed = having(report, Verdict.FAIL)
    if mistake.clause in JUDGED:
        assert mistake.clause in failed
    else:
        assert mistake.clause in having(report, Verdict.OBSERVED)
        (seen,) = (row.reason for row in report.judgements if row.clause.id == mistake.clause)
        assert ": no, " in seen
    assert failed <= {mistake.clause, *mistake.also}


def test_every_clause_about_clients_has_a_client_that_breaks_it() -> None:
    assert {row.clause for row in MISTAKES.values()} == TESTABLE.keys()


@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_odd_client_that_obeys_is_failed_by_none(oddity: str, reports: Mapping[str, Report]) -> None:
    report = reports[oddity]
    assert {row.name: row.detail for row in report.scenarios if row.outcome is not Outcome.DONE} == {}
    assert having(report, Verdict.FAIL, Verdict.ERROR) == set()
    assert (report.errors, report.findings) == ((), ())


def test_the_careful_client_passes_every_scenario_and_every_clause(
    client: Callable[[str], list[str]], some: Mocks
) -> None:
    report = judged(client(CAREFUL), (), some)
    assert {row.name: row.detail for row in report.scenarios if row.outcome is not Outcome.DONE} == {}
    assert having(report, Verdict.FAIL, Verdict.ERROR, Verdict.UNTESTED) == set()
    assert having(report, Verdict.PASS) == JUDGED
    assert report.errors == ()
