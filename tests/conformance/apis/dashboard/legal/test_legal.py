"""Odd but legal dashboards are failed by no check, and make none crash.

A twentieth of them, another one each day (see `rotation`); TWOSIGNAL_PART=1/1 judges all.
"""

from __future__ import annotations

import pytest

from tests.conformance.apis.dashboard.broken.behaviours import CONTRACT
from tests.conformance.apis.dashboard.broken.detecting import judge
from tests.conformance.apis.dashboard.legal.servers import DIALECTS, ODD, SERVERS, Legal
from tests.conformance.rotation import PARTS, Turn

TURN = Turn.of(2 * PARTS)

LEAST = 12
"""Odd servers, as for the REST API."""


def test_there_are_enough_of_them_and_one_for_each_dialect() -> None:
    assert len(ODD) > LEAST
    others = {
        (name, value) for name, row in CONTRACT.dialects.items() for value in row.values if value != row.canonical
    }
    assert {server.dialect for server in DIALECTS} == others


@pytest.mark.parametrize("server", TURN.among(SERVERS), ids=str)
def test_a_legal_server_is_left_alone(server: Legal) -> None:
    ruling = judge(server.behaviour, "--profile", "quick", "--seed", str(TURN.seed))
    blamed = {clause: ruling.why(clause) for clause in ruling.having("fail") | ruling.having("error")}
    assert (ruling.code, blamed) == (0, {}), f"{ruling.output[-1500:]}; again with {TURN.repeat}"
    assert ruling.having("pass")
    if server.dialect is not None:
        name, value = server.dialect
        assert ruling.report["dialects"][name] == value
