"""The GitHub Action and the recipes of docs/ci.md: their own lines, run by bash against the mock.

The Action's step that installs is not run: what it installs is what the tests run in. The page's lines are run in CI.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from twosignal_conformance._commands._server import judge_server
from twosignal_contract import About, Level, load_contract
from twosignal_mock import MockServer

from tests.conformance.projects import PLAN, Project, environment, project
from tests.end_to_end.pages import ROOT, SHELLS, blocks, rows, shells

PAGE = "docs/ci.md"
ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, Any] = {step["id"]: step for step in ACTION["runs"]["steps"]}
SECRETS = ("api-key", "other-api-key", "revoked-api-key", "user")
BIN = Path(sys.executable).parent
PATIENCE = 100
"""Seconds for a recipe."""

QUICK = ("--only", "health", "--only", "auth.key")


@pytest.fixture(scope="module")
def own() -> Iterator[Project]:
    with MockServer(plan=PLAN) as mock, project(mock) as made:
        yield made


@dataclass
class Job:
    """What GitHub gives a step and gets from it."""

    folder: Path
    code: int
    log: str
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


def expanded(text: str, inputs: dict[str, str]) -> str:
    """What GitHub makes of ${{ inputs.x }}; it knows no other expression here."""
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: inputs[match[1]], text)


def act(folder: Path, **given: str) -> Job:
    """The step that judges, as GitHub runs it."""
    runner = folder / "runner"
    (runner / "twosignal-conformance").mkdir(parents=True)
    (runner / "twosignal-conformance" / "bin").symlink_to(BIN)
    files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    defaults = {name: str(row.get("default", "")) for name, row in ACTION["inputs"].items()}
    inputs = defaults | {name.replace("_", "-"): value for name, value in given.items()}
    step = STEPS["judge"]
    script = folder / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    variables = {name: expanded(str(value), inputs) for name, value in step["env"].items()}
    surroundings = environment(RUNNER_TEMP=str(runner), **{name: str(file) for name, file in files.items()})
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
        cwd=folder,
        env=surroundings | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    told = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return Job(folder, done.returncode, done.stdout, told, files["GITHUB_STEP_SUMMARY"].read_text())


def keys(own: Project) -> dict[str, str]:
    """The inputs that are secrets."""
    return {
        "api_key": own.own.api_key,
        "other_api_key": own.other.api_key,
        "revoked_api_key": own.revoked,
        "user": f"{own.own.email}:{own.own.password}",
    }


# --- the action ---


def test_the_page_has_every_input_and_output() -> None:
    assert {name: default for name, default, _ in rows(PAGE, "input")} == {
        name: str(row.get("default", "")) for name, row in ACTION["inputs"].items()
    }
    assert [name for name, _ in rows(PAGE, "output")] == list(ACTION["outputs"])


def test_the_example_of_the_page_gives_inputs_that_there_are() -> None:
    (workflow,) = (yaml.safe_load(block.text) for block in blocks(PAGE) if "secrets." in block.text)
    (step,) = (step for step in workflow["jobs"]["conformance"]["steps"] if step.get("id") == "suite")
    assert step["with"].keys() <= ACTION["inputs"].keys()
    assert {name for name, row in ACTION["inputs"].items() if row.get("required")} <= step["with"].keys()
    assert all(str(step["with"][name]).startswith("${{ secrets.") for name in SECRETS)


def test_the_example_for_an_sdk_gives_inputs_that_there_are() -> None:
    (workflow,) = (yaml.safe_load(block.text) for block in blocks(PAGE) if "judge: client" in block.text)
    given = [step["with"] for step in workflow["jobs"]["sdk"]["steps"] if "with" in step]
    assert [inputs["judge"] for inputs in given] == ["journal", "client"]
    assert all(inputs.keys() <= ACTION["inputs"].keys() for inputs in given)


def test_no_input_is_put_into_a_script_and_all_go_by_environment() -> None:
    assert not [name for name, step in STEPS.items() if "${{" in step["run"]]
    text = json.dumps(STEPS["judge"]["env"])
    assert all(f"${{{{ inputs.{name} }}}}" in text for name in ACTION["inputs"])


def test_every_variable_is_that_of_an_option() -> None:
    options = {
        variable
        for annotated in judge_server.__annotations__.values()
        for variable in re.findall(r"TWOSIGNAL_CONFORMANCE_[A-Z_]+", str(annotated))
    } or set()
    told = subprocess.run(
        [BIN / "twosignal-conformance", "server", "--help"],
        env=environment(COLUMNS="400"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options |= set(re.findall(r"TWOSIGNAL_CONFORMANCE_[A-Z_]+", told))
    given = {name for name in STEPS["judge"]["env"] if name.startswith("TWOSIGNAL")}
    assert given <= options


def test_what_is_installed_is_locked_and_built_without_a_network() -> None:
    step = STEPS["install"]["run"]
    assert "--require-hashes" in step
    assert "--no-index --no-deps --no-build-isolation" in step
    (lock,) = re.findall(r"\$SOURCE/([\w.-]+)\"", step)[:1]
    text = (ROOT / lock).read_text(encoding="utf-8")
    for name in ("hatchling", "httpx", "pytest", "hypothesis", "schemathesis", "openapi-core"):
        assert re.search(rf"^{name}==", text, re.MULTILINE), name
    assert "://" not in step


def test_a_good_server_makes_a_good_job(own: Project, tmp_path: Path) -> None:
    job = act(tmp_path, url=own.url, plan=PLAN, profile="quick", args="--run-id action --seed  7", **keys(own))
    assert (job.code, job.outputs["exit-code"]) == (0, "0"), job.log
    assert job.outputs["verdict"] == job.log.splitlines()[-1]
    assert job.outputs["verdict"] in job.summary
    assert list(job.outputs) == list(ACTION["outputs"])
    for name in ("json", "junit", "html", "sarif", "badge", "ledger"):
        path = tmp_path / job.outputs[name]
        assert path.parent == tmp_path / "twosignal-conformance"
        text = path.read_text(encoding="utf-8")
        assert text
        assert not [secret for secret in own.secrets if secret in text], name
    assert not [secret for secret in own.secrets if secret in job.log]
    assert json.loads((tmp_path / job.outputs["json"]).read_text())["run"]["id"] == "action"


def test_a_file_of_known_deviations_is_read_and_a_stale_one_fails_the_job(own: Project, tmp_path: Path) -> None:
    (tmp_path / "known.txt").write_text("health.body  ticket 7\n", encoding="utf-8")
    job = act(tmp_path, url=own.url, known="known.txt", args=" ".join(QUICK), **keys(own))
    assert (job.code, job.outputs["exit-code"]) == (1, "1"), job.log
    assert "1 known deviation out of date" in job.outputs["verdict"]


def test_a_wrong_input_fails_the_job_and_says_why(own: Project, tmp_path: Path) -> None:
    job = act(tmp_path, url=own.url, plan="fre", **keys(own))
    assert (job.code, job.outputs["exit-code"]) == (2, "2")
    assert job.outputs["verdict"].startswith("--plan fre: expected one of")
    assert job.outputs["json"] == job.outputs["ledger"] == ""


def test_signs_of_the_shell_in_an_input_stay_signs(own: Project, tmp_path: Path) -> None:
    odd = "$(touch pwned) `touch pwned` ; touch pwned *"
    job = act(tmp_path, url=own.url, args=odd, **keys(own))
    assert job.code == 2
    assert not (tmp_path / "pwned").exists()


def test_what_an_older_run_left_is_no_result_of_this_one(own: Project, tmp_path: Path) -> None:
    folder = tmp_path / "twosignal-conformance"
    folder.mkdir()
    (folder / "report.json").write_text("{}", encoding="utf-8")
    job = act(tmp_path, url=own.url, plan="fre", **keys(own))
    assert job.outputs["json"] == ""


# --- the action, for an SDK ---

ASKS = """
import os, sys, urllib.request as r
key = {{'Authorization': 'Bearer ' + os.environ['TWOSIGNAL_API_KEY']}}
try:
    r.urlopen(r.Request(os.environ['TWOSIGNAL_BASE_URL'] + '/api/v1/traces{query}', headers=key))
