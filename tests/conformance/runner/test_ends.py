"""How a run ends: out of time, interrupted, without a reader, without room on the disk."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conformance.projects import environment, suite
from tests.conformance.runner.conftest import HEALTH_ALONE, Judge, sick
from tests.conformance.servers import KEY, Asked, Response, Server, good, serving


def test_time_that_is_up_ends_with_5(judge: Judge, server: Server) -> None:
    ended = judge(server.url, "--max-time", "0", *HEALTH_ALONE)
    assert ended.code == 5
    assert ended.out.splitlines()[-1].endswith("the run was cut by --max-time")


def test_nothing_judged_ends_with_5(judge: Judge, server: Server) -> None:
    ended = judge(server.url, "--only", "auth.key.revoked")
    assert (ended.code, ended.out.splitlines()[-1]) == (5, "nothing was judged")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["Ctrl-C", "SIGTERM", "SIGHUP"])
def test_an_interrupted_run_still_reports(tmp_path: Path, sent: signal.Signals) -> None:
    left = [5]

    def slow(asked: Asked) -> Response | None:
        left[0] -= 1
        if left[0] < 0:
            time.sleep(5)
        return good(asked)

    with serving(slow) as running:
        command = [
            sys.executable,
            "-m",
            "twosignal_conformance",
            "server",
            running.url,
            "--api-key",
            KEY,
            "--json",
            "r.json",
        ]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True)
        while len(running.asked) < 5:
            time.sleep(0.02)
        process.send_signal(sent)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.splitlines()[-1].endswith("the run was interrupted")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["run"]["state"] == "interrupted"


def test_a_reader_that_went_away_ends_the_output_and_not_the_run(tmp_path: Path, server: Server) -> None:
    command = [sys.executable, "-m", "twosignal_conformance", "server", server.url, "--api-key", KEY]
    command += ["--only", "health", "--only", "auth.key", "--settle", "0", "--json", "r.json"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith("judging ")
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    state = json.loads((tmp_path / "r.json").read_text(encoding="utf-8")) if process.wait(timeout=60) < 2 else {}
    assert (process.returncode, err) == (int(bool(state["summary"]["fail"])), "")
    assert state["run"]["state"] == "complete"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_finds_no_room_is_told_once_and_the_run_goes_on(tmp_path: Path, server: Server) -> None:
    command = [sys.executable, "-m", "twosignal_conformance", "server", server.url, "--api-key", KEY, *HEALTH_ALONE]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "--json", "r.json"],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0
    assert done.stderr == "standard output cannot be written (No space left on device); the run goes on\n"
    assert (tmp_path / "r.json").stat().st_size


def test_a_ledger_that_fills_up_ends_with_5_and_nothing_is_created_after_it(tmp_path: Path, server: Server) -> None:
    command = [sys.executable, "-B", "-m", "twosignal_conformance", "server", server.url, "--api-key", KEY]
    command += ["--only", "traces.fields", "--profile", "quick", "--settle", "0", "--ledger", "ledger"]
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 1; exec "$@"', "bash", *command],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.count("error of the suite run ledger: --ledger: ledger cannot be written (File too large)") == 1
    assert done.returncode in (1, 5), "a violation comes before what could not be finished"
    assert "Traceback" not in done.stdout + done.stderr


def test_help_tells_exit_codes_and_variables() -> None:
    command = [sys.executable, "-m", "twosignal_conformance", "server", "--help"]
    done = subprocess.run(
        command, env=environment(COLUMNS="200"), capture_output=True, text=True, check=True, timeout=30
    )
    text = " ".join(done.stdout.split())
    for part in (
        "Exit codes: 0",
        "130 interrupted",
        "TWOSIGNAL_CONFORMANCE_SETTLE",
        "TWOSIGNAL_API_KEY",
        "--plan-requests",
        "<must|should>",
    ):
        assert part in text


def test_the_register_names_the_checks_of_a_clause() -> None:
    command = [sys.executable, "-m", "twosignal_contract", "clauses", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    checks = {row["id"]: row["checks"] for row in json.loads(done.stdout)}
    assert checks["health.body"] == ["test_health::test_health_is_answered_without_a_key"]


ODD: dict[str, tuple[str, dict[str, str], int, str]] = {
    "standard output is closed": (">&-", {}, 0, ""),
    "all standard streams are closed": ("<&- >&- 2>&-", {}, 0, ""),
    "a terminal of no columns": ("", {"COLUMNS": "0", "LINES": "0"}, 0, ""),
    "columns that are no number": ("", {"COLUMNS": "wide"}, 0, ""),
    "a terminal of ASCII": ("", {"PYTHONIOENCODING": "ascii"}, 0, ""),
    "a proxy beside": ("", {"ALL_PROXY": "socks5://127.0.0.1:1", "no_proxy": "[::1"}, 0, ""),
}


@pytest.mark.parametrize("name", list(ODD))
def test_an_odd_surrounding_changes_no_exit_code(tmp_path: Path, server: Server, name: str) -> None:
    closed, variables, code, line = ODD[name]
    words = [sys.executable, "-m", "twosignal_conformance", "server", server.url, "--api-key", KEY, *HEALTH_ALONE]
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" {closed}', "bash", *words, "--json", "r.json"],
        cwd=tmp_path, env=environment(**variables), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (code, line)
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["run"]["state"] == "complete"
    assert "judging " not in "".join(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())


PROXIES = {
    "socks without its package": {"ALL_PROXY": "socks5://127.0.0.1:1"},
    "another scheme": {"HTTP_PROXY": "ftp://127.0.0.1:1", "http_proxy": "ftp://127.0.0.1:1"},
}


@pytest.mark.parametrize("name", list(PROXIES))
def test_a_proxy_that_cannot_be_used_is_told_and_is_no_violation(judge: Judge, name: str) -> None:
    ended = judge("http://api.invalid", reports=False, **PROXIES[name])
    assert ended.code == 2
    assert "a proxy of the environment" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_report_may_go_to_standard_output(judge: Judge, server: Server) -> None:
    ended = judge(server.url, *HEALTH_ALONE, "--json", "-", reports=False)
    assert ended.code == 0
    assert json.loads(ended.out)["summary"]["pass"]
    assert ended.err.splitlines()[0].startswith("judging ")


def test_a_violation_comes_before_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()

    def removing(asked: Asked) -> Response | None:
        if folder.exists():
            folder.rmdir()
        return sick(asked)

    with serving(removing) as running:
        ended = suite(tmp_path, "server", running.url, "--api-key", KEY, *HEALTH_ALONE, "--json", "reports/r.json")
    assert ended.code == 1
    assert "--json reports/r.json: cannot be written" in ended.err


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("client", "--list"), ("server", "--help")])
def test_a_closed_pipe_is_the_same_for_all_commands(tmp_path: Path, words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "twosignal_conformance", *words]
    script = 'set -o pipefail; "$@" | true; exit ${PIPESTATUS[0]}'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *command],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_known_deviations_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "known").write_text("\ufeffhealth.body it is sick\n", encoding="utf-8")
    with serving(sick) as running:
        ended = suite(tmp_path, "server", running.url, "--api-key", KEY, "--only", "health.body", "--known", "known")
    assert ended.code == 0, ended.out + ended.err


def test_an_error_of_the_command_itself_is_one_line_and_5(tmp_path: Path) -> None:
    script = (
        "import twosignal_conformance._judging_clients as it, sys\n"
        "from twosignal_conformance._command import main\n"
        "it.load_contract = lambda path: 1 / 0\n"
        "sys.argv = ['x', 'client', '--', 'true']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (5, "error of the suite: ZeroDivisionError: division by zero\n")
