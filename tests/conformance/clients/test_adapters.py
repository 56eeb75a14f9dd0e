"""Every adapter is judged: what a client does otherwise is what the file of its adapter says, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clients.runners import require
from tests.end_to_end.pages import ROOT, rows

ADAPTERS = ROOT / "conformance" / "adapters"
README = "conformance/adapters/README.md"
PAGE = ROOT / "docs" / "client_report.py"

OURS = ("python", "typescript", "go")
"""Arguments of generated_client.py; python-async is tested in tests/clients as the others are."""
OTHERS = {"twosignal_sdk": (), "opentelemetry_json": ("otlp", "otlp-"), "httpx_plain": ()}
"""Adapters of other clients, with the scenarios that they are asked for here: all that they can, or simply all."""

PATIENCE = 280
"""Seconds for one run; it takes about twenty."""

Judge = Callable[..., Mapping[str, Any]]

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judges an adapter by the command line; gives the report of a run that must end well."""

    def to(adapter: str, *arguments: str, scenarios: tuple[str, ...] = (), known: Path | None = None) -> Any:
        report = tmp_path / "report.json"
        options = [part for name in scenarios for part in ("--scenario", name)]
        options += [] if known is None else ["--known", str(known)]
        suite = [sys.executable, "-m", "twosignal_conformance", "client", "--fail-on", "should", "--json", str(report)]
        command = ["node" if adapter.endswith(".mjs") else sys.executable, str(ADAPTERS / adapter), *arguments]
        done = subprocess.run(
            [*suite, *options, "--", *command], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(report.read_text(encoding="utf-8"))

    return to


@pytest.mark.parametrize("language", OURS)
def test_our_clients_pass_every_scenario_and_every_clause(
    language: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "generated_clients")  # whose rule says which tools are needed
    require(language)
    built = [sys.executable, str(ADAPTERS / "generated_client.py"), language, "--build"]
    subprocess.run(built, check=True, capture_output=True, timeout=PATIENCE)
    report = judge("generated_client.py", language)
    assert {row["name"] for row in report["scenarios"] if row["outcome"] != "done"} == set()
    verdicts = {row["id"]: row["verdict"] for row in report["clauses"] if row["testable"]}
    assert {name for name, verdict in verdicts.items() if verdict not in ("pass", "observed")} == set()
    assert report["run"]["verdict"] == "conforms"


@pytest.mark.parametrize("name", OTHERS)
def test_other_clients_differ_in_what_their_files_say_and_in_nothing_else(
    name: str, judge: Judge, tmp_path: Path
) -> None:
    report = judge(f"{name}.py", scenarios=OTHERS[name], known=ADAPTERS / f"{name}.known.txt")
    differing = {row["id"] for row in report["clauses"] if row["verdict"] == "fail"}
    assert differing == set(re.findall(r"^([a-z.-]+) ", (ADAPTERS / f"{name}.known.txt").read_text(), re.MULTILINE))
    if name == "twosignal_sdk":
        checked = [sys.executable, str(PAGE), "--check", str(tmp_path / "report.json")]
        done = subprocess.run(checked, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_adapter_in_typescript_is_strict_and_differs_in_what_its_file_says(
    judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "generated_clients")  # whose rule says which tools are needed
    require("typescript")
    tools = ROOT / "generated_clients" / "typescript" / "node_modules"
    options = ["--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext"]
    options += ["--erasableSyntaxOnly"]  # what Node strips by itself
    types = ["--types", "node", "--typeRoots", str(tools / "@types"), "--outDir", str(tmp_path)]
    command = ["node", str(tools / "typescript" / "bin" / "tsc"), *options, *types, str(ADAPTERS / "fetch_plain.mts")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout
    known = ADAPTERS / "fetch_plain.known.txt"
    report = judge(str(tmp_path / "fetch_plain.mjs"), known=known)
    differing = {row["id"] for row in report["clauses"] if row["verdict"] == "fail"}
    assert differing == set(re.findall(r"^([a-z.-]+) ", known.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_page_about_the_package_says_when_and_what_it_cannot_show() -> None:
    text = (ROOT / "docs" / "client-report-twosignal-0.1.0.md").read_text(encoding="utf-8")
    heads = re.findall(r"^\| scenario \|.*$", text, re.MULTILINE)
    assert heads
    assert {head.split(" | ")[3] for head in heads} == {"when"}
    assert "## What such a run cannot show" in text
    broken = re.findall(r"^### (\S+)$", text, re.MULTILINE)
    beyond = re.findall(r"`(client\.[a-z.-]+)`:", text)
    assert beyond
    assert {*beyond} <= {*broken}


def test_the_readme_has_every_adapter_and_its_known_deviations() -> None:
    table = rows(README, "adapter")
    programs = {file.name for file in programs_of_the_folder()} - {"emission.py"}
    assert {row[0].split()[0].strip("`") for row in table} == programs
    linked = {name for row in table for name in re.findall(r"\(([a-z_]+\.known\.txt)\)", row[3])}
    assert linked == {file.name for file in ADAPTERS.glob("*.known.txt")}
    assert [row[3] for row in table if row[0].startswith("generated_client.py")] == ["none"] * (len(OURS) + 1)


def test_adapters_are_short() -> None:
    assert max(len(file.read_text(encoding="utf-8").splitlines()) for file in programs_of_the_folder()) <= 100


def programs_of_the_folder() -> list[Path]:
    return [*ADAPTERS.glob("*.py"), *ADAPTERS.glob("*.mts")]
