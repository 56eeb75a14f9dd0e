"""A run repeats: the same seed, run id and --now send the same requests; and it sends no more than it says.

What a run sent is read from the journals of the mock that it judged, a fresh one for each run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import pytest
from twosignal_conformance._apis import DEFAULT, api_of
from twosignal_conformance.engine.api_client import SAFE_METHODS, Profile
from twosignal_contract import load_contract
from twosignal_mock import MockServer

from tests.conformance.projects import PLAN, Ended, Project, project, suite

CONTRACT = load_contract()
ACCESS = api_of(DEFAULT).access

JOURNAL = 50_000
"""Requests kept for each sandbox: more than any run sends."""

SAME = ("--seed", "7", "--run-id", "same")

TOKEN = re.compile(r"eyJ[\w-]*\.[\w-]*\.[\w-]*")


def sent(to: Project) -> list[dict[str, Any]]:
    """The journals of all sandboxes as one, in the order in which the requests came."""
    control = f"{to.url}/__mock/v1"
    with httpx.Client(trust_env=False) as client:
        sandboxes = client.get(f"{control}/sandboxes").json()["sandboxes"]
        rows = [row for sandbox in sandboxes for row in journal(client, control, sandbox["id"])]
    return sorted(rows, key=lambda row: float(row["started"]))


def journal(client: httpx.Client, control: str, sandbox: str) -> Iterable[dict[str, Any]]:
    since, last = 0, 1
    while since < last:
        page = client.get(f"{control}/journal", params={"sandbox": sandbox, "since": since, "limit": 1000}).json()
        yield from page["entries"]
        since, last = page["next"], page["last"] if page["entries"] else 0


def told(row: dict[str, Any], masks: dict[str, str]) -> str:
    """A request without what a fresh server decides: its tokens, keys and users."""
    request = row["request"]
    text = json.dumps([row["method"], row["path"], row["query"], request["body"], request["body_bytes"]])
    for secret, mask in masks.items():
        text = re.sub(re.escape(secret), mask, text, flags=re.IGNORECASE)
    return TOKEN.sub("<token>", text)


def requests_of(to: Project) -> list[str]:
    """What was sent, polls collapsed.

    Requests of one kind in a row stand in the order of their texts: those sent at the same time come in any order.
    """
    masks = dict.fromkeys(to.secrets, "<secret>") | {to.own.email: "<user>"}
    found: list[str] = []
    for _, rows in groupby(sent(to), key=lambda row: (row["method"], row["path"])):
        texts = sorted(told(row, masks) for row in rows)
        found += [text for text, _ in groupby(texts)]
    return found


def run(folder: Path, *options: str) -> tuple[Ended, list[str], list[dict[str, Any]]]:
    """A run with its requests as texts and as the journal has them."""
    folder.mkdir(exist_ok=True)
    with MockServer(plan=PLAN, journal_size=JOURNAL) as mock, project(mock) as own:
        ended = suite(folder, "server", own.url, "--json", "r.json", *options, timeout=100, **own.variables)
        return ended, requests_of(own), sent(own)


@pytest.fixture
def now() -> str:
    """An instant that both runs of a test take for now."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def test_the_same_seed_run_and_time_send_the_same(tmp_path: Path, now: str) -> None:
    (first, one, _), (second, other, _) = (run(tmp_path / name, *SAME, "--now", now) for name in ("one", "other"))
    assert (first.code, second.code) == (0, 0)
    assert len(one) > len(CONTRACT.operations) * 10
    assert [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]][:1] == []
    assert len(one) == len(other)


def test_a_run_id_that_the_server_knows_is_refused_before_anything_is_created(tmp_path: Path) -> None:
    options = ("--only", "traces.list.limit", "--profile", "quick", "--run-id")
    with MockServer(plan=PLAN) as mock, project(mock) as own:

        def judged(*more: str) -> Ended:
            return suite(tmp_path, "server", own.url, *options, *more, timeout=100, **own.variables)

        assert judged("mine").code == 0
        before = [row["method"] for row in sent(own)]
        again = judged("mine")
        assert again.code == 2
        assert f"--run-id mine: {own.url} holds the data of a run with this id" in again.err
        assert "choose another, such as mine-2" in again.err
        assert {row["method"] for row in sent(own)[len(before) :]} == {"GET"}
        assert [judged("mine", "--read-only").code, judged("mine-2").code] == [0, 0]


def test_another_seed_sends_other_data(tmp_path: Path, now: str) -> None:
    only = ("--only", "scores", "--now", now, "--run-id", "same")
    one, other = (run(tmp_path / seed, *only, "--seed", seed)[1] for seed in ("1", "2"))
    assert one != other


def test_a_read_only_run_sends_safe_methods_alone(tmp_path: Path) -> None:
    ended, _, rows = run(tmp_path, "--read-only")
    assert (ended.code, ended.err) == (0, "")
    assert rows
    assert {row["method"] for row in rows} <= SAFE_METHODS
    assert ended.report["summary"]["fail"] == 0
    assert not list(tmp_path.glob("*.jsonl"))


@pytest.mark.parametrize("profile", list(Profile))
def test_planning_sends_nothing_and_fits_the_budget(tmp_path: Path, profile: Profile) -> None:
    ended, _, rows = run(tmp_path, "--plan-requests", "--profile", profile)
    assert (ended.code, ended.err, rows) == (0, "", [])
    assert ended.last == "Nothing was sent."
    assert str(ACCESS.budgets[profile]) in ended.out


@pytest.mark.parametrize("profile", [Profile.QUICK, Profile.STANDARD])
def test_a_run_keeps_what_it_announced_with_room_to_spare(tmp_path: Path, profile: Profile) -> None:
    ended, _, rows = run(tmp_path, "--profile", profile)
    most = ACCESS.budget(profile, CONTRACT.plans[PLAN], allow_burst=False)
    assert f"sends at most {most}" in ended.out
    spent = re.search(r"; ([\d,]+) requests, ([\d,]+) traces, ([\d,.]+) MB in ", ended.out)
    assert spent
    requests, traces, megabytes = (float(number.replace(",", "")) for number in spent.groups())
    assert len(rows) <= requests < most.requests / 2
    assert traces < most.created / 2
    assert megabytes * 1e6 < most.bytes
    assert ended.code == 0
