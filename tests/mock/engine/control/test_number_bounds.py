"""Numbers in the query of the control API have bounds: any other one is refused, and never our own trouble."""

from __future__ import annotations

import pytest

from tests.mock.engine.control.world import Call

_PATHS = {"/v1/journal": ("since", "limit"), "/v1/ledger": ("offset", "limit"), "/v1/unlisted-traces": ("limit",)}
_PARAMETERS = [(path, name) for path, names in _PATHS.items() for name in names]


@pytest.mark.parametrize(("path", "name"), _PARAMETERS)
@pytest.mark.parametrize("number", ["-1", str(2**53), str(2**63), "9" * 30, "9" * 5000, "1.5", "%D9%A3", "1e3", "x"])
async def test_a_number_out_of_bounds_is_refused(call: Call, path: str, name: str, number: str) -> None:
    answer = await call("GET", f"{path}?{name}={number}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")
    assert name in answer.json()["error"]["message"]
