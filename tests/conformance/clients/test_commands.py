"""`client` and `journal` as processes: exit codes, verdicts and reasons, with commands that are a few lines each."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from twosignal_mock import MockServer, Sandbox

from tests.conformance.clients.journals import CONTRACT
from tests.conformance.projects import COMMAND

Json = Any

MOST_TRACES = CONTRACT.parameter("listTraces", "limit").maximum

SECONDS = 120.0
"""Seconds after which a run hangs."""

START = """
import json, os, sys, urllib.request
from urllib.error import HTTPError
scenario = json.load(sys.stdin)
def ask(path, body=None, **headers):
    own = {"Authorization": "Bearer " + os.environ["TWOSIGNAL_API_KEY"], "Content-Type": "application/json"}
    body = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["TWOSIGNAL_BASE_URL"] + path, body, own | headers)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status
    except HTTPError as error:
        return error.code
"""
"""Beginning of every command here."""


def judge(folder: Path, code: str, *options: str, mock: str | None = None) -> tuple[int, Json, str]:
    """Exit code, JSON report and standard error of a run about a piece of Python."""
    program, report = folder / "program.py", folder / "report.json"
    program.write_text(START + code, encoding="utf-8")
    named = [] if mock is None else ["--mock", mock]
    command = [*COMMAND, "client", *options, *named, "--json", str(report), "--", sys.executable, str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, env=plain())
    return done.returncode, json.loads(report.read_text()) if report.exists() else None, done.stderr


def plain() -> dict[str, str]:
    """The environment without what would change a run."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TWOSIGNAL_")}


def clause(report: Json, name: str) -> Json:
    """What a report says of a clause."""
    return next(row for row in report["clauses"] if row["id"] == name)


def test_a_command_that_can_do_nothing_is_not_judged(tmp_path: Path) -> None:
    code, report, _ = judge(tmp_path, "sys.exit(64)", "--scenario", "score")
    assert code == 5
    assert {row["outcome"] for row in report["scenarios"]} == {"unsupported"}
    assert "does not support the kind 'score'" in clause(report, "client.scores.range")["reason"]


def test_a_command_that_fails_is_judged_by_what_it_did_and_the_run_is_not_finished(tmp_path: Path) -> None:
    route = 'ask("/api/v1/route-model", {"input": "x"}); sys.exit("it broke")'
    code, report, _ = judge(tmp_path, route, "--scenario", "route-500")
    assert code == 1
    assert clause(report, "client.retry.server-error-again")["verdict"] == "fail"
    code, report, _ = judge(tmp_path, route, "--scenario", "route-unknown-fields")
    assert code == 5
    assert clause(report, "client.request.valid")["verdict"] == "pass"
    assert "it broke" in report["scenarios"][0]["detail"]


def test_a_command_that_sends_nothing_is_said_to_have_sent_nothing(tmp_path: Path) -> None:
    code, report, _ = judge(tmp_path, "sys.exit(1)", "--scenario", "route")
    assert code == 5
    assert clause(report, "client.request.valid")["reason"] == "the command sent no request that shows it"


