"""The pages about judging clients: their lines run as written, and their tables and numbers are those of the code."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema_rs
import pytest
from twosignal_conformance.apis.rest.clients import CLIENTS
from twosignal_conformance.clients import (
    AT_ONCE,
    DATE_TOLERANCE,
    MOST_REQUESTS,
    NOT_SUPPORTED,
    TIME_LIMIT,
    TOLERANCE,
    WINDOW,
    read_scenarios,
)
from twosignal_conformance.engine.reports import timeline_text
from twosignal_contract import About, load_contract
from twosignal_mock import MockServer
from twosignal_mock.engine.sandbox import DROPPED_ENTRIES

from tests.conformance.attempts import TOO_SOON, WAIT
from tests.end_to_end.pages import ROOT, SHELLS, Block, blocks, rows, shells

FRONT, PAGE, CI = "README.md", "conformance/CLIENT.md", "docs/ci.md"
SCENARIOS = read_scenarios(CLIENTS.scenarios, CLIENTS.values, load_contract())
SCHEMA = json.loads(CLIENTS.scenario_schema.read_text(encoding="utf-8"))
BIN = Path(sys.executable).parent
PATIENCE = 120
"""Seconds for one block."""

GOOD = """
import os, urllib.request as r
key = {'Authorization': 'Bearer ' + os.environ['TWOSIGNAL_API_KEY']}
r.urlopen(r.Request(os.environ['TWOSIGNAL_BASE_URL'] + '/api/v1/traces', headers=key)).close()
"""
"""What somebody's tests do, in short."""


def shell(folder: Path, script: str, *, name: str = "sh", **variables: str) -> subprocess.CompletedProcess[str]:
    """A block in a shell of its own, which tells what it does and stops at the first line that fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWOSIGNAL_")}
    return subprocess.run(
        [*SHELLS[name], "-ux", "-c", script],
        cwd=folder,
        env=kept | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def block_of(page: str, sign: str, language: str = "sh") -> Block:
    """The one block of a page that holds a sign."""
    (found,) = (block for block in blocks(page) if block.language == language and sign in block.text)
    return found


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that looks like this repository after `make install`."""
    for name in ("conformance", "generated_clients", "openapi.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(BIN.parent)
    return tmp_path


def program(folder: Path, text: str) -> str:
    """A Python program as a command."""
    file = folder / "program.py"
    file.write_text(text, encoding="utf-8")
    return f"{sys.executable} {file}"


# --- the front page ---


@shells
def test_the_six_lines_judge_what_a_client_did(clone: Path, name: str) -> None:
    block = block_of(FRONT, "conformance journal")
    assert len(block.text.splitlines()) == 6
    done = shell(clone, block.text, name=name)
    assert done.returncode == 0, done.stdout
    assert "no violation found" in done.stdout
    assert "client.request.valid" in (clone / "journal.html").read_text(encoding="utf-8")


@shells
def test_the_lines_with_scenarios_run_as_written(clone: Path, name: str) -> None:
    done = shell(clone, block_of(FRONT, "conformance client").text, name=name)
    assert done.returncode == 0, done.stdout
    assert "429-seconds" in done.stdout
    assert 'class="chart attempts"' in (clone / "client.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [FRONT, "CHANGELOG.md"])
def test_the_number_of_scenarios_is_true(page: str) -> None:
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert re.findall(r"(\d+) scenarios", text) == [str(len(SCENARIOS))]


# --- CLIENT.md ---


def test_the_lines_that_give_scenarios_run(tmp_path: Path) -> None:
    command = program(tmp_path, block_of(PAGE, "route-model", "python").text)
    script = block_of(PAGE, "client --list").text.replace("COMMAND", command).replace("429-seconds", "route")
    done = shell(tmp_path, script, TWOSIGNAL_CONFORMANCE_SCENARIO="route-404")
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "client.html").stat().st_size


def test_the_smallest_command_does_what_it_can_and_says_what_it_cannot(tmp_path: Path) -> None:
    command = program(tmp_path, block_of(PAGE, "route-model", "python").text)
    done = shell(
        tmp_path, f"twosignal-conformance client --scenario route --scenario validate --json report.json -- {command}"
    )
    assert done.returncode in (0, 1), done.stdout
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    outcomes = {row["name"]: row["outcome"] for row in report["scenarios"]}
    assert {outcome for name, outcome in outcomes.items() if name.startswith("route")} == {"done"}
    assert outcomes["validate"] == "unsupported"
    assert report["errors"] == []


@shells
def test_the_lines_that_judge_a_journal_run(tmp_path: Path, name: str) -> None:
    done = shell(tmp_path, block_of(PAGE, "conformance journal").text, name=name, SDK_TESTS=program(tmp_path, GOOD))
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "journal.html").stat().st_size


