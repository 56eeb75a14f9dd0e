"""Every `curl` of the pages 000, 001 and 003, with only host and key changed, gives what its page shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from twosignal_mock import MockServer, Sandbox

from tests.mock.documentation.pages import SNIPPETS, Curl, shown
from tests.mock.documentation.world import ingest

PAGE = 20
"""The limit of the first command of page 001."""


def _run(curl: Curl, name: str, sandbox: Sandbox) -> Any:
    return curl(SNIPPETS[name].aimed_at(sandbox.url, sandbox.api_key))


def _trace(id_: str, start: datetime | str, **fields: Any) -> dict[str, Any]:
    at = start if isinstance(start, str) else start.isoformat().replace("+00:00", "Z")
    return {"type": "trace-create", "body": {"id": id_, "name": "support-agent", "startTime": at, **fields}}


def _failed_span(trace: str, start: datetime) -> dict[str, Any]:
    body = {"id": f"span-of-{trace}", "traceId": trace, "name": "step", "type": "CUSTOM", "status": "ERROR"}
    at = start.isoformat().replace("+00:00", "Z")
    return {"type": "span-create", "body": body | {"startTime": at, "endTime": at}}


def test_the_quick_example_is_accepted_and_kept(curl: Curl, sandbox: Sandbox, api: httpx.Client) -> None:
    printed = _run(curl, "quick-example", sandbox)

    assert (printed.status, printed.body) == (201, shown("accepted"))
    (trace,) = api.get("/traces").json()["data"]["traces"]
    assert (trace["id"], trace["name"], trace["startTime"]) == ("trace-1", "my-agent", "2026-03-14T10:00:00.000Z")


def test_health_answers_as_shown(curl: Curl, sandbox: Sandbox) -> None:
    printed = _run(curl, "health", sandbox)

    assert (printed.status, printed.body) == (200, shown("health-answer"))


def test_the_last_error_traces_of_an_agent_end_with_the_one_that_is_shown(
    curl: Curl, sandbox: Sandbox, api: httpx.Client, shown_trace: dict[str, Any]
) -> None:
    """The page shows the last item of a page of which the cursor tells that more follow."""
    start = datetime.fromisoformat(shown_trace["startTime"])
    times = {f"newer-{number:02}": start + timedelta(seconds=number) for number in range(1, PAGE)}
    times["older"] = start - timedelta(minutes=1)
    failed = [event for id_, at in times.items() for event in (_trace(id_, at), _failed_span(id_, at))]
    others = [
        _trace("fine", start + timedelta(hours=1)),
        _trace("other", start + timedelta(hours=1), name="billing-agent"),
    ]
    ingest(api, *failed, *others)

    printed = _run(curl, "list-errors", sandbox)

    assert (printed.status, printed.body.keys()) == (200, shown("list-answer").keys())
    data = printed.body["data"]
    newest_first = [f"newer-{number:02}" for number in range(PAGE - 1, 0, -1)]
    assert [trace["id"] for trace in data["traces"]] == [*newest_first, shown_trace["id"]]
    assert data["traces"][-1] == shown_trace
    assert data["nextCursor"] == shown("list-answer")["data"]["nextCursor"]
    assert printed.body["error"] is None
    assert {frozenset(trace) for trace in data["traces"]} == {frozenset(shown_trace)}


def test_the_shown_cursor_goes_on_after_its_trace(curl: Curl, sandbox: Sandbox, api: httpx.Client) -> None:
    ingest(
        api,
        _trace("newer", "2026-03-14T10:00:01Z"),
        _trace("last-trace-id", "2026-03-14T10:00:00Z"),
        _trace("next", "2026-03-14T09:59:59Z"),
        _trace("after-next", "2026-03-14T09:59:58Z"),
    )
    printed = _run(curl, "list-next-page", sandbox)

    assert printed.status == 200
    assert [trace["id"] for trace in printed.body["data"]["traces"]] == ["next", "after-next"]
    assert printed.body["data"]["nextCursor"] is None


def test_dates_and_tags_keep_the_traces_that_the_page_says(curl: Curl, sandbox: Sandbox, api: httpx.Client) -> None:
    both = ["production", "v2"]
    ingest(
        api,
        _trace("too-late", "2026-03-15T00:00:01Z", tags=both),
        _trace("late", "2026-03-14T23:59:59Z", tags=["v2", "canary", "production"]),
        _trace("one-tag", "2026-03-10T00:00:00Z", tags=["production"]),
        _trace("early", "2026-03-01T00:00:01Z", tags=both),
        _trace("too-early", "2026-02-28T23:59:59Z", tags=both),
    )
    printed = _run(curl, "list-dates-and-tags", sandbox)

    assert printed.status == 200
    assert [trace["id"] for trace in printed.body["data"]["traces"]] == ["late", "early"]


@pytest.mark.usefixtures("shown_trace")
def test_a_score_is_answered_in_the_shown_form(curl: Curl, sandbox: Sandbox) -> None:
    printed = _run(curl, "score", sandbox)

    assert (printed.status, list(printed.body)) == (201, list(shown("score-answer")))
    assert printed.body == shown("score-answer") | {"id": printed.body["id"], "reasoning": None}
    assert sandbox.trace(printed.body["traceId"])["scores"][-1]["id"] == printed.body["id"]


@pytest.fixture(scope="module")
def open_mock() -> Iterator[MockServer]:
    """A server that takes any key."""
    with MockServer(any_key=True, validate_answers=True) as server:
        yield server


STATUSES = {
    "quick-example": 201,
    "health": 200,
    "list-errors": 200,
    "list-next-page": 400,  # of a trace that nobody sent
    "list-dates-and-tags": 200,
    "score": 404,  # the same
}


@pytest.mark.parametrize(("name", "status"), STATUSES.items(), ids=STATUSES)
def test_with_any_key_not_even_the_key_need_be_changed(
    curl: Curl, open_mock: MockServer, name: str, status: int
) -> None:
    assert curl(SNIPPETS[name].aimed_at(open_mock.url, None)).status == status


def test_every_command_of_the_pages_is_run() -> None:
    assert STATUSES.keys() == {name for name, snippet in SNIPPETS.items() if snippet.kind == "curl"}