def test_a_command_that_crashes_at_once_is_told_so_once_and_accused_of_nothing(tmp_path: Path) -> None:
    error = f"Error: Cannot find module 'x' (process {'{os.getpid()}'})"
    text = rf"node:internal/loader:1143\n  throw err;\n  ^\n\n{error}\n    at load\n\nNode.js v20.11.0"
    crash = f'sys.exit(f"{text}")'
    program, page, junit = tmp_path / "program.py", tmp_path / "report.html", tmp_path / "report.xml"
    report = tmp_path / "report.json"
    program.write_text(START + crash, encoding="utf-8")
    files = ["--json", str(report), "--html", str(page), "--junit", str(junit)]
    done = subprocess.run(
        [*COMMAND, "client", *files, "--", sys.executable, str(program)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env=plain(),
    )
    value = json.loads(report.read_text(encoding="utf-8"))
    assert done.returncode == 5
    assert len(value["scenarios"]) > 50
    assert {row["outcome"] for row in value["scenarios"]} <= {"failed", "unsupported"}
    assert [row["id"] for row in value["clauses"] if row["verdict"] in ("fail", "pass")] == []
    # While it goes on, and in the end.
    progress, _, conclusion = done.stdout.partition("the client failed in ")
    assert progress.count("Cannot find module") == conclusion.count("Cannot find module") == 1
    assert conclusion.startswith(value["scenarios"][0]["name"])
    assert "  | node:internal/loader:1143" in conclusion.splitlines()
    assert junit.read_text(encoding="utf-8").count("Cannot find module") == 1
    assert page.read_text(encoding="utf-8").count("throw err;") == 1


def test_a_client_that_sends_no_key_is_caught_although_its_requests_belong_to_nobody(tmp_path: Path) -> None:
    route = 'ask("/api/v1/route-model", {"input": "x"}, Authorization="Basic eDp5")'
    code, report, _ = judge(tmp_path, route, "--scenario", "route")
    assert code == 1
    assert clause(report, "client.auth.bearer")["verdict"] == "fail"


def test_what_was_not_chosen_is_untested_for_that(tmp_path: Path) -> None:
    _, report, _ = judge(tmp_path, 'ask("/api/v1/route-model", {"input": "x"})', "--scenario", "route-unknown-fields")
    assert clause(report, "client.paging.cursor")["reason"] == "none of its scenarios was chosen"


def test_no_key_or_password_is_in_a_report(tmp_path: Path) -> None:
    key = 'os.environ["TWOSIGNAL_API_KEY"]'
    kept = f'open({str(tmp_path / "key")!r}, "w").write({key})'
    program = f'{kept}; print({key}, os.environ["TWOSIGNAL_PASSWORD"]); sys.exit({key})'
    _, report, _ = judge(tmp_path, program, "--scenario", "validate-500")
    assert (tmp_path / "key").read_text() not in json.dumps(report)
    assert "$TWOSIGNAL_API_KEY" in report["scenarios"][0]["detail"]


def test_a_program_that_is_not_there_is_a_wrong_command_line() -> None:
    command = [*COMMAND, "client", "--", "./no-such-program"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, env=plain())
    assert done.returncode == 2
    assert "no-such-program" in done.stderr


def test_where_no_mock_is_the_exit_code_is_4(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    code, report, _ = judge(tmp_path, "", mock=f"http://127.0.0.1:{port}")
    assert code == 4
    assert "no mock answers there" in report["run"].get("message", "") + json.dumps(report)


def test_a_mock_that_runs_is_used_and_left_as_it_was(tmp_path: Path) -> None:
    with MockServer() as mock:
        before = httpx.get(f"{mock.url}/__mock/v1/sandboxes").json()["sandboxes"]
        route = 'ask("/api/v1/route-model", {"input": "x"})'
        code, report, _ = judge(
            tmp_path, route, "--scenario", "route-unknown", "--scenario", "429-dialect", mock=mock.url
        )
        after = httpx.get(f"{mock.url}/__mock/v1/sandboxes").json()["sandboxes"]
    assert code == 0
    assert [row["id"] for row in after] == [row["id"] for row in before]
    dialect = next(row for row in report["scenarios"] if row["name"] == "429-dialect")
    assert "dialects" in dialect["detail"]


def test_a_mock_of_another_contract_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(CONTRACT.path.read_text(encoding="utf-8") + "\n# another file\n", encoding="utf-8")
    with MockServer(contract=other) as mock:
        code, _, _ = judge(tmp_path, "", mock=mock.url)
    assert code == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_at_once_with_its_report(tmp_path: Path, number: signal.Signals) -> None:
    program, report, started = tmp_path / "program.py", tmp_path / "report.json", tmp_path / "started"
    program.write_text(f"import time; open({str(started)!r}, 'w'); time.sleep(99)", encoding="utf-8")
    command = [*COMMAND, "client", "--scenario", "route", "--json", str(report), "--", sys.executable, str(program)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=plain())
    until = time.monotonic() + SECONDS / 2
    while not started.exists() and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(number)
    process.communicate(timeout=SECONDS / 2)
    assert process.returncode == 130
    assert json.loads(report.read_text())["run"]["state"] == "interrupted"


def test_a_journal_is_judged_request_by_request(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with MockServer() as mock, mock.sandbox("suite") as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        sandbox.faults.add("status", cause="rate-limit", retry_after=2, operations=["listTraces"], times=1)
        for _ in range(2):
            httpx.get(f"{sandbox.url}/api/v1/traces", headers=headers)
        command = [*COMMAND, "journal", "--json", str(report)]
        environment = plain() | {"TWOSIGNAL_BASE_URL": f"{mock.url}/api/v1", "TWOSIGNAL_API_KEY": sandbox.api_key}
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, env=environment)
        unknown = subprocess.run(
            command,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=environment | {"TWOSIGNAL_API_KEY": "ts_none"},
        )
    assert (done.returncode, unknown.returncode) == (1, 4)


def journal(folder: Path, mock: MockServer, *options: str) -> tuple[int, Json]:
    """Exit code and report of a run about everything that a mock saw."""
    report = folder / "report.json"
    command = [*COMMAND, "journal", "--mock", mock.url, *options, "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, env=plain())
    return done.returncode, json.loads(report.read_text())


def ask(sandbox: Sandbox, method: str, path: str, **more: Json) -> None:
    """A request with the key of a sandbox."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    httpx.request(method, f"{sandbox.url}/api/v1{path}", headers=headers, **more)


def test_all_sandboxes_of_a_test_run_are_judged_together_and_dropped_ones_too(tmp_path: Path) -> None:
    clean, wrong = {"params": {"limit": 1}}, {"params": {"limit": MOST_TRACES + 1}}
    with MockServer() as mock, mock.sandbox("test_that_goes_on") as open_one:
        for name in ("test_one", "test_two", "test_two"):
            with mock.sandbox(name) as sandbox:
                ask(sandbox, "GET", "/traces", **clean)
        with mock.sandbox("test_refused") as sandbox:
            ask(sandbox, "GET", "/traces", **wrong)
        ask(open_one, "GET", "/traces", **clean)
        code, report = journal(tmp_path, mock, "--all")
        marked, pardoned = journal(tmp_path, mock, "--all", "--expected", "test_ref", "--expected", "test_typo")
        single, told = journal(tmp_path, mock, "--api-key", mock.api_key)
    assert code == 1
    rows = ["test_one", "test_refused", "test_that_goes_on", "test_two", "test_two (2)"]
    assert sorted(row["name"] for row in report["scenarios"]) == rows
    assert report["requests"] == len(rows)
    failed = clause(report, "client.paging.limit")
    assert failed["verdict"] == "fail"
    (shown,) = failed["evidence"]
    assert "the client got 400" in shown["actual"]
    assert "--expected test_refused" in shown["actual"]
    assert marked == 0
    assert clause(pardoned, "client.paging.limit")["verdict"] == "pass"
    assert "its test expects" in next(row["why"] for row in pardoned["scenarios"] if row["name"] == "test_refused")
    assert [row["title"] for row in pardoned["findings"]] == ["--expected test_typo marks nothing"]
    assert single == 5
    assert "--all judges them" in clause(told, "client.request.valid")["reason"]


def test_a_test_that_expects_an_error_may_not_send_it_again(tmp_path: Path) -> None:
    with MockServer() as mock:
        with mock.sandbox("test_gives_up") as sandbox:
            sandbox.faults.add("status", cause="unavailable", operations=["listTraces"], times=1)
            ask(sandbox, "GET", "/traces")
        with mock.sandbox("test_insists") as sandbox:
            for _ in range(2):
                ask(sandbox, "GET", "/traces", params={"limit": MOST_TRACES + 1})
        _, report = journal(tmp_path, mock, "--all", "--expected", "test_")
    assert clause(report, "client.retry.server-error-again")["verdict"] == "untested"
    assert clause(report, "client.retry.never")["verdict"] == "fail"


def test_a_fake_sleep_that_moves_the_clock_is_a_wait(tmp_path: Path) -> None:
    with MockServer() as mock:
        for name, seconds in (("test_waits", 7.0), ("test_waits_less", 5.0)):
            with mock.sandbox(name) as sandbox:
                sandbox.clock.freeze()
                sandbox.faults.add("status", cause="rate-limit", retry_after=7, operations=["listTraces"], times=1)
                ask(sandbox, "GET", "/traces")
                sandbox.clock.advance(seconds)
                ask(sandbox, "GET", "/traces")
        code, report = journal(tmp_path, mock, "--all")
    assert code == 1
    (line,) = clause(report, "client.retry.rate-limit-wait")["timelines"]
    assert line["scenario"] == "test_waits_less"
    assert line["attempts"][1]["wait_seen"] == pytest.approx(5.0, abs=0.5)


def test_marks_need_all_sandboxes(tmp_path: Path) -> None:
    command = [*COMMAND, "journal", "--mock", "http://127.0.0.1:1", "--api-key", "k", "--expected", "x"]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, env=plain(), cwd=tmp_path)
    assert done.returncode == 2


def test_an_empty_journal_is_no_success(tmp_path: Path) -> None:
    with MockServer() as mock, mock.sandbox("suite") as sandbox:
        command = [*COMMAND, "journal", "--mock", mock.url, "--api-key", sandbox.api_key]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, env=plain(), cwd=tmp_path)
    assert done.returncode == 5
