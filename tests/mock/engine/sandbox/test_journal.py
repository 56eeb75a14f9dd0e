"""The journal: bounded, told apart by attempts, and without secrets when it is read."""

import json
from typing import Any

import pytest
from twosignal_mock.engine.sandbox import BODIES_LIMIT, BODY_LIMIT, KEY_SIZE, Attempt, Journal, Redaction, render_entry

AT = 1_700_000_000_000_000
HIDDEN = "hunter2-hunter2"


def attempt(**different: Any) -> Attempt:
    plain: dict[str, Any] = {
        "method": "POST",
        "path": "/things",
        "status": 201,
        "at": AT,
        "started": 5.0,
        "seconds": 0.01,
    }
    return Attempt(**plain | {"operation_id": "createThing"} | different)


def shown(**different: Any) -> dict[str, Any]:
    """An attempt as a reader sees it."""
    journal = Journal(1)
    journal.record(attempt(**different))
    return render_entry(journal.entries()[0], Redaction())


def test_the_last_requests_stay_and_sequences_go_on() -> None:
    journal = Journal(3)
    assert [journal.record(attempt()) for _ in range(5)] == [1, 2, 3, 4, 5]
    assert [entry.sequence for entry in journal.entries()] == [3, 4, 5]
    assert journal.last_sequence == 5
    assert journal.clear() == 3
    assert journal.record(attempt()) == 6


def test_a_reader_goes_on_where_it_stopped() -> None:
    journal = Journal(10)
    for _ in range(5):
        journal.record(attempt())
    assert [entry.sequence for entry in journal.entries(since=1, limit=2)] == [2, 3]
    assert journal.entries(since=5) == []


def test_a_journal_of_size_zero_keeps_nothing() -> None:
    journal = Journal(0)
    assert journal.record(attempt(body=b"{}")) == 1
    assert (journal.entries(), journal.kept_bytes) == ([], 0)


def test_of_a_large_body_the_beginning_is_kept() -> None:
    entry = shown(body=b"x" * (BODY_LIMIT + 1))["request"]
    assert (entry["body"], entry["body_bytes"], entry["body_is"]) == ("x" * BODY_LIMIT, BODY_LIMIT + 1, "cut")


def test_all_bodies_together_are_bounded_and_the_oldest_go() -> None:
    count = BODIES_LIMIT // BODY_LIMIT
    journal = Journal(2 * count)
    for _ in range(count + 2):
        journal.record(attempt(body=b"x" * BODY_LIMIT))
        assert journal.kept_bytes <= BODIES_LIMIT
    entries = [render_entry(entry, Redaction())["request"]["body_is"] for entry in journal.entries()]
    assert entries == ["dropped"] * 2 + ["text"] * count


def test_attempt_keys_count_and_go_with_the_bodies() -> None:
    keys = tuple(f"key-{number}" for number in range(1000))
    journal = Journal(10_000)
    while journal.kept_bytes + KEY_SIZE * len(keys) <= BODIES_LIMIT:
        journal.record(attempt(attempt_keys=keys))
    first = journal.entries()[0]
    assert first.attempt.attempt_keys == keys
    journal.record(attempt(attempt_keys=keys))
    assert first.attempt.attempt_keys == ()
    assert journal.kept_bytes <= BODIES_LIMIT


def test_bodies_of_entries_that_went_are_no_longer_counted() -> None:
    journal = Journal(2)
    for body in (b"xxx", b"", b"yy", b""):
        journal.record(attempt(body=body))
    assert journal.kept_bytes == 2


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"attempt_keys": ("a", "b"), "body": b"1"}, {"attempt_keys": ("b", "a"), "body": b"2"}, True),
        ({"attempt_keys": ("a", "b")}, {"attempt_keys": ("a",)}, False),
        ({"attempt_keys": ("a",), "status": 201}, {"attempt_keys": ("a",)}, True),
        ({"body": b"1", "status": None}, {"body": b"1"}, True),
        ({"body": b"1", "status": 201}, {"body": b"1"}, False),
        ({"body": b"1", "status": 404}, {"body": b"1"}, False),
        ({"status": 429}, {"status": 429}, True),
        ({"status": 503, "headers": [(b"user-agent", b"curl")]}, {"headers": [(b"user-agent", b"wget")]}, False),
        ({"status": 503, "headers": [(b"authorization", b"a")]}, {"headers": [(b"authorization", b"b")]}, False),
        ({"body": b"1", "status": 503}, {"body": b"2"}, False),
        ({"query": b"a=1", "status": 503}, {"query": b"a=2"}, False),
        ({"operation_id": "createThing", "status": 503}, {"operation_id": "listThings"}, False),
        ({"status": 503}, {"status": 201}, True),
    ],
    ids=str,
)
def test_attempts_at_the_same_thing_are_one_group(first: dict[str, Any], second: dict[str, Any], same: bool) -> None:
    journal = Journal(10)
    for different in (first, second):
        journal.record(attempt(**different))
    groups = [(entry.group, entry.number) for entry in journal.entries()]
    assert groups == ([(1, 1), (1, 2)] if same else [(1, 1), (2, 1)])


def test_a_request_that_was_under_way_and_got_its_response_has_no_further_attempt() -> None:
    journal = Journal(10)
    journal.complete(journal.record(attempt(status=None, seconds=None)), attempt())
    journal.record(attempt())
    assert [(entry.group, entry.number) for entry in journal.entries()] == [(1, 1), (2, 1)]


CURL = {"headers": [(b"user-agent", b"curl")]}
FAILED = {"status": 503}


