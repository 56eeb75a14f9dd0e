"""JSON as it is sent and answered: numbers, text, objects, and depth."""

from __future__ import annotations

import json
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, TestData, actions, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.judging import judge_response
from twosignal_conformance.engine.api_client import Creation

_UNICODE = "größe Ω 東京 e\u0301 \U0001f642\U0001d11e"
"""Two, three and four bytes in UTF-8; a letter with a combining accent, which nobody may compose."""

_NUL, _SURROGATE = "nul-\\u0000", "surrogate-\\ud800"
"""As they are escaped in JSON text."""

_DEPTH = 10_000
"""Arrays in one another: more than common parsers take, and only twice as many bytes."""

_DEPTHS = (50, 90, 150, 300)
"""Objects in one another: readers of JSON stop at several hundred, writers and stores often earlier."""

_MARK = "conformance-mark"
"""Stands in a body until something that no JSON library writes takes its place."""


@covers("json.numbers.finite", "json.encoding.utf-8")
def test_what_json_does_not_allow_is_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """NaN and Infinity in the place of numbers; bytes that are not UTF-8."""
    flaws = [("json.numbers.finite", f'"{_MARK}"', sign) for sign in ("NaN", "-Infinity")]
    flaws += [("json.encoding.utf-8", _MARK, sign) for sign in ("\udcff", "\udced\udca0\udc80")]
    for clause, place, sign in flaws:
        exchange = _send(client, data, place, sign)
        judge_response(
            judge,
            clause,
            exchange,
            responses.refused(exchange),
            f"a refusal of {sign.encode('utf-8', 'surrogateescape')!r}",
        )


@covers("json.numbers.unchanged", profile="standard")
def test_numbers_of_more_than_64_bits(client: ApiClient, judge: Judge, data: TestData) -> None:
    """An integer and a decimal in metadata, each in a trace of its own."""
    for what, number in (("integer", "12345678901234567890123"), ("decimal", "0.1000000000000000055511151231257827")):
        trace = data.trace(metadata={"odd": _MARK})
        exchange = _send_trace(client, data, trace, f'"{_MARK}"', number)
        shown = f", answered as {actions.shown(client, judge, trace)[0].get('metadata')}" if exchange.ok else ""
        judge.observe("json.numbers.unchanged", f"{what}: status {exchange.status}{shown}", evidence=exchange)


@covers("json.text.unicode")
def test_text_is_stored_and_answered_unchanged(client: ApiClient, judge: Judge, data: TestData) -> None:
    """In the name, a tag, and keys and values of metadata."""
    sent: dict[str, Any] = {
        "name": f"{data.name()} {_UNICODE}",
        "tags": [f"{data.tag()}-{_UNICODE}"],
        "metadata": {_UNICODE: [_UNICODE, {"inner": _UNICODE}]},
    }
    trace = data.trace(**sent)
    actions.ingest(client, judge, data, trace)
    row, page = actions.shown(client, judge, trace, until=lambda row: row.get("name") == sent["name"])
    for field, value in sent.items():
        judge.check(
            "json.text.unicode",
            row.get(field) == value,
            expected=f"{field} {value!r}",
            actual=row.get(field),
            evidence=page,
        )