except OSError:
    pass
sys.exit({code})
"""
"""Somebody's tests, or somebody's program around a client, which does no scenario that it is given."""


def asking(folder: Path, query: str = "", code: int = 0) -> str:
    program = folder / "asks.py"
    program.write_text(ASKS.format(query=query, code=code), encoding="utf-8")
    return f"'{sys.executable}' asks.py"


@pytest.mark.parametrize(
    ("query", "tests", "code"), [("", 0, 0), ("?limit=0", 0, 1), ("", 3, 3)], ids=["kept", "broken", "tests fail"]
)
def test_the_action_judges_what_tests_sent(tmp_path: Path, query: str, tests: int, code: int) -> None:
    job = act(tmp_path, judge="journal", command=asking(tmp_path, query, tests))
    assert job.code == code, job.log
    assert job.outputs["exit-code"] == ("1" if query else "0")
    assert job.outputs["verdict"] in job.summary
    report = json.loads((tmp_path / job.outputs["json"]).read_text(encoding="utf-8"))
    violated = {row["id"] for row in report["clauses"] if row["verdict"] == "fail"}
    assert violated == ({"client.request.valid", "client.paging.limit"} if query else set())


def test_the_action_judges_a_client(tmp_path: Path) -> None:
    job = act(tmp_path, judge="client", command=asking(tmp_path, "?limit=0"), args="--scenario list-400")
    assert (job.code, job.outputs["exit-code"]) == (1, "1"), job.log
    report = json.loads((tmp_path / job.outputs["json"]).read_text(encoding="utf-8"))
    assert [row["name"] for row in report["scenarios"]] == ["list-400"]


def test_the_action_refuses_to_judge_what_it_does_not_know(tmp_path: Path) -> None:
    job = act(tmp_path, judge="cleint")
    assert job.code == 2
    assert "expected server, client or journal" in job.log


# --- the lines to install by ---


@pytest.mark.timeout(600)
@pytest.mark.skipif(os.environ.get("CI") != "true", reason="asks a package index: run with CI=true")
@shells
def test_the_lines_to_install_by_give_commands_that_run(tmp_path: Path, name: str) -> None:
    words = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    commit = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    places = {"TWOSIGNAL_CONTRACT_REPOSITORY": str(ROOT), "TWOSIGNAL_CONTRACT_COMMIT": commit}
    done = subprocess.run(
        [*SHELLS[name], "-u", "-c", recipe("kit/requirements.lock")],
        cwd=tmp_path,
        env=environment(**places),
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"twosignal-mock \d+\.\d+\.\d+\n", done.stdout)


def test_the_levels_of_clauses_for_clients_are_those_of_the_contract() -> None:
    text = " ".join((ROOT / PAGE).read_text(encoding="utf-8").split())
    testable = [row for row in load_contract().clauses.values() if row.about is About.CLIENT and not row.untestable]
    count = Counter(row.level for row in testable)
    said = f"Of the {len(testable)} clauses that bind clients and can be tested, {count[Level.MUST]} are `must`"
    assert f"{said} and {count[Level.SHOULD]} `should`" in text
    assert f"and {count[Level.MAY]} `may`, which never fail" in text


# --- GitLab and plain shell ---


def shell(folder: Path, script: str, *, name: str = "sh", **variables: str) -> subprocess.CompletedProcess[str]:
    """A recipe in a shell of its own."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [SHELLS[name][0], "-c", script],
        cwd=folder,
        env=environment(PATH=path, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def recipe(sign: str) -> str:
    """The one recipe of the page that holds a sign."""
    (found,) = (block.text for block in blocks(PAGE) if block.language == "sh" and sign in block.text)
    return found


def test_the_lines_for_gitlab_run(own: Project, tmp_path: Path) -> None:
    (job,) = (yaml.safe_load(block.text)["conformance"] for block in blocks(PAGE) if "before_script" in block.text)
    variables = job["variables"] | own.variables | {"TWOSIGNAL_CONFORMANCE_URL": own.url}
    assert job["variables"].keys() <= variables.keys()
    done = shell(tmp_path, "\n".join(job["script"]), **variables, TWOSIGNAL_CONFORMANCE_ONLY="health")
    assert done.returncode == 0, done.stdout
    for name in ("report.json", "report.html", job["artifacts"]["reports"]["junit"]):
        assert (tmp_path / name).stat().st_size
    installs = [line for line in job["before_script"] if line.startswith("pip ")]
    own_words = [re.sub(r'"\$pip"|"\$SOURCE"?/?|"', "", line).split() for line in STEPS["install"]["run"].splitlines()]
    options = [{word for word in line if word.startswith("--")} for line in own_words]
    assert all({word for word in line.split() if word.startswith("--")} in options for line in installs)


@shells
@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
def test_the_plain_shell_runs_as_written(own: Project, tmp_path: Path, up: bool, name: str) -> None:
    url = own.url if up else "http://127.0.0.1:1"
    done = shell(tmp_path, recipe("reports/report.json"), name=name, **own.variables, TWOSIGNAL_CONFORMANCE_URL=url)
    assert done.returncode == (0 if up else 4), done.stdout
    assert done.stdout.splitlines()[-1].startswith("no violation" if up else "the server could not be judged")
    assert len(list((tmp_path / "reports").iterdir())) == (6 if up else 5)


CLIENT = "import os, urllib.request as r; r.urlopen(r.Request(os.environ['TWOSIGNAL_BASE_URL'] + '{path}', headers={{'Authorization': 'Bearer ' + os.environ['TWOSIGNAL_API_KEY']}}))"  # noqa: E501


@shells
@pytest.mark.parametrize(
    ("path", "code"), [("/api/v1/traces", 0), ("/api/v1/traces?limit=0", 1)], ids=["kept", "broken"]
)
def test_the_recipe_for_an_sdk_runs_as_written(tmp_path: Path, path: str, code: int, name: str) -> None:
    tests = tmp_path / "sdk_tests.py"
    tests.write_text(f"try:\n    {CLIENT.format(path=path)}\nexcept OSError:\n    pass\n", encoding="utf-8")
    done = shell(tmp_path, recipe("SDK_TESTS"), name=name, SDK_TESTS=f"{sys.executable} {tests}")
    assert done.returncode == code, done.stdout
    assert ("VIOLATED must client.request.valid" in done.stdout) == bool(code)
    assert (tmp_path / "journal.xml").stat().st_size
