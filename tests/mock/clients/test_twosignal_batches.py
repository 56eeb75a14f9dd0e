"""PyPI `twosignal` 0.1.0, unchanged: how it sends in batches, and what is lost when the server refuses."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from twosignal_mock import Sandbox

from tests.mock.clients.reading import broken_clauses, read_pages, read_trace, read_traces, sent_events

Client = Callable[..., Any]

# The package asks for the time in a way that newer Pythons deprecate, and takes the warning for a failure of its own.
pytestmark = pytest.mark.filterwarnings(r"ignore:datetime.datetime.utcnow\(\):DeprecationWarning")

TRACES = 50
SPANS = 4
"""In each trace; with the trace itself that makes 250 events."""
PAGE = 20
PATIENCE = 20.0
"""Seconds to wait for the client's own thread; it needs a fraction of one."""


def _run_agent(client: Any, number: int) -> None:
    """One trace in a thread of its own: in one thread all would join the first (defect 2)."""

    def act() -> None:
        with client.span(f"agent-{number:02}", metadata={"number": number}), client.span("plan"):
            for step in range(SPANS - 2):
                with client.span(f"step-{step}"):
                    pass

    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def _sizes(sandbox: Sandbox) -> list[int]:
    return [len(entry["attempt_keys"]) for entry in sandbox.journal() if entry["operation"] == "ingestTraces"]


def test_250_events_of_one_flush_come_in_three_batches_and_all_read_back(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    for number in range(TRACES):
        _run_agent(client, number)
    client.flush()

    assert _sizes(sandbox) == [100, 100, 50]
    answers = [entry["response"]["body"] for entry in sandbox.journal()]
    assert answers == [{"accepted": 100}, {"accepted": 100}, {"accepted": 50}]
    pages = list(read_pages(sandbox, limit=PAGE))
    assert [len(page) for page in pages] == [20, 20, 10]
    listed = {trace["name"]: trace for page in pages for trace in page}
    assert sorted(listed) == [f"agent-{number:02}" for number in range(TRACES)]
    assert {trace["spanCount"] for trace in listed.values()} == {SPANS}
    assert [listed[f"agent-{number:02}"]["metadata"]["number"] for number in range(TRACES)] == list(range(TRACES))
    counts = sandbox.ledger_summary()
    assert (counts["ids"], counts["stored"], counts["sent_again"]) == (250, 250, 0)
    assert broken_clauses(sandbox) == {}


def test_the_clients_own_thread_sends_without_a_flush(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal(flush_interval=0.02)
    with client.span("background"):
        pass

    deadline = time.monotonic() + PATIENCE
    while sandbox.ledger_summary()["stored"] < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert read_trace(sandbox)["name"] == "background"


def test_shutdown_sends_what_is_left(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    with client.span("last words"):
        pass
    client.shutdown()

    assert read_trace(sandbox)["name"] == "last words"


def test_a_disabled_client_sends_nothing(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal(enabled=False)
    with client.span("silent"):
        pass
    client.flush()

    assert sandbox.journal() == []


REFUSALS: dict[str, dict[str, Any]] = {
    "429": {"kind": "status", "status": 429, "retry_after": 1},
    "500": {"kind": "status", "status": 500},
    "cut connection": {"kind": "reset"},
}


@pytest.mark.parametrize("fault", REFUSALS.values(), ids=REFUSALS)
def test_the_ledger_tells_of_events_that_the_client_lost(
    sandbox: Sandbox, two_signal: Client, caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
) -> None:
    """The documentation says that this client retries; it does not, whatever the refusal."""
    client = two_signal()
    sandbox.faults.add(**fault, operations=["ingestTraces"], times=1)
    with caplog.at_level(logging.WARNING, "twosignal"), client.span("lost"):
        pass
    client.flush()
    client.flush()

    assert [record.levelname for record in caplog.records if record.name == "twosignal"] == ["WARNING"]
    assert len(sandbox.journal()) == 1, "it never tried again"
    counts = sandbox.ledger_summary()
    assert (counts["ids"], counts["stored"]) == (2, 0)
    assert read_traces(sandbox) == []


def test_a_lost_answer_leaves_the_events_stored(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    sandbox.faults.add("reset", phase="after-commit", operations=["ingestTraces"], times=1)
    with client.span("kept"):
        pass
    client.flush()

    assert read_trace(sandbox)["name"] == "kept"
    counts = sandbox.ledger_summary()
    assert (counts["response_lost"], counts["response_lost_and_not_kept"]) == (2, 0)


def test_a_revoked_key_stores_nothing_and_is_said(
    sandbox: Sandbox, two_signal: Client, caplog: pytest.LogCaptureFixture
) -> None:
    key = sandbox.add_key()
    client = two_signal(api_key=key)
    with client.span("refused"):
        pass
    sandbox.revoke_key(key)
    client.flush()

    assert "401" in caplog.text
    assert read_traces(sandbox) == []


def test_a_base_url_with_a_slash_means_the_same(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal(base_url=sandbox.url + "/")
    with client.span("slash"):
        pass
    client.flush()

    assert read_trace(sandbox)["name"] == "slash"
    assert len(sent_events(sandbox)) == 2


def test_the_exported_variables_lead_the_client_to_its_sandbox(
    sandbox: Sandbox, two_signal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    client = two_signal(api_key=None, base_url=None)
    with client.span("found"):
        pass
    client.flush()

    assert read_trace(sandbox)["name"] == "found"


def test_the_base_url_that_the_documentation_prints_misleads_this_client(
    sandbox: Sandbox, two_signal: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """It appends /api/v1 itself (section 8, item 10 of the reference); the journal says what is wrong."""
    client = two_signal(base_url=sandbox.url + "/api/v1")
    with client.span("astray"):
        pass
    client.flush()

    assert "/api/v1/api/v1/traces" in caplog.text
    assert [(entry["status"], entry["clauses"]) for entry in sandbox.journal()] == [
        (404, ["client.request.known-endpoint"])
    ]
