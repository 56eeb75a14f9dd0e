"""The mock that real clients meet, a sandbox for each test, and the published client made ready for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import twosignal.client  # type: ignore[import-untyped]  # the published package ships no types
from twosignal_mock import MockServer, Sandbox

NEVER = 3600.0
"""Seconds; no test lasts so long, so nothing is sent before it asks for a flush."""


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    """One server for all tests here; each has a sandbox of its own in it."""
    with MockServer(validate_answers=True) as server:
        yield server


@pytest.fixture
def sandbox(mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A fresh sandbox. An answer that breaks the contract is a 500 that no fault ordered: there must be none."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # real clients believe the surroundings
    with mock.sandbox() as fresh:
        yield fresh
        loud = [entry["response"]["body"] for entry in fresh.journal() if entry["status"] == 500 and not entry["fault"]]
        assert loud == []


@pytest.fixture
def two_signal(sandbox: Sandbox) -> Iterator[Callable[..., Any]]:
    """Makes published clients (`twosignal.TwoSignal`) of the sandbox; further options go through as they are.

    The package keeps its client and its open span in global variables, and never clears the span of a `ts.span` that
    was the first of its thread (defect 2): the next test must not find them.
    """
    made = []

    def make(**options: Any) -> Any:
        client = twosignal.TwoSignal(
            **{"api_key": sandbox.api_key, "base_url": sandbox.url, "flush_interval": NEVER} | options
        )
        made.append(client)
        return client

    twosignal.client._set_context(None)
    yield make
    for client in made:
        client.shutdown()
    twosignal.client._instance = None
    twosignal.client._set_context(None)
