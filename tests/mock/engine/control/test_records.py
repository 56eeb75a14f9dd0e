"""Journal, ledger and metrics over the control API."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from twosignal_mock.engine.sandbox import (
    BODIES_LIMIT,
    BODY_LIMIT,
    DROPPED_ENTRIES,
    Attempt,
    ClockKind,
    DroppedSandboxes,
    Journal,
    Outcome,
)

from tests.mock.engine.control.world import NOON, Call, World


def record(world: World, count: int) -> None:
    sandbox = world.sandbox
    for number in range(count):
        sandbox.journal.record(
            Attempt(
                "POST", "/things", 201, sandbox.clock.now(), 1.0, 0.001,
                headers=[(b"authorization", f"Bearer {world.start.api_key}".encode())],
                body=b'{"password": "hidden", "number": %d}' % number,
            )
        )  # fmt: skip


async def test_the_journal_is_read_in_pages(call: Call, world: World) -> None:
    record(world, 5)
    first = (await call("GET", "/v1/journal?limit=3")).json()
    assert [entry["sequence"] for entry in first["entries"]] == [1, 2, 3]
    assert (first["next"], first["last"]) == (3, 5)
    second = (await call("GET", f"/v1/journal?since={first['next']}")).json()
    assert [entry["sequence"] for entry in second["entries"]] == [4, 5]
    assert (await call("GET", "/v1/journal?since=5")).json() == {"entries": [], "next": 5, "last": 5}


async def test_the_journal_tells_what_came_without_secrets(call: Call, world: World) -> None:
    record(world, 1)
    answer = await call("GET", "/v1/journal")
    (entry,) = answer.json()["entries"]
    assert (entry["at"], entry["request"]["body"]["number"]) == (NOON, 0)
    assert world.start.api_key not in answer.text
    assert "hidden" not in answer.text


PLACES = {
    "a path": ({"path": "/things/KEY"}, ["path"]),
    "a query by any name": ({"query": b"key=KEY"}, ["query"]),
    "a query without a name": ({"query": b"KEY"}, ["query"]),
    "a query that is encoded": ({"query": b"auth=Bearer%20KEYE"}, ["query"]),
    "a field": ({"body": b'{"deep": [{"note": "KEY"}]}'}, ["body"]),
    "the name of a field": ({"body": b'{"KEY": 1}'}, ["body"]),
    "a field that is escaped": ({"body": b'{"note": "KEYU"}'}, ["body"]),
    "a sentence": ({"body": b'{"note": "it is KEY."}', "headers": [(b"authorization", b"Bearer KEY")]}, ["body"]),
    "a form": ({"body": b"note=KEYE"}, ["body"]),
    "a secret field": ({"query": b"token=KEY", "body": b'{"password": "KEY"}'}, ["query", "body"]),
    "its header": ({"headers": [(b"authorization", b"Bearer KEY")]}, []),
    "no key": ({"query": b"token=hidden-and-long", "body": b'{"api_key": "another-one-entirely"}'}, []),
}
"""Where: the fields of a request, and what is told. KEYE is the key percent-encoded, KEYU escaped as JSON can be."""


@pytest.mark.parametrize(("fields", "told"), PLACES.values(), ids=PLACES)
async def test_the_journal_tells_where_a_key_stood_and_not_which(
    call: Call, world: World, fields: dict[str, Any], told: list[str]
) -> None:
    key = world.start.api_key
    escaped = f"\\u{ord(key[0]):04x}{key[1:]}"
    encoded = f"%{ord(key[0]):02x}{key[1:]}"

    def filled(value: Any) -> Any:
        match value:
            case bytes():
                text = value.decode().replace("KEYE", encoded).replace("KEYU", escaped)
                return text.replace("KEY", key).encode()
            case str():
                return value.replace("KEY", key)
        return [(name, filled(inner)) for name, inner in value]

    made = {name: filled(value) for name, value in fields.items()}
    path = made.pop("path", "/things")
    world.sandbox.journal.record(Attempt("POST", path, 201, world.sandbox.clock.now(), 1.0, 0.001, **made))
    (entry,) = (await call("GET", "/v1/journal")).json()["entries"]
    assert entry["key_in"] == told


async def test_the_journal_is_cleared(call: Call, world: World) -> None:
    record(world, 2)
    assert (await call("DELETE", "/v1/journal")).status_code == 204
    assert (await call("GET", "/v1/journal")).json()["entries"] == []


async def test_the_journal_of_a_sandbox_that_is_gone_can_still_be_read(call: Call, world: World) -> None:
    made = (await call("POST", "/v1/sandboxes", {"name": "checkout"})).json()
    await call("PUT", f"/v1/clock?sandbox={made['id']}", {"kind": "frozen"})
    journal = world.sandbox_of(made["id"]).journal
    for number in range(3):
        journal.record(Attempt("POST", "/things", 201, 0, float(number), 0.001, body=b"%d" % number))
    before = (await call("GET", f"/v1/journal?sandbox={made['id']}")).json()
    assert (await call("GET", "/v1/dropped")).json() == {"dropped": []}
    await call("DELETE", f"/v1/sandboxes/{made['id']}")
    (row,) = (await call("GET", "/v1/dropped")).json()["dropped"]
    assert row == {"number": 1, "id": made["id"], "name": "checkout", "clock": "frozen", "journal": 3}
    assert (await call("GET", "/v1/dropped/1/journal")).json() == before
    assert len((await call("GET", "/v1/dropped/1/journal?since=1&limit=1")).json()["entries"]) == 1
    record(world, 2)
    await call("POST", "/v1/reset")
    assert [row["journal"] for row in (await call("GET", "/v1/dropped")).json()["dropped"]] == [3, 2]
    for unknown in ("3", "x", "-1", "\u0661"):
        assert (await call("GET", f"/v1/dropped/{unknown}/journal")).status_code == 404


async def test_of_sandboxes_that_are_gone_the_last_are_kept(world: World) -> None:
    dropped, project = DroppedSandboxes(), world.sandbox.project
    few = 40
    for _ in range(2 * few):
        journal = Journal(DROPPED_ENTRIES)
        for _ in range(DROPPED_ENTRIES // few):
            journal.record(Attempt("POST", "/things", 201, 0, 0.0, 0.0))
        dropped.keep(project, ClockKind.REAL, journal)
        dropped.keep(project, ClockKind.REAL, Journal(1))
    assert [row.number for row in dropped.list()] == list(range(few + 1, 2 * few + 1))
    large = Journal(DROPPED_ENTRIES)
    for _ in range(BODIES_LIMIT // BODY_LIMIT):
        large.record(Attempt("POST", "/things", 201, 0, 0.0, 0.0, body=bytes(BODY_LIMIT)))
    for _ in range(2):
        dropped.keep(project, ClockKind.REAL, large)
    assert len(dropped.list()) == 1


async def test_the_control_api_is_not_journalled(call: Call, world: World) -> None:
    for _ in range(3):
        await call("GET", "/v1/journal")
    assert world.sandbox.journal.last_sequence == 0


@pytest.mark.parametrize("query", ["since=-1", "limit=0", "limit=x", "limit=1001", "limit=", "sicne=1"])
async def test_a_wrong_query_is_refused(call: Call, query: str) -> None:
    answer = await call("GET", f"/v1/journal?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")


async def test_the_ledger_is_read_by_outcome_and_page(call: Call, world: World) -> None:
    ledger = world.sandbox.ledger
    ledger.stored(["a", "b"])
    ledger.refused(["c"], "internal", 500)
    ledger.response_lost(["d"], "fault-1")
    shown = (await call("GET", "/v1/ledger")).json()
    assert [entry["id"] for entry in shown["entries"]] == ["c", "d", "a", "b"]
    assert (shown["summary"]["ids"], shown["summary"]["stored"]) == (4, 2)
    for outcome, expected in ((Outcome.STORED, ["a", "b"]), (Outcome.REFUSED, ["c"]), (Outcome.RESPONSE_LOST, ["d"])):
        page = (await call("GET", f"/v1/ledger?outcome={outcome}")).json()
        assert [entry["id"] for entry in page["entries"]] == expected
    assert [each["id"] for each in (await call("GET", "/v1/ledger?offset=1&limit=2")).json()["entries"]] == ["d", "a"]
    assert (await call("GET", "/v1/ledger?limit=0")).json()["entries"] == []
    assert (await call("GET", "/v1/ledger?outcome=eaten")).status_code == 400


async def test_metrics_count_what_they_were_told(call: Call, world: World) -> None:
    metrics = world.parts.metrics
    metrics.request("createThing", 201, 0.002)
    metrics.request("createThing", 201, 9.0)
    metrics.request(None, 404, 0.0)
    metrics.request("createThing", None, 0.001)
    metrics.fault("reset", "before")
    metrics.rate_error("small")
    metrics.store_write()
    metrics.store_write(2)
    record(world, 2)
    text = (await call("GET", "/metrics")).text
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    expected = {
        ("twosignal_mock_requests_total", "201", "createThing"): 2,
        ("twosignal_mock_requests_total", "404", "none"): 1,
        ("twosignal_mock_requests_total", "createThing", "cut"): 1,
        ("twosignal_mock_faults_total", "before", "reset"): 1,
        ("twosignal_mock_rate_errors_total", "small"): 1,
        ("twosignal_mock_store_writes_total",): 3,
        ("twosignal_mock_sandboxes",): 1,
        ("twosignal_mock_journal_entries",): 2,
        ("twosignal_mock_request_seconds_count", "createThing"): 3,
        ("twosignal_mock_request_seconds_bucket", "0.001", "createThing"): 1,
        ("twosignal_mock_request_seconds_bucket", "0.0025", "createThing"): 2,
        ("twosignal_mock_request_seconds_bucket", "5.0", "createThing"): 2,
        ("twosignal_mock_request_seconds_bucket", "+Inf", "createThing"): 3,
    }
    assert {key: samples.get(key) for key in expected} == expected
