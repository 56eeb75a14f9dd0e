"""Broken servers are caught, each by a check that cites the very clause that it breaks.

All of them, on five seeds, are judged by `make bench-detection`, and the result is in docs/detection.md. Here is a
tenth of them, another one each day (see `rotation`). Those about rates stay out: bursts beside other tests measure the
machine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from twosignal_mock import MockServer

from tests.conformance.apis.rest.broken.detecting import detect
from tests.conformance.apis.rest.broken.messages import Asked, People, Response
from tests.conformance.apis.rest.broken.proxy import Proxy
from tests.conformance.apis.rest.broken.runs import FAST, people
from tests.conformance.apis.rest.broken.table import AREAS, VARIANTS, WANTED
from tests.conformance.apis.rest.broken.variants import Variant
from tests.conformance.rotation import PARTS, Turn

TURN = Turn.of(PARTS)


def name_of(variant: Variant) -> str:
    return re.sub(r"\W+", "-", str(variant)).strip("-")


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer(seed=1) as server:
        yield server


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with Proxy() as running:
        yield running


def test_every_clause_about_servers_has_a_broken_server() -> None:
    broken = {variant.clause for variant in VARIANTS}
    assert set(WANTED) - broken == set(), "these clauses need a row"
    assert broken - set(WANTED) == set(), "these rows break what is no must or should, or cannot be tested"


def test_rows_are_told_apart() -> None:
    assert [name for name, count in Counter(map(str, VARIANTS)).items() if count > 1] == []
    assert sum(map(len, AREAS.values())) == len(VARIANTS)


def test_what_a_broken_server_cannot_read_is_answered_by_the_good_one(mock: MockServer, proxy: Proxy) -> None:
    async def reads_odd_things(asked: Asked, upstream: object) -> Response:  # noqa: ARG001 - the shape of a behaviour
        raise KeyError("what a fuzzer sent has it not")

    with people(mock) as found:
        who = People(found.main, found.other, found.revoked, found.email, found.password, FAST)
        with proxy.serve(reads_odd_things, mock.url, who) as url:
            assert httpx.get(f"{url}/api/v1/health").status_code == httpx.codes.OK


@pytest.mark.parametrize("variant", [row for row in TURN.among(VARIANTS) if not row.bursts], ids=name_of)
def test_a_broken_server_is_caught(variant: Variant, mock: MockServer, proxy: Proxy) -> None:
    found = detect(variant, mock, proxy, TURN.seed)
    assert found.caught, f"{found}; again with {TURN.repeat}"
    assert found.ruling.code == 1
