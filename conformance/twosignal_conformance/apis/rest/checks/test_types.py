"""Values of another JSON type than documented, at every place of every body, whose refusal leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, TestData, covers, full_bodies, responses
from twosignal_conformance.apis.rest.checks.exports import Exports
from twosignal_conformance.apis.rest.checks.full_bodies import FullBody
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.judging import judge_invalid
from twosignal_conformance.apis.rest.checks.templates import rows
from twosignal_conformance.engine.api_client import Profile
from twosignal_conformance.engine.edges import Mistyped, mistyped

_CLAUSE = "errors.wrong-type"
_TYPES = (f"{_CLAUSE}.refused", f"{_CLAUSE}.status", "errors.validation.code")

_EACH = {Profile.QUICK: 1, Profile.STANDARD: 2, Profile.THOROUGH: 6}
"""Wrong types that are tried at each place: all of them in the last profile."""

_FRACTIONS = (0.5, -1.25, 1e-07, 1.7976931348623157e308, 3)
"""Values of doubleValue."""


@covers(*_TYPES, "traces.fields.span-count")
def test_traces_and_spans_with_a_field_of_another_type(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace and a span with every field, one of them wrong; then none that was refused may be there."""
    group = Group(client, judge, data, "types")
    trace = group.trace("there")
    group.ingest(trace)
    group.shown(trace)
    name = f"{group.prefix} refused"
    bodies = [full_bodies.full_trace(client, data, name)]
    span = group.span(trace)
    if "traceId" in span:
        bodies.append(full_bodies.full_span(client, data, trace))
    counts = [_send_all(client, judge, body) for body in bodies]
    seen = group.settled()
    page = client.call("listTraces", query={"name": name})
    left = [row for row in responses.traces(page) if isinstance(row, dict) and row.get("name") == name]
    judge.check(
        f"{_CLAUSE}.refused",
        len(left) <= counts[0] or not _filters(page, name),
        expected=f"at most the {counts[0]} traces that were accepted in the list",
        actual=f"{len(left)} traces",
        evidence=page,
    )
    if len(counts) > 1 and seen.shows([trace]):
        group.verify(Expect.at_most("traces.fields.span-count", trace, "spanCount", counts[1]))


@covers(*_TYPES, "otlp.accepted", "traces.fields.span-count")
def test_exports_with_a_field_of_another_type(client: ApiClient, judge: Judge, data: TestData) -> None:
    """An export with every field, which is accepted, and then with one of them wrong; fractions of every size."""
    exports = Exports(client, judge, data, "typed exports")
    trace = exports.planned()
    full = full_bodies.full_export(client, data, exports.otlp_span(trace, "full"))
    exchange = client.call("ingestOtlpTraces", json=full.anew(full.body))
    _judge_export(judge, exchange, "an export with every field of OTLP")
    values = [data.attribute(f"number {number}", float(value)) for number, value in enumerate(_FRACTIONS)]
    fractions = client.call(
        "ingestOtlpTraces", json=exports.request(exports.otlp_span(trace, "half", attributes=values))
    )
    _judge_export(judge, fractions, f"attributes with the doubleValue {', '.join(map(repr, _FRACTIONS))}")
    stored = exchange.ok + fractions.ok
    if exchange.ok:
        stored += _send_all(client, judge, full)
    if stored:
        exports.verify(Expect.at_most("traces.fields.span-count", trace, "spanCount", stored))


@covers(*_TYPES, "scores.refused.not-counted")
def test_scores_with_a_field_of_another_type(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A score of a span with every field, one of them wrong; then only what was accepted may count."""
    group = Group(client, judge, data, "typed scores")
    trace = group.trace()
    span = group.span(trace)
    group.ingest(trace, span)
    seen = group.see(trace, until=lambda seen: seen.row(trace).get("spanCount") == 1)
    judge.require(seen.row(trace).get("spanCount") == 1, "the span did not show in the spanCount of its trace")
    stored = _send_all(client, judge, full_bodies.full_score(client, data, trace, span))
    group.verify(Expect.at_most("scores.refused.not-counted", trace, "scoreCount", stored))


@covers(*_TYPES, "templates.resolve.unknown-name")
def test_other_bodies_with_a_field_of_another_type(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Of routing, of templates and of validation with every evaluator; no template that was refused is listed."""
    template = full_bodies.full_template(client, data)
    stored: list[Any] = []
    refused: list[Any] = []

    def note(body: Any, exchange: Exchange) -> None:
        (stored if exchange.ok else refused).append(body.get("name"))

    _send_all(client, judge, template, note)
    _send_all(client, judge, full_bodies.full_route(client))
    quick = client.settings.profile is Profile.QUICK
    _send_all(client, judge, full_bodies.full_validation(client, most=1 if quick else None))
    listing = client.call("getPromptTemplates")
    judge.require(listing.ok and any(row.get("name") in stored for row in rows(listing)), "no template is listed")
    left = [row["name"] for row in rows(listing) if row.get("name") in refused]
    judge.check(
        "templates.resolve.unknown-name",
        not left,
        expected="no template that was refused",
        actual=f"{len(left)} of them are listed",
        evidence=listing,
    )


def _send_all(
    client: ApiClient,
    judge: Judge,
    full: FullBody,
    note: Callable[[Any, Exchange], None] = lambda body, exchange: None,
) -> int:
    """How many were accepted, of the whole one and of those with a wrong type; nothing is judged without the first."""
    exchange = client.call(full.operation, json=full.body)
    note(full.body, exchange)
    if not exchange.ok and not client.settings.dry:
        return 0
    accepted = 1
    schema = client.contract.operation(full.operation).request_body
    for wrong in _chosen(client, mistyped(client.contract, schema.media_type.schema, full.body) if schema else ()):
        if not set(full.silent).isdisjoint(wrong.place):
            continue
        body = full.anew(wrong.body, wrong.place)
        exchange = client.call(full.operation, json=body)
        note(body, exchange)
        accepted += exchange.ok
        judge_invalid(client, judge, exchange, _CLAUSE, f"{wrong} for {full.operation}")
    return accepted


def _chosen(client: ApiClient, found: Iterable[Mistyped]) -> Iterator[Mistyped]:
    """So many types for each place as the profile has time for, at each place the next ones."""
    most = _EACH[client.settings.profile]
    for number, (_, same_place) in enumerate(groupby(found, key=lambda wrong: wrong.place)):
        wrong = list(same_place)
        yield from (wrong[(number * most + turn) % len(wrong)] for turn in range(min(most, len(wrong))))


def _judge_export(judge: Judge, exchange: Exchange, what: str) -> None:
    judge.check(
        "otlp.accepted",
        exchange.ok,
        expected=f"{what} is accepted",
        actual=f"status {exchange.status}: {exchange.text}",
        evidence=exchange,
    )


def _filters(page: Exchange, name: str) -> bool:
    """True when a page was filtered by a name at all."""
    return page.ok and all(name in str(row.get("name")) for row in responses.traces(page) if isinstance(row, dict))
