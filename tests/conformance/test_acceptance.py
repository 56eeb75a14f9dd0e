"""A server that keeps the contract, judged with everything that an operator can give: no must-clause stays open.

What the document itself calls untestable is left, and of a smaller profile what belongs to a larger one. Where other
processes keep the machine busy, it may be too slow for a burst; then that, and nothing else, may be the reason.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from twosignal_conformance.engine.api_client import Profile
from twosignal_contract import About, Level, load_contract
from twosignal_mock import MockServer

from tests.conformance.projects import Ended, project, suite

pytestmark = [pytest.mark.xdist_group("acceptance"), pytest.mark.timeout(240)]

CONTRACT = load_contract()

SLOWEST = min(CONTRACT.plans, key=lambda plan: CONTRACT.plans[plan])
"""The plan whose rate this machine reaches most easily."""

UNTESTABLE = {"auth.key.writes-own-project", "sessions.access.short-lived", "sessions.refresh.expires"}
"""Musts about servers that the document calls so; another one is a decision, so it is written here."""

TOO_SLOW = re.compile(
    r"this machine (sent|and its way)|no request was refused during the burst|nothing was refused at|never ended"
)
"""Said of a burst by a machine that could not send it fast enough."""


def judged(folder: Path, profile: Profile) -> Ended:
    """The command with all options, as an operator gives them."""
    with MockServer(plan=SLOWEST) as mock, project(mock, SLOWEST) as own:
        words = ["server", own.url, "--api-key", own.own.api_key, "--other-api-key", own.other.api_key]
        words += ["--revoked-api-key", own.revoked, "--user", f"{own.own.email}:{own.own.password}"]
        words += ["--plan", SLOWEST, "--allow-burst", "--profile", profile, "--json", "r.json"]
        return suite(folder, *words, timeout=220)


def unexplained(row: dict[str, Any], profile: Profile) -> bool:
    """True when a must-clause stayed open for a reason that is none here."""
    larger = [other for other in Profile if other is not profile and not profile.includes(other)]
    if row["id"].startswith("rate.") and TOO_SLOW.search(row["reason"]):
        return False
    return row["remedy"] not in {f"run with --profile {other}" for other in larger}


def test_the_document_calls_three_musts_about_servers_untestable() -> None:
    rows = CONTRACT.clauses.values()
    musts = (row for row in rows if row.about is About.SERVER and row.level is Level.MUST)
    assert {row.id for row in musts if row.untestable is not None} == UNTESTABLE


@pytest.mark.parametrize("profile", [Profile.QUICK, Profile.STANDARD])
def test_every_must_of_a_server_is_decided_with_all_options(tmp_path: Path, profile: Profile) -> None:
    ended = judged(tmp_path, profile)
    assert (ended.code, ended.err) == (0, ""), ended.out[-3000:]
    rows = [row for row in ended.report["clauses"] if row["level"] == "must" and row["verdict"] != "pass"]
    left = {row["id"]: row["reason"] for row in rows if row["id"] not in UNTESTABLE and unexplained(row, profile)}
    assert left == {}
    if profile is Profile.STANDARD:
        assert {row["id"] for row in rows if not row["id"].startswith("rate.")} == UNTESTABLE
