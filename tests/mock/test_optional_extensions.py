"""A document that states less is served all the same: without dialects, plans, retries and questions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from twosignal_contract import load_contract
from twosignal_mock import create_application

from tests.contract.documents import fresh_tree, write

KEY = "ts_optional"
OPTIONAL = [
    ["x-dialects", "x-questions"],
    ["x-plans", "x-rate-limit"],
    ["x-retry"],
    ["x-dialects", "x-questions", "x-plans", "x-rate-limit", "x-retry"],
]


@pytest.mark.parametrize("keywords", OPTIONAL, ids=" and ".join)
async def test_a_document_without_an_optional_extension_is_served(keywords: Sequence[str], tmp_path: Path) -> None:
    tree = fresh_tree()
    for keyword in keywords:
        del tree[keyword]
    path = tmp_path / "openapi.yaml"
    write(tree, path)
    contract = load_contract(path)
    listed, routed = contract.operation("listTraces"), contract.operation("routeModel")
    transport = httpx.ASGITransport(create_application(contract=contract, api_key=KEY))
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://mock", headers=headers) as client:
        page = await client.get(listed.path)
        wrong = await client.get(listed.path, params={"limit": listed.parameter("limit").minimum - 1})
        chosen = await client.post(routed.path, json=routed.example())
    assert (page.status_code, chosen.status_code) == (listed.success, routed.success)
    assert wrong.status_code == contract.error("invalid-value").status
    assert (contract.rate_limit.headers.limit in page.headers) == ("x-plans" not in keywords)