def test_the_scenario_of_the_page_satisfies_the_schema() -> None:
    (block,) = (block for block in blocks(PAGE) if block.language == "json")
    validator = jsonschema_rs.Draft202012Validator(SCHEMA)
    assert [str(error) for error in validator.iter_errors(json.loads(block.text))] == []


def test_the_kinds_and_the_scenarios_are_those_of_the_table() -> None:
    table: dict[str, list[str]] = {}
    for row in SCENARIOS.values():
        table.setdefault(row.kind, []).append(row.name)
    assert {kind: names.split(", ") for kind, names in rows(PAGE, "kind | scenarios")} == table
    assert [kind for kind, *_ in rows(PAGE, "kind | actions, with the fields of the schema")] == list(
        SCHEMA["properties"]["kind"]["enum"]
    )


def test_the_numbers_are_those_of_the_code() -> None:
    text = " ".join((ROOT / PAGE).read_text(encoding="utf-8").split())
    testable = [
        clause
        for clause in load_contract().clauses.values()
        if clause.about is About.CLIENT and clause.untestable is None
    ]
    for phrase in (
        f"the {len(testable)} testable clauses",
        f"has {TIME_LIMIT:g} seconds",
        f"{TOLERANCE:g} s shorter",
        f"and {DATE_TOLERANCE:g} s where the response named a date",
        f"within {WINDOW:g} s beyond",
        f"more than {MOST_REQUESTS:,} requests ({SCENARIOS['pages'].most} in a `list`)",
        f"last {DROPPED_ENTRIES:,} requests of dropped sandboxes",
        f"| `{NOT_SUPPORTED}` |",
    ):
        assert phrase in text
    assert AT_ONCE == 8
    assert "Eight run at once" in text


def test_the_attempts_of_the_page_are_what_the_suite_prints() -> None:
    (block,) = (block for block in blocks(PAGE) if block.language == "text")
    assert block.text == timeline_text(TOO_SOON, WAIT) + "\n"


def test_the_table_of_options_is_that_of_the_help() -> None:
    told = help_of("client")
    table = {cells[0]: cells for cells in rows(PAGE, "option of `client`")}
    assert set(table) == options_in(told)
    for option, variable, text in table.values():
        (line,) = (line for line in told.splitlines() if re.match(rf"│ {option}\s", line))
        assert variable in line
        assert ("env var" in line) == bool(variable)
        if default := re.search(r"\[default: (.*?)\]", line):
            assert f"{default[1]} (default)" in text or f"(default {default[1]})" in text


def test_the_options_of_journal_are_those_that_the_page_names() -> None:
    named = {"--mock", "--api-key", "--all", "--expected"} | {cells[0] for cells in rows(PAGE, "option of `client`")}
    assert options_in(help_of("journal")) == named - {"--scenario", "--list", "--seed"}


def help_of(verb: str) -> str:
    """`--help` of a verb, each option on one line."""
    command = [str(BIN / "twosignal-conformance"), verb, "--help"]
    variables = os.environ | {"COLUMNS": "400"}
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout


def options_in(help_text: str) -> set[str]:
    """The options of a help, but for that of every command."""
    return set(re.findall(r"^│ (?:\*\s+)?(--[\w-]+)\s", help_text, re.MULTILINE)) - {"--help"}


# --- docs/ci.md ---


