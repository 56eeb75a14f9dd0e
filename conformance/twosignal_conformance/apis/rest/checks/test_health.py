"""Health: the one operation that needs no key and has no limit."""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, Key, covers
from twosignal_conformance.apis.rest.checks.judging import judge_response, judge_status


@covers("health.no-key", "health.status", "health.body")
def test_health_is_answered_without_a_key(client: ApiClient, judge: Judge) -> None:
    """GET without a key."""
    exchange = client.call("getHealth", key=Key.NONE)
    status = client.contract.operation("getHealth").success
    refusals = {client.contract.error(cause).status for cause in ("missing-key", "invalid-key")}
    judge_response(judge, "health.no-key", exchange, exchange.status not in refusals, "a response without a key")
    judge_status(judge, "health.status", exchange, status)
    wanted = client.contract.schema("Health")["properties"]["status"]["const"]
    judge.check(
        "health.body",
        exchange.at("status") == wanted,
        expected=f'an object whose "status" is "{wanted}"',
        actual=exchange.text,
        evidence=exchange,
    )


@covers("health.ignores-key")
def test_health_is_answered_in_the_same_way_whatever_key_comes_with_it(client: ApiClient, judge: Judge) -> None:
    """GET with the key of the project and with one that was never issued."""
    plain = client.call("getHealth", key=Key.NONE)
    for key in (Key.MAIN, Key.NEVER_ISSUED):
        other = client.call("getHealth", key=key)
        judge.check(
            "health.ignores-key",
            (other.status, other.json) == (plain.status, plain.json),
            expected="the same response as without a key",
            actual=f"status {other.status} instead of {plain.status}",
            evidence=(plain, other),
        )


@covers("health.head")
def test_head_is_answered_as_get_without_a_body(client: ApiClient, judge: Judge) -> None:
    """HEAD, for which the document has no operation of its own."""
    operation = client.contract.operation("getHealth")
    exchange = client.request("HEAD", operation.path, key=Key.NONE)
    judge.check(
        "health.head",
        exchange.status == operation.success and not exchange.body,
        expected=f"status {operation.success} and no body",
        actual=f"status {exchange.status} and {len(exchange.body)} bytes",
        evidence=exchange,
    )
