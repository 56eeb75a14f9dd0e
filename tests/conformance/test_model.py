"""Layer B: the state machine passes good and odd servers, and finds what is wrong with others by its clause."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from twosignal_conformance.apis.rest.model.test_interleavings import (
    test_any_order_of_requests_agrees_with_the_model as machine,
)
from twosignal_conformance.engine import extras
from twosignal_conformance.engine.judgement import Verdict, plan_of
from twosignal_mock import MockServer, Sandbox

from tests.conformance.judging import (
    CONTRACT,
    SCORES,
    TEMPLATES,
    Behaviour,
    Behind,
    edited,
    erring,
    is_ingestion,
    is_listing,
    judged,
    query_of,
)
from tests.conformance.projects import PLAN
from tests.conformance.servers import Asked, Response, json_response

SEEDS = (1, 2, 3)


def origin(sandbox: Sandbox) -> str:
    """The address of the mock."""
    return sandbox.url.removesuffix("/api/v1").rstrip("/")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_mock_agrees_with_the_model(twosignal_sandbox: Sandbox, seed: int) -> None:
    result = judged(machine, origin(twosignal_sandbox), twosignal_sandbox.api_key, seed)
    assert result.violated == set()
    said = {row.clause.id: row.verdict for row in result.register.judgements({})}
    plan = plan_of(iter(machine.pytestmark))  # type: ignore[attr-defined]
    assert plan is not None
    passed = {clause for clause in plan.clauses if said[clause] is Verdict.PASS}
    # Some are never passed: they only say how something can be wrong.
    assert len(passed) > len(plan.clauses) / 2
    assert result.run.client.budget.spent.requests < 500


def test_a_run_repeats_itself(twosignal_mock: MockServer) -> None:
    asked: list[list[bytes]] = []
    now = datetime.now(UTC).replace(microsecond=0)
    for name in ("first", "second"):
        seen: list[bytes] = []
        asked.append(seen)

        def note(request: Asked, behind: Behind, seen: list[bytes] = seen) -> Response:
            if request.method == "POST":
                seen.append(request.body)
            return behind.send(request)

        # A refusal would be met, and waited for, wherever the clock has it.
        with twosignal_mock.sandbox(name, plan=PLAN) as sandbox, erring(note, origin(sandbox)) as url:
            judged(machine, url, sandbox.api_key, 5, now=now)
    assert asked[0] == asked[1]
    assert asked[0]


# --- servers that err ---


def doubles_events(asked: Asked, behind: Behind) -> Response:
    """Stores what is sent again a second time."""
    if is_ingestion(asked):
        body = json.loads(asked.body)
        known = behind.memory.setdefault("events", set())
        for event in body["batch"]:
            if event["id"] in known:
                event["id"] = str(uuid.uuid4())
                if event["type"] == "span-create":
                    event["body"]["id"] = str(uuid.uuid4())
            known.add(event["id"])
        return behind.send(asked, body=json.dumps(body).encode())
    return behind.send(asked)


def loses_the_last_span(asked: Asked, behind: Behind) -> Response:
    """Of three events or more."""
    if is_ingestion(asked):
        body = json.loads(asked.body)
        if len(body["batch"]) > 2 and body["batch"][-1]["type"] == "span-create":
            del body["batch"][-1]

            def count(value: Any) -> None:
                value["accepted"] += 1

            return edited(behind.send(asked, body=json.dumps(body).encode()), count)
    return behind.send(asked)


def repeats_an_item(asked: Asked, behind: Behind) -> Response:
    """The last of a page is the first of the next one, too."""
    respond = behind.send(asked)
    if not is_listing(asked) or respond.status != 200:
        return respond
    last = behind.memory.get("last")

    def again(value: Any) -> None:
        rows = value["data"]["traces"]
        behind.memory["last"] = rows[-1] if rows else None
        if "cursor" in query_of(asked) and last is not None and rows:
            rows[0] = last

    return edited(respond, again)


def pages_by_offset(asked: Asked, behind: Behind) -> Response:
    """What comes at the front during a walk moves everything on."""
    query = query_of(asked)
    if not is_listing(asked) or "tags" not in query or "name" in query:
        return behind.send(asked)
    limit, offset = int(query.pop("limit")), int(query.pop("cursor", "0"))
    whole = behind.send(asked, query=urlencode({**query, "limit": 100}))

    def cut(value: Any) -> None:
        rows = value["data"]["traces"]
        more = len(rows) > offset + limit
        value["data"] = {"traces": rows[offset:][:limit], "nextCursor": str(offset + limit) if more else None}

    return edited(whole, cut)


def forgets_scores_of_spans(asked: Asked, behind: Behind) -> Response:
    """Answers them and stores nothing."""
    if asked.path == SCORES and json.loads(asked.body).get("spanId"):
        return json_response(201, {"id": str(uuid.uuid4()), **json.loads(asked.body)})
    return behind.send(asked)


def takes_any_tag(asked: Asked, behind: Behind) -> Response:
    """Of several tags the first one is enough."""
    query = query_of(asked)
    if is_listing(asked) and "," in query.get("tags", ""):
        return behind.send(asked, query=urlencode({**query, "tags": query["tags"].partition(",")[0]}))
    return behind.send(asked)


def ignores_the_status(asked: Asked, behind: Behind) -> Response:
    """Shows all."""
    query = query_of(asked)
    if is_listing(asked) and "status" in query:
        del query["status"]
        return behind.send(asked, query=urlencode(query))
    return behind.send(asked)


def resolves_the_first_version(asked: Asked, behind: Behind) -> Response:
    """When asked for the latest."""
    query = query_of(asked)
    if (asked.method, asked.path) == ("GET", TEMPLATES) and "name" in query and "version" not in query:
        return behind.send(asked, query=urlencode({**query, "version": 1}))
    return behind.send(asked)


def wants_parents_first(asked: Asked, behind: Behind) -> Response:
    """Refuses a span whose parent has not come."""
    if is_ingestion(asked):
        known = behind.memory.setdefault("spans", set())
        for event in json.loads(asked.body)["batch"]:
            parent = event["body"].get("parentSpanId") or event["body"].get("parent_span_id")
            if parent and parent not in known:
                row = CONTRACT.error("invalid-value")
                return json_response(row.status, {"error": {"code": row.code, "message": "no such parent"}})
            known.add(event["body"]["id"])
    return behind.send(asked)


ERRING: tuple[tuple[Behaviour, set[str]], ...] = (
    (doubles_events, {"traces.event.idempotent"}),
    (loses_the_last_span, {"traces.fields.span-count"}),
    (repeats_an_item, {"traces.list.walk.no-repeat", "traces.list.walk.inserts"}),
    (pages_by_offset, {"traces.list.walk.inserts"}),
    (forgets_scores_of_spans, {"scores.create.span-counted"}),
    (takes_any_tag, {"traces.list.tags.all"}),
    (ignores_the_status, {"traces.list.status.ok", "traces.list.status.error"}),
    (resolves_the_first_version, {"templates.resolve.latest"}),
    (wants_parents_first, {"traces.span.child-first"}),
)


@pytest.mark.parametrize(("behaviour", "clauses"), ERRING, ids=lambda value: getattr(value, "__name__", ""))
def test_a_server_that_errs_is_found_by_the_clause(
    twosignal_sandbox: Sandbox, behaviour: Behaviour, clauses: set[str]
) -> None:
    with erring(behaviour, origin(twosignal_sandbox)) as url:
        result = judged(machine, url, twosignal_sandbox.api_key, 4)
    assert result.violated, "nothing was found"
    assert result.violated <= clauses
    record = result.judge.violations[0]
    print(record.clause, "expected", record.expected, "actual", record.actual)
    assert "after:" in record.actual
    assert record.evidence


# --- servers that are only odd ---


def strict_about_order(asked: Asked, behind: Behind) -> Response:
    """Refuses spans before their trace, writes costs with exponents and times in whole seconds with an offset."""
    if is_ingestion(asked):
        known = behind.memory.setdefault("traces", set())
        for event in json.loads(asked.body)["batch"]:
            trace = event["body"].get("traceId") or event["body"].get("trace_id")
            if trace and trace not in known:
                row = CONTRACT.error("invalid-value")
                return json_response(row.status, {"error": {"code": row.code, "message": "no such trace"}})
            known.add(event["body"]["id"])
    respond = behind.send(asked)
    if not is_listing(asked) or respond.status != 200:
        return respond

    def odd(value: Any) -> None:
        for row in value["data"]["traces"]:
            row["totalCost"] = f"{Decimal(row['totalCost']):e}"
            for name in ("startTime", "endTime", "createdAt"):
                row[name] = row[name] and row[name].partition(".")[0] + "+00:00"

    return edited(respond, odd)


def slow(asked: Asked, behind: Behind) -> Response:
    """Shows what is written only at the second look."""
    if not is_listing(asked) or "cursor" in query_of(asked):
        behind.memory["looks"] = 0 if asked.method == "POST" else behind.memory.get("looks", 0)
        return behind.send(asked)
    behind.memory["looks"] = behind.memory.get("looks", 0) + 1
    if behind.memory["looks"] < 2:
        return json_response(200, {"data": {"traces": [], "nextCursor": None}, "error": None})
    return behind.send(asked)


@pytest.mark.parametrize("behaviour", [strict_about_order, slow], ids=lambda value: value.__name__)
def test_an_odd_server_is_not_failed(twosignal_sandbox: Sandbox, behaviour: Behaviour) -> None:
    with erring(behaviour, origin(twosignal_sandbox)) as url:
        result = judged(machine, url, twosignal_sandbox.api_key, 6, settle=5.0)
    assert result.violated == set()


# --- without Hypothesis, and without leave to write ---


def test_without_hypothesis_the_layer_is_left_out(twosignal_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    result = judged(machine, origin(twosignal_sandbox), twosignal_sandbox.api_key)
    assert {record.reason for record in result.judge.undecided} == {"layer B did not run: hypothesis is not installed"}
    assert {record.remedy for record in result.judge.undecided} == {"pip install 'twosignal-contract[fuzz]'"}
    lines = list(extras.left_out(result.run.client.settings))
    assert [line.partition(" does")[0] for line in lines] == [
        "layer B, the state machine,",
        "the second opinion of openapi-core",
    ]


def test_a_read_only_run_writes_nothing(twosignal_sandbox: Sandbox) -> None:
    result = judged(machine, origin(twosignal_sandbox), twosignal_sandbox.api_key, read_only=True)
    assert "read-only" in result.judge.undecided[0].reason
    assert not result.judge.decided
