"""What is sent: valid by the contract, never the same id twice, and what a filter finds is known."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs
import pytest
from twosignal_contract import load_contract

from bench._contract import UNREACHED, BenchContract
from bench.figures._queries import SHARES, queries
from bench.load import (
    SLOT,
    Population,
    Request,
    Share,
    batch,
    fresh_serials,
    list_request,
    native_pair,
    otlp_export,
    workloads,
)

CONTRACT = BenchContract()
NEWEST = datetime(2026, 3, 14, tzinfo=UTC)
THOUSAND = Population(CONTRACT, NEWEST, 1000)
WORKLOADS = {workload.name: workload for workload in workloads(THOUSAND)}


def is_valid(schema: str, body: Any) -> bool:
    root = {"$ref": f"#/components/schemas/{schema}", "components": CONTRACT.contract.document["components"]}
    return jsonschema_rs.Draft202012Validator(root).is_valid(body)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        pytest.param("IngestRequest", native_pair(CONTRACT), id="two events"),
        pytest.param("IngestRequest", batch(CONTRACT, 100), id="a hundred events"),
        pytest.param("IngestRequest", batch(CONTRACT, CONTRACT.most_events), id="a full batch"),
        pytest.param("OtlpExportRequest", otlp_export(CONTRACT, 20), id="twenty spans"),
    ],
)
def test_bodies_are_valid_by_the_contract(schema: str, text: str) -> None:
    assert is_valid(schema, json.loads(text.replace(SLOT, next(fresh_serials()))))


def test_a_batch_has_as_many_events_as_asked_for_and_no_id_twice() -> None:
    events = json.loads(batch(CONTRACT, 100))["batch"]
    ids = [event["id"] for event in events] + [event["body"]["id"] for event in events]
    assert len(events) == 100
    assert len(set(ids)) == len(ids)
    assert all(SLOT in each for each in ids)


def test_an_export_is_one_trace_whose_root_is_first() -> None:
    spans = json.loads(otlp_export(CONTRACT, 20))["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert len({span["traceId"] for span in spans}) == 1
    assert [span["parentSpanId"] for span in spans] == ["", *[spans[0]["spanId"]] * 19]


def test_a_request_tells_the_length_of_its_body_once_the_slots_are_filled() -> None:
    serial = next(fresh_serials())
    head, _, body = (
        Request("POST", "/x", json.dumps({"id": SLOT})).wire("http://127.0.0.1:1", "k").replace(SLOT, serial)
    ).partition("\r\n\r\n")
    assert f"Content-Length: {len(body)}" in head.split("\r\n")
    assert json.loads(body) == {"id": serial}


def test_serial_numbers_are_as_long_as_their_slot_was_counted() -> None:
    serials = fresh_serials()
    first, second = next(serials), next(serials)
    assert len(first) == len(second) == 12
    assert first != second


def test_there_is_a_list_for_every_filter_of_the_contract() -> None:
    asked = {
        name
        for workload in WORKLOADS.values()
        for request in workload.requests
        for name in parse_qs(urlsplit(request.path).query)
    }
    unknown = set(CONTRACT.filters) - asked
    assert not unknown, f"bench/load/_workloads.py: no list asks for {sorted(unknown)}; add one to _filtered()"
    assert asked == set(CONTRACT.filters)


def test_a_filter_that_the_contract_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match="colour"):
        list_request(CONTRACT, {"colour": "red"})


def test_a_population_is_valid_and_its_shares_are_what_they_are_called() -> None:
    (events, text), *rest = Population(CONTRACT, NEWEST, 1000, "percent", spans=False).batches()
    body = json.loads(text)
    assert is_valid("IngestRequest", body)
    assert events == len(body["batch"]) <= CONTRACT.most_events
    everything = [event for _, each in [(events, text), *rest] for event in json.loads(each)["batch"]]
    traces = [event["body"] for event in everything if event["type"] == "trace-create"]
    count = {share: sum(share in trace["tags"] for trace in traces) for share in SHARES}
    assert count == {"half": 500, "percent": 10, "rare": 1}
    assert sum(event["type"] == "span-create" for event in everything) == 10


@pytest.mark.parametrize("share", SHARES)
def test_every_share_has_the_common_tag_and_members_in_the_older_half(share: Share) -> None:
    members = [number for number in range(THOUSAND.size) if THOUSAND.has(number, share)]
    assert max(members) >= THOUSAND.size // 2
    assert all(THOUSAND.has(number, "half") for number in members)


@pytest.mark.parametrize("size", [1_000, 1_000_000])
def test_stores_of_all_sizes_are_asked_for_the_same_lists(size: int) -> None:
    def told(number: int) -> list[tuple[str, str, str]]:
        return [each[:3] for each in queries({share: Population(CONTRACT, NEWEST, number, share) for share in SHARES})]

    assert told(size) == told(100_000)


def test_a_cursor_is_the_documented_one() -> None:
    cursor = THOUSAND.cursor(3)
    assert json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))) == {"id": THOUSAND.id(3)}


def test_the_copy_that_is_served_obeys_its_own_rules_and_limits_nothing(tmp_path: Path) -> None:
    copy = load_contract(CONTRACT.write_copy(tmp_path / "openapi.json", 20))
    assert copy.plans[CONTRACT.plans[1]] == UNREACHED
    assert copy.plans[CONTRACT.plans[0]] == CONTRACT.contract.document["x-plans"][CONTRACT.plans[0]]
    assert len(CONTRACT.page(20)["data"]["traces"]) == 20
