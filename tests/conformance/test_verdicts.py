"""What records make of clauses, and clauses of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from twosignal_conformance.engine.judgement import (
    ExitCode,
    Judgement,
    Known,
    KnownError,
    Register,
    Report,
    SelectionError,
    State,
    SuiteError,
    Verdict,
    outdated,
    read_known,
    select,
    verdict_of,
)
from twosignal_contract import Level

from tests.conformance.making import clause_of, judged, record, report_of

PASS, FAIL, OBSERVED, UNTESTED, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.OBSERVED, Verdict.UNTESTED, Verdict.ERROR


@pytest.mark.parametrize(
    ("level", "said", "verdict"),
    [
        (Level.MUST, [], UNTESTED),
        (Level.MUST, [UNTESTED], UNTESTED),
        (Level.MUST, [PASS], PASS),
        (Level.MUST, [PASS, FAIL, PASS], FAIL),
        (Level.SHOULD, [FAIL], FAIL),
        (Level.MUST, [UNTESTED, PASS], PASS),
        (Level.MUST, [ERROR, PASS], PASS),
        (Level.MUST, [UNTESTED, ERROR], ERROR),
        (Level.MUST, [ERROR, FAIL], FAIL),
        (Level.MAY, [OBSERVED], OBSERVED),
        (Level.MAY, [OBSERVED, UNTESTED], OBSERVED),
        (Level.MAY, [ERROR], ERROR),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else ", ".join(value) or "nothing",
)
def test_a_clause_is_failed_before_it_is_passed_before_it_is_an_error_before_it_is_untested(
    level: Level, said: list[Verdict], verdict: Verdict
) -> None:
    clause = clause_of("area.subject.rule", level)
    assert verdict_of(clause, [record(clause.id, each) for each in said]) is verdict


def test_a_clause_of_which_nothing_is_said_tells_whether_a_check_cites_it() -> None:
    clauses = {name: clause_of(name) for name in ("a.cited", "a.uncited")}
    register = Register(clauses)
    register.cite("test_a::test_it", ["a.cited"])
    assert [row.reason for row in register.judgements({})] == ["its check did not run", "no check covers it"]


def test_what_is_not_selected_is_not_judged() -> None:
    register = Register({name: clause_of(name) for name in ("a.one", "a.two")}, ["a.one"])
    register.add(record("a.two", FAIL))
    assert [row.clause.id for row in register.judgements({})] == ["a.one"]


def violation(level: Level, known: Known | None = None) -> Judgement:
    return replace(judged("a.broken", FAIL, level), known=known)


KEPT, OPEN = judged("a.kept", PASS), judged("a.open", UNTESTED)
UNTESTABLE = judged("a.hidden", UNTESTED, untestable="nobody sees it")
KNOWN = Known("a.broken", "ticket 7", None, 1)


@pytest.mark.parametrize(
    ("rows", "changes", "code", "line"),
    [
        pytest.param([KEPT], {}, ExitCode.CONFORMS, "conforms", id="all kept"),
        pytest.param([KEPT, UNTESTABLE], {}, ExitCode.CONFORMS, "conforms", id="what nobody can test does not count"),
        pytest.param(
            [KEPT, OPEN], {}, ExitCode.CONFORMS, "no violation found, 1 must-clauses untested", id="an untested must"
        ),
        pytest.param(
            [KEPT, violation(Level.MUST)],
            {},
            ExitCode.VIOLATED,
            "1 must and 0 should clauses violated",
            id="a must violated",
        ),
        pytest.param(
            [KEPT, violation(Level.SHOULD)],
            {},
            ExitCode.CONFORMS,
            "0 must and 1 should clauses violated",
            id="a should violated does not count",
        ),
        pytest.param(
            [KEPT, violation(Level.SHOULD)],
            {"fail_on": Level.SHOULD},
            ExitCode.VIOLATED,
            "0 must and 1 should clauses violated",
            id="a should violated counts when asked for",
        ),
        pytest.param(
            [KEPT, violation(Level.MUST, KNOWN)], {}, ExitCode.CONFORMS, "conforms; 1 known deviation", id="a known one"
        ),
        pytest.param(
            [KEPT],
            {"outdated": ("line 1: a.kept is kept now",)},
            ExitCode.VIOLATED,
            "conforms; 1 known deviation out of date",
            id="a known one that is gone",
        ),
        pytest.param([OPEN], {}, ExitCode.UNFINISHED, "nothing was judged", id="an empty run"),
        pytest.param(
            [KEPT],
            {"errors": (SuiteError("test_a::test_it", "KeyError"),)},
            ExitCode.UNFINISHED,
            "conforms; 1 error of the suite",
            id="the suite broke",
        ),
        pytest.param(
            [KEPT],
            {"state": State.CUT},
            ExitCode.UNFINISHED,
            "conforms; the run was cut by --max-time",
            id="cut",
        ),
        pytest.param(
            [OPEN],
            {"state": State.UNREACHABLE, "message": "nobody is there"},
            ExitCode.UNREACHABLE,
            "not judged: nobody is there; nothing was judged",
            id="unreachable",
        ),
        pytest.param(
            [violation(Level.MUST)],
            {"state": State.CUT},
            ExitCode.VIOLATED,
            "1 must and 0 should clauses violated; the run was cut by --max-time",
            id="a violation stays one when the run is cut",
        ),
        pytest.param(
            [violation(Level.MUST)],
            {"state": State.INTERRUPTED},
            ExitCode.INTERRUPTED,
            "1 must and 0 should clauses violated; the run was interrupted",
            id="interrupted",
        ),
        pytest.param(
            [KEPT], {"only": ("a",)}, ExitCode.CONFORMS, "conforms among the 1 clause of --only", id="a selection"
        ),
    ],
)
def test_the_line_and_the_exit_code_of_a_run(
    rows: list[Judgement], changes: dict[str, object], code: ExitCode, line: str
) -> None:
    report: Report = report_of(*rows, **changes)
    assert (report.exit_code, report.verdict) == (code, line)


# --- selection ---

IDS = ["auth.key.missing", "auth.key.missing-status", "scores.value.below"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], IDS),
        (["auth.key.missing"], ["auth.key.missing"]),
        (["auth.key.miss"], IDS[:2]),
        (["scores", "auth.key.missing"], ["auth.key.missing", "scores.value.below"]),
    ],
    ids=["nothing named", "an id alone", "a beginning", "several"],
)
def test_only_names_ids_and_beginnings(wanted: list[str], found: list[str]) -> None:
    assert sorted(select(wanted, IDS)) == found


def test_an_unknown_name_is_refused_with_near_ones() -> None:
    with pytest.raises(SelectionError, match=r"--only auth\.key\.mising: .*did you mean auth\.key\.missing"):
        select(["auth.key.mising"], IDS)


# --- known deviations ---

CLAUSES = {
    "a.must": clause_of("a.must"),
    "a.should": clause_of("a.should", Level.SHOULD),
    "a.may": clause_of("a.may", Level.MAY),
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """A file of known deviations with a text."""

    def to(text: str) -> Path:
        path = tmp_path / "known.txt"
        path.write_text(text, encoding="utf-8")
        return path

    return to


def test_a_file_gives_reasons_and_dates(write: Callable[[str], Path]) -> None:
    path = write("# ours\n\na.must  see ticket 7  until 2026-12-31\na.should until we know better\n")
    assert read_known(path, CLAUSES) == {
        "a.must": Known("a.must", "see ticket 7", "2026-12-31", 3),
        "a.should": Known("a.should", "until we know better", None, 4),
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a.mist broken", r":1: a\.mist is no clause about servers; did you mean a\.must"),
        ("a.must", r":1: a\.must has no reason"),
        ("a.must until 2026-12-31", r":1: a\.must has no reason"),
        ("a.must broken until 2026-13-01", ":1: '2026-13-01' is not a date"),
        ("a.may broken", ":1: a.may is a `may`"),
        ("a.must broken\na.must again", r":2: a\.must stands on line 1 already"),
    ],
    ids=["unknown", "no reason", "only a date", "no date", "may", "twice"],
)
def test_a_file_that_cannot_be_used_is_refused(write: Callable[[str], Path], text: str, problem: str) -> None:
    with pytest.raises(KnownError, match=problem):
        read_known(write(text), CLAUSES)


def test_all_problems_of_a_file_are_told_together(write: Callable[[str], Path]) -> None:
    with pytest.raises(KnownError) as caught:
        read_known(write("a.x y\na.must\n"), CLAUSES)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("verdict", "until", "told"),
    [
        (FAIL, None, False),
        (FAIL, "2026-03-14", False),
        (FAIL, "2026-03-13", True),
        (PASS, None, True),
        (UNTESTED, None, False),
        (ERROR, None, False),
    ],
    ids=["occurs", "last day", "expired", "gone", "untested", "error"],
)
def test_a_known_deviation_must_stay_true(verdict: Verdict, until: str | None, told: bool) -> None:
    known = {"a.must": Known("a.must", "so", until, 1)}
    assert bool(list(outdated(known, [judged("a.must", verdict)], date(2026, 3, 14)))) is told
