"""`make demo`: a mock, the published SDK, what the mock kept of it, and the judge's report, from start to end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from twosignal_contract import load_contract

CONTRACT = load_contract()
ACTS = 5


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page is left; its folder is made by the demo."""
    return tmp_path_factory.mktemp("demo") / "folder" / "report.html"


@pytest.fixture(scope="module")
def shown(repository: Path, report: Path) -> str:
    """What a person sees in a wide terminal; the demo's own checks passed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWOSIGNAL_")}
    done = subprocess.run(
        [sys.executable, "docs/demo/run.py", "--report", str(report)],
        cwd=repository,
        env=kept | {"COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.xdist_group("demo")
def test_the_demo_shows_each_act_and_where_to_go_on(shown: str, repository: Path) -> None:
    assert re.findall(r"^(\d)\. \S", shown, re.MULTILINE) == [str(number + 1) for number in range(ACTS)]
    assert "Traceback" not in shown
    assert re.search(r"twosignal-mock serve +starts", shown)
    assert "mock/README.md" in shown
    assert (repository / "mock/README.md").is_file()


@pytest.mark.xdist_group("demo")
def test_the_demo_reads_back_what_the_sdk_sent(shown: str) -> None:
    assert "GET /api/v1/traces reads it back" in shown
    assert re.search(r"ERROR +2\d{3}-", shown)
    assert re.search(r"LLM.*[1-9]\d* tokens", shown)


@pytest.mark.xdist_group("demo")
def test_the_demo_shows_trouble_and_what_it_cost(shown: str) -> None:
    refused, lost = CONTRACT.errors["rate-limit"].status, CONTRACT.errors["internal"].status
    assert re.search(rf"POST /api/v1/traces -> {refused} +\(ordered: ", shown)
    assert re.search(rf"POST /api/v1/traces -> {lost} +\(ordered: ", shown)
    sentence = r"all (\d+) event ids: (\d+) were refused and never sent again, (\d+) are stored"
    told = re.search(sentence, " ".join(shown.split()))
    assert told
    assert int(told[1]) == int(told[2]) + int(told[3])


@pytest.mark.xdist_group("demo")
def test_the_demo_meets_the_limit_to_the_request(shown: str) -> None:
    refused = CONTRACT.errors["rate-limit"].status
    assert f"{CONTRACT.plans['free']} requests passed, then {refused}: " in shown
    assert "clock advanced by Retry-After: 200" in shown
    assert re.search(r"^nextCursor \S+", shown, re.MULTILINE)


@pytest.mark.xdist_group("demo")
def test_the_demo_ends_with_a_report_that_can_be_sent_on(shown: str, report: Path) -> None:
    assert shown.rstrip().splitlines()[-1] == f"Report {report}"
    assert "no violation found" in shown
    page = report.read_text(encoding="utf-8")
    assert "<h1>No violation found" in page
    assert not re.search(r"\bts_\w{10,}", page), "a key stands in the page"
    assert not re.search(r"""(?:src|href)=["']?http""", page), "the page needs a network"
