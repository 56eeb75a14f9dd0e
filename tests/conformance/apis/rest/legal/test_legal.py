"""Odd but legal servers are failed by no check, and make none crash.

All of them, on twenty seeds, are judged by `make bench-detection`. Here is a tenth of them, another one each day (see
`rotation`). Those about rates stay out: bursts beside other tests measure the machine.
"""

from __future__ import annotations

import pytest
from twosignal_mock import MockServer

from tests.conformance.apis.rest.broken.messages import CONTRACT
from tests.conformance.apis.rest.broken.proxy import Proxy
from tests.conformance.apis.rest.legal.judging import judge_legal
from tests.conformance.apis.rest.legal.servers import DIALECTS, ODD, SERVERS, UNTESTABLE_DIALECTS, Legal
from tests.conformance.rotation import PARTS, Turn

TURN = Turn.of(PARTS)
LEAST = 12
"""Odd servers that the issue asks for."""


def test_there_are_enough_of_them_and_one_for_each_dialect() -> None:
    assert sum(not server.name.startswith("plain") for server in ODD) >= LEAST
    others = {
        (name, value) for name, row in CONTRACT.dialects.items() for value in row.values if value != row.canonical
    }
    spoken = {pair for server in DIALECTS for pair in server.mock["dialect"].items()}
    assert {pair for pair in others if pair[0] not in UNTESTABLE_DIALECTS} == spoken


BELOW = ("gateway", "passing errors", "late gateway")
"""Servers whose answers are not all the API's: always judged."""


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", BELOW)
def test_answers_that_are_not_the_apis_are_not_held_against_it(name: str) -> None:
    (server,) = (row for row in ODD if row.name == name)
    with MockServer(seed=1) as mock, Proxy() as proxy:
        verdict = judge_legal(server, mock, proxy, TURN.seed, "standard")
    assert verdict.fair, str(verdict)
    assert {"errors.internal.absent", "errors.envelope.error"} <= verdict.ruling.having("pass")


@pytest.mark.timeout(400)  # a server that settles slowly is waited for again and again
@pytest.mark.parametrize("server", [row for row in TURN.among(SERVERS) if not row.limited], ids=str)
def test_a_legal_server_is_left_alone(server: Legal) -> None:
    with MockServer(seed=1, **server.mock) as mock, Proxy() as proxy:
        verdict = judge_legal(server, mock, proxy, TURN.seed)
    assert verdict.fair, f"{verdict}; again with {TURN.repeat}"
