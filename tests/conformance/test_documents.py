"""The pages of the suite say what the code says: options, codes, verdicts, layers, budgets; and their lines run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from twosignal_conformance._apis import DEFAULT, api_of
from twosignal_conformance._writing import RENDERERS
from twosignal_conformance.engine.api_client import SAFE_METHODS, Profile
from twosignal_conformance.engine.extras import EXTRA
from twosignal_conformance.engine.judgement import ExitCode, Verdict, read_known
from twosignal_contract import About, load_contract
from twosignal_mock import MockServer

from tests.conformance.projects import PLAN, Project, environment, project
from tests.end_to_end.pages import ROOT, SHELLS, Block, blocks, rows

README, GUIDE, CI = "conformance/README.md", "docs/self-hosted.md", "docs/ci.md"
REST = api_of(DEFAULT)
BIN = Path(sys.executable).parent
PATIENCE = 100
"""Seconds for one block."""


@pytest.fixture(scope="module")
def help_text() -> str:
    """`server --help`, each option on one line."""
    return command("server", "--help", COLUMNS="400").stdout


@pytest.fixture(scope="module")
def own() -> Iterator[Project]:
    with MockServer(plan=PLAN) as mock, project(mock) as made:
        yield made


def command(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "twosignal-conformance", *words],
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )


# --- tables ---


def test_the_table_has_every_option_of_the_help_and_no_other(help_text: str) -> None:
    told = re.findall(r"^│ (?:\*\s+)?(--[\w-]+)\s", help_text, re.MULTILINE)
    assert sorted(name for name, *_ in rows(README, "option")) == sorted(set(told) - {"--help"})


@pytest.mark.parametrize("row", rows(README, "option"), ids=lambda row: row[0])
def test_an_option_has_the_variable_and_the_default_of_the_help(help_text: str, row: list[str]) -> None:
    option, variable, text = row
    (line,) = (line for line in help_text.splitlines() if re.match(rf"│ {option}\s", line))
    assert re.search(rf"\[env var: {variable}[,\]]", line), line
    default = re.search(r"\[default: (.*?)\]", line)
    if default:
        assert (
            f"{default[1].removesuffix('.0')} (default)" in text or f"(default {default[1].removesuffix('.0')})" in text
        )


def test_the_exit_codes_are_those_of_the_code_and_of_the_help(help_text: str) -> None:
    codes = [int(code) for code, _ in rows(README, "exit code")]
    assert codes == sorted(ExitCode)
    told = " ".join(re.sub("[│╰─╯]", " ", help_text.split("Exit codes:")[1]).split())
    assert {int(code) for code in re.findall(r"(?:^|\. )([0-9]+) ", told)} == set(codes)


def test_the_verdicts_are_those_of_the_code() -> None:
    assert [name for name, _ in rows(README, "verdict")] == [verdict.value for verdict in Verdict]


def test_the_reports_are_those_of_the_code() -> None:
    assert {f"--{name}" for name in RENDERERS} <= {name for name, *_ in rows(README, "option")}


def test_the_layers_are_those_that_there_are() -> None:
    assert len(rows(README, "layer")) == len(REST.layers)
    assert EXTRA in (ROOT / README).read_text(encoding="utf-8")
    for _, profiles, _ in rows(README, "layer"):
        assert set(profiles.split(", ")) <= set(Profile)


def test_the_example_of_known_deviations_works(tmp_path: Path) -> None:
    (block,) = (block for block in blocks(README) if block.language == "known")
    file = tmp_path / "known"
    file.write_text(block.text, encoding="utf-8")
    clauses = {row.id: row for row in load_contract().clauses.values() if row.about is About.SERVER}
    known = read_known(file, clauses)
    assert [row.until for row in known.values()] == [None, "2999-12-31"]
    assert all(row.reason and "until" not in row.reason for row in known.values())


def test_the_budgets_are_those_of_the_code() -> None:
    table = {name: cells for name, *cells in rows(GUIDE, "profile")}
    assert list(table) == list(Profile)
    for profile, most in REST.access.budgets.items():
        limits = [f"{most.requests:,}", f"{most.created:,}", f"{most.bytes / 1e6:g}"]
        assert table[profile][:3] == limits
        measured = [float(cell.replace(",", "")) for cell in table[profile][3:]]
        # Moderate room: neither a guess nor so narrow that a slow server makes the suite stop.
        room = [
            limit / seen for limit, seen in zip((most.requests, most.created, most.bytes / 1e6), measured, strict=True)
        ]
        assert 2 < room[0] < 5
        assert all(1.3 < more < 5 for more in room[1:])


def test_what_bursts_add_is_that_of_the_code() -> None:
    text = (ROOT / GUIDE).read_text(encoding="utf-8")
    free = min(load_contract().plans.values())
    bursts, plain = (REST.access.budget(Profile.QUICK, free, allow_burst=allowed) for allowed in (True, False))
    windows, with_bursts = REST.access.burst_windows, bursts.requests - plain.requests
    assert f"adds at most {windows} times the plan's requests of a second (of the free plan {with_bursts:,})" in text


def test_the_guide_names_the_methods_that_the_code_lets_through() -> None:
    for page in (README, GUIDE):
        text = (ROOT / page).read_text(encoding="utf-8")
        (said,) = re.findall(r"((?:[A-Z]+, )+[A-Z]+ and [A-Z]+)", text)[:1]
        assert set(re.findall("[A-Z]+", said)) == SAFE_METHODS


@pytest.mark.parametrize("page", [README, GUIDE, CI])
def test_every_link_leads_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        assert (ROOT / page).parent.joinpath(link).exists(), link


@pytest.mark.parametrize("page", [README, GUIDE, CI])
def test_every_option_that_is_named_exists(page: str, help_text: str) -> None:
    others = "".join(command(verb, "--help", COLUMNS="400").stdout for verb in ("client", "journal"))
    known = set(re.findall(r"--[\w-]+", help_text + others))
    # Of pytest, the mock, git and `twosignal-contract clauses`.
    theirs = {
        "--twosignal-url",
        "--pyargs",
        "--port",
        "--ready-file",
        "--wheel-dir",
        "--timeout",
        "--version",
        "--level",
    }  # pytest, the mock, pip wheel, clauses
    pip = {"--quiet", "--require-hashes", "--requirement", "--no-index", "--no-deps", "--no-build-isolation"}
    assert (
        set(re.findall(r"(?<![\w-])--[a-z][\w-]+", (ROOT / page).read_text(encoding="utf-8"))) <= known | theirs | pip
    )


# --- lines to copy ---


RUNNABLE = [block for page in (README, GUIDE) for block in blocks(page) if block.language == "sh"]


@pytest.mark.parametrize("block", RUNNABLE, ids=str)
def test_a_block_runs_as_written(own: Project, tmp_path: Path, block: Block) -> None:
    variables = own.variables | {"TWOSIGNAL_CONFORMANCE_URL": own.url}
    (tmp_path / "ledger.jsonl").write_text(
        '{"run": {"run": "r", "url": "u", "seed": 1, "now": "n"}}\n', encoding="utf-8"
    )
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        assert (BIN / words[0]).exists()
        done = subprocess.run(
            [*SHELLS["sh"], "-u", "-c", line],
            cwd=tmp_path,
            env=environment(PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}", **variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}"
        assert done.stdout
