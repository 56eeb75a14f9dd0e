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
from twosignal_mock import MockServer

from tests.conformance.clients.journals import CONTRACT
from tests.conformance.projects import COMMAND

Json = Any

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


def test_an_empty_journal_is_no_success(tmp_path: Path) -> None:
    with MockServer() as mock, mock.sandbox("suite") as sandbox:
        command = [*COMMAND, "journal", "--mock", mock.url, "--api-key", sandbox.api_key]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, env=plain(), cwd=tmp_path)
    assert done.returncode == 5
