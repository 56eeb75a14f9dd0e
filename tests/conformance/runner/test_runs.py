"""A run against a server that can be judged: verdict, reports, repetition."""

from __future__ import annotations

import re

import jsonschema_rs
from twosignal_conformance.engine.reports import report_schema

from tests.conformance.runner.conftest import FILES, HEALTH_ALONE, Judge, sick
from tests.conformance.servers import HEALTH, Server, serving


def test_a_good_server_ends_with_0_and_all_reports(judge: Judge, server: Server) -> None:
    ended = judge(server.url, *HEALTH_ALONE)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "conforms among the 5 clauses of --only"
    assert all((ended.folder / name).stat().st_size for name in FILES.values())
    validator = jsonschema_rs.Draft202012Validator(report_schema())
    assert [str(flaw) for flaw in validator.iter_errors(ended.report)] == []


def test_an_address_with_the_base_path_means_the_same(judge: Judge, server: Server) -> None:
    assert judge(f"{server.url}/api/v1", *HEALTH_ALONE).report["target"] == server.url


def test_the_budget_is_announced_before_the_first_request(judge: Judge) -> None:
    ended = judge("http://127.0.0.1:1", *HEALTH_ALONE)
    assert re.search(r"sends at most [0-9,]+ requests, [0-9,]+ traces, [0-9,.]+ MB", ended.out)


def test_a_violation_ends_with_1_and_a_command_that_shows_it(judge: Judge) -> None:
    with serving(sick) as server:
        ended = judge(server.url, *HEALTH_ALONE)
    assert ended.code == 1
    assert "VIOLATED must health.body" in ended.out
    assert f"repeat    curl -i {server.url}{HEALTH}" in ended.out
    assert ended.out.splitlines()[-1] == "1 must and 0 should clauses violated among the 5 clauses of --only"


def test_the_same_run_sends_the_same_requests(judge: Judge) -> None:
    # Without time to settle nothing is asked twice: the number of polls is a matter of time.
    options = ("--only", "auth", "--seed", "7", "--run-id", "again", "--now", "2026-03-14T12:00:00Z", "--settle", "0")
    sent = []
    for _ in range(2):
        with serving() as server:
            judge(server.url, *options)
            sent.append([(asked.method, asked.path, asked.query, asked.body) for asked in server.asked])
    assert len(sent[0]) > 10
    assert sent[0] == sent[1]
