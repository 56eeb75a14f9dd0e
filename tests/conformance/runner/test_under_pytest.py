"""The suite beside the user's own pytest, and below it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twosignal_conformance._apis import DEFAULT, api_of
from twosignal_conformance.engine.api_client import Key, Settings
from twosignal_conformance.engine.judgement import make_run

from tests.conformance.judging import CONTRACT
from tests.conformance.projects import environment
from tests.conformance.runner.conftest import HEALTH_ALONE, Judge, sick
from tests.conformance.servers import HEALTH, KEY, Server, serving


def test_nothing_of_the_users_pytest_changes_a_run(judge: Judge, server: Server, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('user')\n", encoding="utf-8")
    ended = judge(server.url, *HEALTH_ALONE, PYTEST_ADDOPTS="--more-nonsense", PYTEST_PLUGINS="no_such_plugin")
    assert (ended.code, ended.err) == (0, "")


def pytest_run(
    folder: Path, url: str, *options: str, checks: str = "test_health", **more: str
) -> subprocess.CompletedProcess[str]:
    """The suite as a pytest user starts it."""
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider"]
    command += ["--pyargs", "twosignal_conformance", "-k", checks]
    environ = environment(TWOSIGNAL_API_KEY=KEY, **more)
    words = [*command, *(["--twosignal-url", url] if url else []), *options]
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=60)


def test_pytest_users_can_run_the_suite(server: Server, tmp_path: Path) -> None:
    done = pytest_run(tmp_path, server.url)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
    by_variable = pytest_run(tmp_path, "", TWOSIGNAL_CONFORMANCE_URL=server.url)
    assert by_variable.returncode == 0, by_variable.stdout


def test_a_violated_must_fails_the_test_of_a_pytest_user(tmp_path: Path) -> None:
    with serving(sick) as server:
        done = pytest_run(tmp_path, server.url)
    assert done.returncode == 1
    assert "health.body (must)" in done.stdout
    assert f"curl -i {server.url}{HEALTH}" in done.stdout
    assert KEY not in done.stdout


def test_a_pytest_user_without_an_address_is_told_so(tmp_path: Path) -> None:
    done = pytest_run(tmp_path, "")
    assert done.returncode == 4
    assert "no server to judge: give --twosignal-url" in done.stderr + done.stdout


def test_a_pytest_user_sees_who_is_judged_by_which_document(server: Server, tmp_path: Path) -> None:
    other = tmp_path / "ours.yaml"
    other.write_bytes(CONTRACT.path.read_bytes())
    done = pytest_run(tmp_path, server.url, f"--twosignal-contract={other}")
    assert f"judging {server.url}" in done.stdout
    assert f"contract {other.name} {CONTRACT.version} {CONTRACT.sha256[:12]}" in done.stdout


def test_a_pytest_user_sees_what_is_untested_and_why(server: Server, tmp_path: Path) -> None:
    # The small server shows nothing that it took, so that little of what needs it can be judged.
    done = pytest_run(
        tmp_path, server.url, "--twosignal-settle=0.1", "-rs", checks="test_score_values or test_rate_keys"
    )
    assert "untested: " in done.stdout
    summary = done.stdout.partition("untested: ")[2]
    assert "--allow-burst" in summary
    assert "nothing was decided" not in done.stdout


def test_what_a_check_says_itself_that_it_could_not_judge_is_kept_with_its_reason() -> None:
    settings = Settings("http://127.0.0.1:1", {Key.MAIN: KEY}, "run", 1)
    judge = make_run(settings, CONTRACT, api_of(DEFAULT).access).judge(
        "test_x::test_y", ("health.status", "health.body")
    )
    judge.check("health.status", True, expected="status 200", actual=200)
    judge.untested("health.body", "no body came")
    judge.finish()
    assert judge.decided
    assert [(row.clause, row.reason) for row in judge.undecided] == [("health.body", "no body came")]
