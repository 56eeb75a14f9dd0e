"""Identifiers: which texts name traces and spans."""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.group import Group
from twosignal_conformance.apis.rest.checks.judging import judge_accepted, judge_response


@covers("identifiers.uuid")
def test_uuids_name_traces_and_spans(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace and a span with UUIDs; when they are refused, the same with plain words shows whether it is for these."""
    group = Group(client, judge, data, "uuid")
    trace = group.trace()
    exchange = group.send(trace, group.span(trace))
    if not exchange.ok:
        words = group.trace(id=data.tag("trace"))
        other = group.send(words, group.span(words, id=data.tag("span")))
        judge.require(other.ok, f"a batch is refused with {exchange.status}, whatever its identifiers are")
    judge_accepted(judge, "identifiers.uuid", exchange, "a trace and a span with UUIDs")


@covers("identifiers.any-string")
def test_other_texts_name_traces_and_spans(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Plain words with UUIDs beside them; to refuse them as invalid is a documented dialect, to change them is not."""
    group = Group(client, judge, data, "words")
    clause = "identifiers.any-string"
    trace = group.trace(id=data.tag("Trace"))
    plain = group.trace("plain")
    exchange = group.send(trace, group.span(trace, id=data.tag("Span")))
    control = group.send(plain, group.span(plain))
    status = client.contract.error("invalid-identifier").status
    judge.require(control.ok, f"a batch with UUIDs is refused with {control.status} as well")
    if not judge_response(
        judge,
        clause,
        exchange,
        exchange.ok or exchange.status == status,
        f"identifiers that are no UUIDs are accepted, or refused with {status}",
    ):
        return
    client.dialects.note("identifiers", "any" if exchange.ok else "uuid")
    if exchange.ok:
        seen = group.see(trace, plain)
        judge.require(seen.shows([plain]), "not even a trace with a UUID shows under its id")
        judge.check(
            clause,
            seen.shows([trace]),
            expected=f"a trace with the id {trace['id']}",
            actual=f"the ids {', '.join(seen.rows)}",
            evidence=(exchange, seen.page),
        )


@covers("identifiers.length", "identifiers.control-characters", profile="standard")
def test_identifiers_have_bounds(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The longest one and one that is longer, none, and one with a control character."""
    group = Group(client, judge, data, "bounds")
    most = client.contract.schema("Identifier")["maxLength"]
    start = data.tag("id")
    identifiers = {
        f"{most} characters": start.ljust(most, "x"),
        f"{most + 1} characters": start.ljust(most + 1, "x"),
        "no character": "",
    }
    seen = {name: group.send(group.trace(id=identifier)) for name, identifier in identifiers.items()}
    judge.observe(
        "identifiers.length",
        ", ".join(f"{name}: status {exchange.status}" for name, exchange in seen.items()),
        evidence=list(seen.values()),
    )
    exchange = group.send(group.trace(id=f"{start}\u0007"))
    verdict = "yes" if responses.refused(exchange) else "no"
    judge.observe("identifiers.control-characters", f"{verdict}, status {exchange.status}", evidence=exchange)
