"""An API client of small servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from twosignal_conformance._apis import DEFAULT, api_of
from twosignal_conformance.engine.api_client import ApiClient, Key, Settings
from twosignal_contract import Contract, load_contract

from tests.conformance.servers import KEY, Server, serving

Make = Callable[..., ApiClient]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


@pytest.fixture
def make(contract: Contract) -> Iterator[Make]:
    """An API client for a URL, with other settings, or other `delays` of retries than the contract's."""
    made: list[ApiClient] = []

    def client(url: str, **changes: Any) -> ApiClient:
        values: dict[str, Any] = {"keys": {Key.MAIN: KEY}, "run_id": "run-1", "seed": 1, "timeout": 5.0, **changes}
        delays = values.pop("delays", contract.retry.delays)
        own = replace(contract, retry=replace(contract.retry, delays=delays))
        made.append(ApiClient(Settings(url=url, **values), own, api_of(DEFAULT).access))
        made[-1].open()
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running
