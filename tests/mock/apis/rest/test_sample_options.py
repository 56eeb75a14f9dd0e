"""Sample data goes in under every option, at start and through the control API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock.apis.rest.world import CONTRACT
from tests.mock.model.direct import Direct

COUNT = 12
_DIALECTS = [{"dialect": {name: value}} for name, dialect in CONTRACT.dialects.items() for value in dialect.values]
_OPTIONS: list[dict[str, Any]] = [
    {},
    {"lag": 1},
    {"lag": 60_000},
    {"lag": 3_600_000},
    {"limits": False},
    {"seed": 7},
    {"validate_answers": True},
    {"any_key": True},
    *({"plan": plan} for plan in CONTRACT.plans),
    *_DIALECTS,
]


@pytest.mark.parametrize("options", _OPTIONS, ids=str)
def test_sample_data_goes_in_under_every_option(options: dict[str, Any]) -> None:
    with Direct(sample=COUNT, **options) as mock:
        made = mock.control("POST", "/sandboxes", {"sample": COUNT})
        for sandbox in ({}, {"sandbox": made["id"]}):
            export = mock.control("GET", "/state", **sandbox)
            records = export["apis"]["rest"]["records"]
            assert len(records["traces"]) == COUNT
            assert records["spans"]
            assert records["scores"]
