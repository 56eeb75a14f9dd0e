"""Broken dashboards are caught, each by a check that cites the very clause that it breaks.

A twentieth of them, another one each day (see `rotation`); TWOSIGNAL_PART=1/1 judges all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from twosignal_mock import MockServer

from tests.conformance.apis.dashboard.broken.detecting import VARIANTS, WANTED, Variant, before, detect
from tests.conformance.rotation import PARTS, Turn

TURN = Turn.of(2 * PARTS)


def test_every_clause_about_servers_has_a_broken_server() -> None:
    broken = {variant.clause for variant in VARIANTS}
    assert set(WANTED) - broken == set(), "these clauses need a row"
    assert broken - set(WANTED) == set(), "these rows break what is no must or should, or cannot be tested"


def test_rows_are_told_apart() -> None:
    assert [name for name, count in Counter(map(str, VARIANTS)).items() if count > 1] == []


@pytest.mark.parametrize("variant", TURN.among(VARIANTS), ids=str)
def test_a_broken_server_is_caught(variant: Variant) -> None:
    ruling = detect(variant, TURN.seed)
    assert ruling.verdicts.get(variant.clause) == "fail", f"{ruling.why(variant.clause)}; again with {TURN.repeat}"
    assert ruling.code == 1


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer(seed=1) as server:
        yield server


BEFORE_THE_MOCK = [row for row in TURN.among(VARIANTS) if "evaluat" not in row.clause][::3]
"""Fewer than before the honest server, and none for whose verdict a run waits: a request takes one hop more."""


@pytest.mark.parametrize("variant", BEFORE_THE_MOCK, ids=str)
def test_a_broken_server_before_the_mock_is_caught(variant: Variant, mock: MockServer) -> None:
    with before(mock) as good:
        ruling = detect(variant, TURN.seed, good)
    assert ruling.verdicts.get(variant.clause) == "fail", f"{ruling.why(variant.clause)}; again with {TURN.repeat}"
