"""A mock for the documentation's examples, in which the trace that they name exists, as it was when it was shown."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from twosignal_mock import MockServer, Sandbox

from tests.mock.documentation.pages import Curl
from tests.mock.documentation.world import prepare_shown_trace


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    """One server for all tests here; each has a sandbox of its own in it."""
    with MockServer(validate_answers=True) as server:
        yield server


@pytest.fixture
def sandbox(mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A fresh sandbox. An answer that breaks the contract is a 500 that no fault ordered: there must be none."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # examples in Python believe the surroundings
    with mock.sandbox() as fresh:
        yield fresh
        loud = [entry["response"]["body"] for entry in fresh.journal() if entry["status"] == 500 and not entry["fault"]]
        assert loud == []


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client with the key of the sandbox, for what the examples need to be there."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    with httpx.Client(base_url=f"{sandbox.url}/api/v1", headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def shown_trace(sandbox: Sandbox, api: httpx.Client) -> dict[str, Any]:
    """The trace that page 001 shows, as it is listed; the clock stands when it was created."""
    return prepare_shown_trace(sandbox, api)


@pytest.fixture
def curl(tmp_path: Path) -> Curl:
    """The real program."""
    if shutil.which("curl") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "curl is missing: install it to run the examples"
        )
    return Curl(tmp_path)
