"""The mock's dashboard keeps its contract: the suite fails it nowhere, with everybody that an operator can give."""

from __future__ import annotations

from pathlib import Path

import pytest
from twosignal_contract import About
from twosignal_mock import MockServer

from tests.conformance.apis.dashboard.broken.behaviours import CONTRACT
from tests.conformance.apis.dashboard.broken.detecting import before, people_options
from tests.conformance.projects import PLAN, suite

pytestmark = [pytest.mark.xdist_group("dashboard"), pytest.mark.timeout(240)]


def test_the_mock_keeps_every_clause(tmp_path: Path) -> None:
    with MockServer(plan=PLAN) as mock, before(mock) as good:
        given = people_options(good.people)
        words = ["server", mock.url, "--api", "dashboard", *given, "--profile", "quick", "--fail-on", "should"]
        ended = suite(tmp_path, *words, "--json", "r.json", timeout=200)
    assert (ended.code, ended.err) == (0, ""), ended.out[-3000:]
    untestable = {row.id for row in CONTRACT.clauses.values() if row.about is About.SERVER and row.untestable}
    larger = {row["id"] for row in ended.report["clauses"] if (row["remedy"] or "").startswith("run with --profile")}
    left = {row["id"]: row["reason"] for row in ended.report["clauses"] if row["verdict"] not in ("pass", "observed")}
    assert left.keys() == untestable | larger, left