@pytest.mark.parametrize(
    ("known", "code", "says"),
    [("", 1, "violations, or"), ("client.retry.server-error-again it gives up\n", 0, "all that is known is still so")],
    ids=["unknown", "known"],
)
def test_the_recipe_for_ci_tells_how_it_went(tmp_path: Path, known: str, code: int, says: str) -> None:
    (tmp_path / "known.txt").write_text(known, encoding="utf-8")
    command = program(tmp_path, block_of(PAGE, "route-model", "python").text)
    script = f"set +e\n{block_of(CI, 'SDK_RUNNER').text}"
    done = shell(tmp_path, script, SDK_RUNNER=command, TWOSIGNAL_CONFORMANCE_SCENARIO="route-500")
    assert (done.returncode, says in done.stdout) == (code, True), done.stdout
    assert {"client.xml", "client.html", "client.sarif", "client.json"} <= {file.name for file in tmp_path.iterdir()}


def test_what_is_known_of_other_scenarios_is_not_out_of_date(tmp_path: Path) -> None:
    (tmp_path / "known.txt").write_text("client.request.valid broken elsewhere\n", encoding="utf-8")
    command = program(tmp_path, block_of(PAGE, "route-model", "python").text)
    done = shell(tmp_path, f"twosignal-conformance client --known known.txt --scenario route-404 -- {command}")
    assert done.returncode == 0, done.stdout
    assert "out of date" not in done.stdout


# --- what nobody wrote down but everybody does ---


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("client", 2, "no COMMAND"),
        ("client --scenario 429-secnods -- true", 2, "429-seconds"),
        ("client --scenario nonesuch -- true", 2, "or begins so; see --list"),
        ("client --only health -- true", 2, "--only health"),
        ("client --mock nowhere -- true", 2, "--mock"),
        ("client --mock http://127.0.0.1:1 -- true", 4, "no mock answers there"),
        ("client --html /nowhere/at/all.html -- true", 2, "--html"),
        ("client --fail-on may -- true", 2, "--fail-on may"),
        ("client --scenario route -- no-such-program", 2, "no-such-program: no such program"),
        ("client --scenario route -- false", 5, "exit code 1"),
        ("client --scenario route -- true", 5, "nothing was judged"),
        ("journal", 2, "--mock"),
        ("journal --mock http://127.0.0.1:1 --api-key nobody", 4, "no mock answers there"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(tmp_path: Path, words: str, code: int, says: str) -> None:
    done = shell(tmp_path, f"set +ex; twosignal-conformance {words}", COLUMNS="200")
    assert done.returncode == code, done.stdout
    assert says in done.stdout
    assert "Traceback" not in done.stdout


SLEEPER = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(600)
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_its_report_and_no_process(tmp_path: Path, sign: signal.Signals) -> None:
    pid, report = tmp_path / "pid", tmp_path / "report.json"
    words = ["client", "--scenario", "route-404", "--json", str(report), "--", sys.executable, "-c", SLEEPER, str(pid)]
    suite = subprocess.Popen([BIN / "twosignal-conformance", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    until = time.monotonic() + PATIENCE
    while not (pid.exists() and pid.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    suite.send_signal(sign)
    output, _ = suite.communicate(timeout=PATIENCE)
    assert suite.returncode == 130, output
    assert json.loads(report.read_text(encoding="utf-8"))["run"]["state"] == "interrupted"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_mock_with_a_token_is_judged_with_it(tmp_path: Path) -> None:
    client = f"import os\nos.environ.setdefault('TWOSIGNAL_API_KEY', '')\n{GOOD}"
    with MockServer(arguments=["--control-token", "t0ken-of-the-mock"]) as mock:
        known = {"TWOSIGNAL_BASE_URL": mock.url, "TWOSIGNAL_API_KEY": mock.api_key}
        used = shell(tmp_path, program(tmp_path, client), **known)
        without = shell(tmp_path, "twosignal-conformance journal", **known)
        with_it = shell(tmp_path, "twosignal-conformance journal --control-token t0ken-of-the-mock", **known)
    assert (used.returncode, without.returncode, with_it.returncode) == (0, 4, 0), without.stdout + with_it.stdout


def test_a_journal_of_nobody_is_no_success(tmp_path: Path) -> None:
    with MockServer() as mock:
        unknown = shell(tmp_path, f"set +e; twosignal-conformance journal --mock {mock.url} --api-key ts_nobody_knows")
        empty = shell(tmp_path, f"set +e; twosignal-conformance journal --mock {mock.url} --api-key {mock.api_key}")
    assert unknown.returncode == 4, unknown.stdout
    assert empty.returncode == 5, empty.stdout
