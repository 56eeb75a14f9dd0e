"""A good guest: no secret in any output, nothing sent that was not allowed, nothing created that is not listed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.runner.conftest import FILES, HEALTH_ALONE, PASSWORD, Judge, sick
from tests.conformance.servers import HEALTH, KEY, Asked, Response, Server, good, json_response, serving


def test_no_secret_is_in_any_output(judge: Judge) -> None:
    def echo(asked: Asked) -> Response | None:
        respond = sick(asked) if asked.path == HEALTH else good(asked)
        if respond is None:
            return None
        secrets = f"{asked.headers.get('authorization')} {PASSWORD} {asked.body.decode('utf-8', 'replace')}"
        return Response(respond.status, respond.body, {**respond.headers, "x-echo": re.sub(r"\s", " ", secrets)[:2000]})

    others = ("--other-api-key", "ts_the_other_key", "--revoked-api-key", "ts_the_revoked_key")
    with serving(echo) as server:
        user = ("--user", f"dev@example.com:{PASSWORD}")
        ended = judge(server.url, *others, *user, "--only", "health", "--only", "auth", "--settle", "0")
    assert ended.code == 1
    written = {path.name: path.read_text(encoding="utf-8") for path in ended.folder.iterdir()}
    assert len(written) == len(FILES) + 1
    for name, text in {**written, "out": ended.out, "err": ended.err}.items():
        for secret in (KEY, "ts_the_other_key", "ts_the_revoked_key", PASSWORD):
            assert secret not in text, name
    assert "$TWOSIGNAL_API_KEY" in written[FILES["json"]]


@pytest.mark.parametrize("length", [200, 500, 2000])
def test_no_cut_goes_through_a_key(judge: Judge, length: int) -> None:
    """Where a report shows so many characters, the key lies across the last of them."""

    def echo(asked: Asked) -> Response | None:
        if asked.path != HEALTH:
            return good(asked)
        before = length - len(KEY) // 2 - len('{"status": "sick", "echo": "')
        return json_response(200, {"status": "sick", "echo": f"{'-' * before}{KEY}{'-' * 999}"})

    with serving(echo) as server:
        ended = judge(server.url, *HEALTH_ALONE)
    assert ended.code == 1
    written = {path.name: path.read_text(encoding="utf-8") for path in ended.folder.iterdir()}
    for name, text in {**written, "out": ended.out, "err": ended.err}.items():
        assert KEY[:6] not in text, name


def test_a_read_only_run_sends_only_safe_methods(judge: Judge) -> None:
    with serving() as server:
        ended = judge(server.url, "--read-only", "--only", "auth", "--only", "health")
    assert {asked.method for asked in server.asked} <= {"GET", "HEAD", "OPTIONS"}
    assert "run without --read-only" in ended.out
    assert not list(ended.folder.glob("*.jsonl"))


def test_planned_requests_are_listed_and_not_sent(judge: Judge) -> None:
    with serving() as server:
        ended = judge(server.url, "--plan-requests", "--only", "health", "--only", "auth", key=None, reports=False)
    assert (ended.code, ended.err, server.asked) == (0, "", [])
    assert "test_health::test_health_is_answered_without_a_key\n      1 GET     /api/v1/health\n" in ended.out
    assert "Nothing was sent." in ended.out
    assert not list(ended.folder.iterdir())


def test_what_is_left_is_listed(judge: Judge, server: Server) -> None:
    ended = judge(server.url, "--only", "auth.key.bearer", "--run-id", "mine")
    ledger = ended.folder / "twosignal-conformance-mine.jsonl"
    command = [sys.executable, "-m", "twosignal_conformance", "left", str(ledger)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.startswith(f"run mine on {server.url}, begun ")
    assert re.search(
        r"^trace\t[0-9a-f-]{36}\ttrace mine 1-[0-9a-f]{6}\ttest_authentication::\S+\t--api-key$",
        done.stdout,
        re.MULTILINE,
    )
    assert done.stdout.splitlines()[-1].startswith("1 trace, 1 score, 1 template version at most")


def test_a_ledger_that_is_none_ends_with_3(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("{}\n", encoding="utf-8")
    command = [sys.executable, "-m", "twosignal_conformance", "left", str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stderr) == (3, f"{bad}:1: is no line of a run ledger\n")
