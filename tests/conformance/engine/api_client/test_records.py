"""What the door writes down before it sends, and that the same run sends the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from twosignal_conformance.apis.rest.checks import TestData
from twosignal_conformance.apis.rest.checks.creations import creations_of
from twosignal_conformance.engine.api_client import Creation, Schemas
from twosignal_contract import Contract

from tests.conformance.engine.api_client.conftest import Make
from tests.conformance.servers import Asked, Response, Server, good, serving


def test_the_ledger_is_on_disk_before_the_request_arrives(make: Make, tmp_path: Path) -> None:
    path, found = tmp_path / "ledger.jsonl", []

    def respond(asked: Asked) -> Response | None:
        found.append(path.read_text(encoding="utf-8"))
        return good(asked)

    with serving(respond) as server:
        client = make(server.url, ledger=path)
        client.begin("test_x::test_y")
        data = TestData(client, "test")
        trace = data.trace()
        client.call("ingestTraces", json=data.batch(trace, data.span(trace)))
    run, row = (json.loads(line) for line in found[0].splitlines())
    assert run["run"]["run"] == "run-1"
    assert row == {
        "creates": "trace",
        "id": trace["id"],
        "name": trace["name"],
        "holds": 1,
        "check": "test_x::test_y",
        "key": "--api-key",
    }


@pytest.mark.parametrize(
    ("operation", "value", "created"),
    [
        ("ingestTraces", {"batch": [{"body": {"trace_id": "t", "name": "s"}}]}, [("trace", "t", 1)]),
        ("ingestTraces", {"batch": "no list"}, []),
        ("createScore", {}, [("score", "(missing)", 0)]),
        ("createScore", {"traceId": "t", "evaluatorName": "e"}, [("score", "t", 0)]),
        ("pushPromptTemplate", {"name": "n"}, [("template version", "n", 0)]),
        (
            "ingestOtlpTraces",
            {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "a", "name": "x"}, {"traceId": "a"}]}]}]},
            [("trace", "a", 2)],
        ),
        ("login", {"email": "a@b", "password": "p"}, [("session", "a@b", 0)]),
        ("routeModel", {"input": "x"}, []),
        (None, {"batch": [{"body": {"id": "t"}}]}, []),
    ],
)
def test_what_a_body_creates_is_read_from_it(
    operation: str | None, value: object, created: list[tuple[str, str, int]]
) -> None:
    rows: list[Creation] = list(creations_of(operation, json.dumps(value).encode()))
    assert [(row.kind, row.id, row.holds) for row in rows] == created


def test_the_same_seed_run_and_now_give_the_same_data(make: Make, server: Server) -> None:
    now = datetime(2026, 3, 14, 12, tzinfo=UTC)

    def data(seed: int, check: str) -> object:
        data = TestData(make(server.url, seed=seed, now=now), check)
        trace = data.trace()
        return data.batch(trace, data.span(trace)), data.score(trace), data.otlp(data.otlp_span(data.hex(32)))

    assert data(1, "a") == data(1, "a")
    assert data(1, "a") != data(2, "a")
    assert data(1, "a") != data(1, "b")


def test_data_is_valid_and_within_the_last_hour(make: Make, server: Server, contract: Contract) -> None:
    now = datetime(2026, 3, 14, 12, tzinfo=UTC)
    data = TestData(make(server.url, now=now), "a")
    traces, schemas = [data.trace() for _ in range(1000)], Schemas(contract)
    assert schemas.flaws("IngestRequest", data.batch(*traces, data.span(traces[0]))) == []
    assert schemas.flaws("ScoreRequest", data.score(traces[0])) == []
    assert schemas.flaws("TemplateRequest", data.template()) == []
    assert schemas.flaws("OtlpExportRequest", data.otlp(data.otlp_span(data.hex(32)), resource={"a": "b"})) == []
    for trace in traces:
        age = now - datetime.fromisoformat(trace["startTime"])
        assert 0 < age.total_seconds() < 3600
    assert len({trace["startTime"] for trace in traces}) == len({trace["id"] for trace in traces}) == 1000
