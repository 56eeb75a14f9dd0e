"""Broken dashboards are caught, each by a check that cites the very clause that it breaks.

A tenth of them, another one each day (see `rotation`); TWOSIGNAL_PART=1/1 judges all.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.conformance.apis.dashboard.broken.detecting import VARIANTS, WANTED, Variant, detect
from tests.conformance.rotation import PARTS, Turn

TURN = Turn.of(PARTS)


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