@covers("json.text.no-nul", "json.text.no-lone-surrogates", "json.depth.bounded", profile="standard")
def test_odd_text_and_depth(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A string with U+0000, one with half a pair, and arrays in one another."""
    odd = (
        ("json.text.no-nul", _MARK, _NUL),
        ("json.text.no-lone-surrogates", _MARK, _SURROGATE),
        ("json.depth.bounded", f'"{_MARK}"', "[" * _DEPTH + "]" * _DEPTH),
    )
    for clause, place, text in odd:
        exchange = _send(client, data, place, text)
        judge.observe(clause, f"status {exchange.status}", evidence=exchange)


@covers("errors.internal.absent", "traces.fields.metadata", profile="standard", last=True)
def test_deep_metadata_that_is_accepted_is_shown(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Deeper and deeper objects, each in a trace of its own, until one is refused; the list has to show all others."""
    for depth in _DEPTHS:
        trace = data.trace(metadata={"in": _nested(depth)})
        exchange = client.call("ingestTraces", json=data.batch(trace))
        if not exchange.ok:
            return
        seen = client.settle(
            lambda trace=trace: client.call("listTraces", query={"name": trace["name"]}),  # type: ignore[misc]
            until=lambda page: not page.ok or bool(responses.traces(page)),
        ).value
        internal = client.contract.error("internal").status
        healthy = judge.check(
            "errors.internal.absent",
            seen.status != internal,
            expected=f"a list that shows a trace with metadata {depth} deep, which was accepted",
            actual=f"status {seen.status}",
            evidence=(exchange, seen),
        )
        judge.require(healthy and seen.ok, "the list is not shown any more")
        rows = [row.get("metadata") for row in responses.traces(seen) if row.get("id") == trace["id"]]
        # Compared as text: what is this deep is too deep for a comparison.
        judge.check(
            "traces.fields.metadata",
            [json.dumps(row) for row in rows] == [json.dumps(trace["metadata"])],
            expected=f"the metadata that was sent, {depth} deep",
            actual=f"{len(rows)} traces, other metadata" if rows else "no such trace",
            evidence=(exchange, seen),
        )


@covers("json.objects.duplicate-keys", "json.objects.unknown-fields", profile="standard")
def test_keys_that_stand_twice_or_are_unknown(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A name that stands twice, and fields that the contract does not have on every level."""
    first, last = data.name("first"), data.name("last")
    trace = data.trace(name=last)
    text = json.dumps(data.batch(trace)).replace('"name": ', f'"name": {json.dumps(first)}, "name": ', 1)
    exchange = client.call("ingestTraces", content=text.encode())
    if exchange.ok:
        row, page = actions.shown(client, judge, trace)
        names = {first: "the first counts", last: "the last counts"}
        judge.observe("json.objects.duplicate-keys", names.get(str(row.get("name")), "neither"), evidence=page)
    else:
        judge.observe("json.objects.duplicate-keys", f"status {exchange.status}", evidence=exchange)
    trace = data.trace(unknownField={"a": 1})
    body = {"batch": [data.event(trace, unknownField="b")], "unknownField": [None]}
    exchange = client.call("ingestTraces", json=body)
    told = "ignored" if exchange.ok else f"status {exchange.status}"
    judge.observe("json.objects.unknown-fields", told, evidence=exchange)


@covers("json.aliases.same-value", "json.aliases.different-values", profile="standard")
def test_two_spellings_of_one_field(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A span that names its trace twice, first the same and then two different ones."""
    alias = client.contract.schema("SpanBody")["properties"]["traceId"]["x-aliases"][0]
    trace = data.trace()
    actions.ingest(client, judge, data, trace)
    for clause, value in (("json.aliases.same-value", trace["id"]), ("json.aliases.different-values", data.id())):
        exchange = client.call("ingestTraces", json=data.batch(data.span(trace, **{alias: value})))
        judge.observe(clause, f"status {exchange.status}", evidence=exchange)


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"in": value}
    return value


def _send(client: ApiClient, data: TestData, place: str, text: str) -> Exchange:
    """The response to a batch of one trace in which a text, as it is, stands in a value of metadata."""
    return _send_trace(client, data, data.trace(metadata={"odd": _MARK}), place, text)


def _send_trace(client: ApiClient, data: TestData, trace: Json, place: str, text: str) -> Exchange:
    body = json.dumps(data.batch(trace)).replace(place, text)
    # What cannot be read as JSON may be stored all the same, so the ledger is told.
    creates = [Creation("trace", trace["id"], trace["name"])]
    return client.call("ingestTraces", content=body.encode("utf-8", "surrogateescape"), creates=creates)
