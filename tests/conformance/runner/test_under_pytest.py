"""The suite beside the user's own pytest, and below it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conformance.projects import environment
from tests.conformance.runner.conftest import HEALTH_ALONE, Judge, sick
from tests.conformance.servers import HEALTH, KEY, Server, serving


def test_nothing_of_the_users_pytest_changes_a_run(judge: Judge, server: Server, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('user')\n", encoding="utf-8")
    ended = judge(server.url, *HEALTH_ALONE, PYTEST_ADDOPTS="--more-nonsense", PYTEST_PLUGINS="no_such_plugin")
    assert (ended.code, ended.err) == (0, "")


def pytest_run(folder: Path, url: str, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The suite as a pytest user starts it."""
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider"]
    command += ["--pyargs", "twosignal_conformance", "-k", "test_health"]
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