@pytest.mark.parametrize(
    ("requests", "groups"),
    [
        ([FAILED, CURL, {}], [(1, 1), (2, 1), (1, 2)]),
        ([FAILED, FAILED | CURL, {}, CURL], [(1, 1), (2, 1), (1, 2), (2, 2)]),
        ([FAILED | CURL, FAILED, CURL, FAILED, {}], [(1, 1), (2, 1), (1, 2), (2, 2), (2, 3)]),
        ([FAILED, {}, {}], [(1, 1), (1, 2), (3, 1)]),
    ],
    ids=["one goes on after another", "crossed", "longer", "a new one after a success"],
)
def test_clients_that_do_the_same_at_once_keep_their_own_attempts(
    requests: list[dict[str, Any]], groups: list[tuple[int, int]]
) -> None:
    journal = Journal(10)
    for different in requests:
        journal.record(attempt(**different))
    assert [(entry.group, entry.number) for entry in journal.entries()] == groups


@pytest.mark.parametrize(
    ("statuses", "groups"),
    [
        ([200, 200, 200], [(1, 1), (2, 1), (3, 1)]),
        ([200, 503, 200], [(1, 1), (2, 1), (2, 2)]),
        ([None, 200, 200], [(1, 1), (1, 2), (3, 1)]),
        ([None, None, 200], [(1, 1), (1, 2), (1, 3)]),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_requests_that_were_under_way_together_are_attempts_only_where_one_got_no_response(
    statuses: list[int | None], groups: list[tuple[int, int]], backwards: bool
) -> None:
    journal = Journal(10)
    sequences = [journal.record(attempt(status=None, seconds=None)) for _ in statuses]
    for sequence, status in list(zip(sequences, statuses, strict=True))[:: -1 if backwards else 1]:
        journal.complete(sequence, attempt(status=status))
    assert [(entry.group, entry.number) for entry in journal.entries()] == groups
    journal.record(attempt())
    assert [(entry.group, entry.number) for entry in journal.entries()][-1] == (4, 1), "the last one had succeeded"


def test_attempts_are_counted_on_when_the_first_is_gone() -> None:
    journal = Journal(1)
    for _ in range(3):
        journal.record(attempt(attempt_keys=("a",)))
    (entry,) = journal.entries()
    assert (entry.sequence, entry.group, entry.number) == (3, 1, 3)


def test_an_entry_tells_all_that_was_recorded() -> None:
    entry = shown(
        query=b"limit=2",
        headers=[(b"X-One", b"1")],
        body=b'{"name": "a"}',
        response=b'{"ok": true}',
        clauses=("a.clause",),
        fault="fault-1",
        cause="internal",
        attempt_keys=("e-1",),
    )
    assert entry["at"] == "2023-11-14T22:13:20.000000Z"
    assert (entry["started"], entry["milliseconds"]) == (5.0, 10.0)
    assert (entry["method"], entry["path"], entry["query"], entry["operation"]) == (
        "POST", "/things", "limit=2", "createThing"
    )  # fmt: skip
    assert entry["request"] == {"headers": [["X-One", "1"]], "body": {"name": "a"}, "body_bytes": 13, "body_is": "json"}
    assert entry["response"]["body"] == {"ok": True}
    assert (entry["clauses"], entry["fault"], entry["cause"], entry["attempt_keys"]) == (
        ["a.clause"], "fault-1", "internal", ["e-1"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ((b"Authorization", b"Bearer key-that-nobody-sees-wxyz"), "Bearer [redacted]wxyz"),
        ((b"authorization", b"Bearer short"), "Bearer [redacted]"),
        ((b"Authorization", b"Basic ZGV2OmRldmVsb3BtZW50"), "Basic [redacted]"),
        ((b"Authorization", b"key-that-nobody-sees-wxyz"), "[redacted]wxyz"),
        ((b"Cookie", b"session=1"), "[redacted]"),
        ((b"Accept", b"*/*"), "*/*"),
    ],
    ids=["bearer", "a short one", "basic", "no scheme", "cookie", "anything else"],
)
def test_credentials_in_headers_are_hidden(header: tuple[bytes, bytes], expected: str) -> None:
    assert shown(headers=[header])["request"]["headers"][0][1] == expected


@pytest.mark.parametrize(
    "name", ["password", "accessToken", "refresh_token", "token", "api_key", "apiKey", "newPassword"]
)
@pytest.mark.parametrize("place", ["member", "nested", "cut", "text", "query", "response"])
def test_secret_fields_are_hidden_wherever_they_stand(name: str, place: str) -> None:
    member = json.dumps({name: HIDDEN})
    different = {
        "member": {"body": member.encode()},
        "nested": {"body": f'{{"list": [{member}]}}'.encode()},
        "cut": {"body": member.encode() + b" " * BODY_LIMIT},
        "text": {"body": f"{name}={HIDDEN}&other=1".encode()},
        "query": {"query": f"other=1&{name}={HIDDEN}".encode()},
        "response": {"response": member.encode()},
    }[place]
    entry = json.dumps(shown(**different))
    assert HIDDEN not in entry
    assert name in entry


def test_counts_of_tokens_are_no_secrets() -> None:
    body = b'{"totalTokens": 3, "usage": {"promptTokens": 2}, "token": 4}'
    assert shown(body=body)["request"]["body"] == json.loads(body)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"\x00", b'{"a": 1} x'], ids=["no UTF-8", "cut", "NUL", "more"])
def test_a_body_that_is_no_json_is_shown_as_text(body: bytes) -> None:
    assert shown(body=body)["request"]["body_is"] == "text"
