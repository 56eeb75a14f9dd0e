"""Clients at work in any order: ingest, repeat, reorder, score, query, page, push, each compared with a model."""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, actions, covers
from twosignal_conformance.apis.rest.checks.actions import reads_camel_case, snake_case
from twosignal_conformance.apis.rest.model._session import EFFORTS, Abilities, Session
from twosignal_conformance.engine.extras import MODEL_NEEDS, require_installed


@covers(
    "errors.internal.absent",
    "scores.create.counted",
    "scores.create.id",
    "scores.create.id-unique",
    "scores.create.span-counted",
    "scores.create.status",
    "scores.create.value",
    "scores.trace.just-ingested",
    "templates.push.accepted",
    "templates.push.content",
    "templates.push.first-version",
    "templates.push.next-version",
    "templates.push.readable",
    "templates.push.same-id",
    "templates.push.status",
    "templates.resolve.latest",
    "templates.resolve.version",
    "traces.batch.accepted-count",
    "traces.batch.status",
    "traces.batch.visible",
    "traces.event.idempotent",
    "traces.event.repeat-accepted",
    "traces.fields.duration",
    "traces.fields.duration-arithmetic",
    "traces.fields.end-time",
    "traces.fields.end-time-own",
    "traces.fields.end-time-running",
    "traces.fields.end-time-spans",
    "traces.fields.metadata",
    "traces.fields.name",
    "traces.fields.score-count",
    "traces.fields.span-count",
    "traces.fields.start-time",
    "traces.fields.status",
    "traces.fields.tags",
    "traces.fields.total-cost",
    "traces.fields.total-cost-exact",
    "traces.fields.total-cost-sum",
    "traces.fields.total-tokens-sum",
    "traces.list.filters.combined",
    "traces.list.limit.full",
    "traces.list.limit.size",
    "traces.list.name.excludes",
    "traces.list.name.substring",
    "traces.list.order.newest-first",
    "traces.list.status",
    "traces.list.status.error",
    "traces.list.status.ok",
    "traces.list.tags.all",
    "traces.list.tags.one",
    "traces.list.walk.complete",
    "traces.list.walk.ends",
    "traces.list.walk.filters",
    "traces.list.walk.inserts",
    "traces.list.walk.no-repeat",
    "traces.span.child-first",
    "traces.status.error",
    "traces.status.ok",
    "traces.status.stays-error",
    profile="standard",
)
def test_any_order_of_requests_agrees_with_the_model(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Sequences that Hypothesis makes of the seed; one that breaks something is made short before it is told."""
    require_installed(MODEL_NEEDS, "layer B")
    from twosignal_conformance.apis.rest.model._machine import run_machine

    session = Session(client, judge, EFFORTS[client.settings.profile], _abilities(client, judge, data))
    run_machine(session)
    session.tell()


def _abilities(client: ApiClient, judge: Judge, data: TestData) -> Abilities:
    """What this server takes of what it need not take."""
    camel = reads_camel_case(client)

    def taken(*, snake: bool, early: bool) -> bool:
        trace = data.trace()
        span = data.span(trace)
        body = snake_case(client.contract, span) if snake else span
        if not early:
            return client.call("ingestTraces", json=data.batch(trace, body)).ok
        if not client.call("ingestTraces", json=data.batch(body)).ok:
            return False
        judge.require(client.call("ingestTraces", json=data.batch(trace)).ok, "a batch with a trace was refused")
        return bool(actions.settled(client, trace, until=lambda row: row.get("spanCount") == 1))

    trace = data.trace()
    actions.ingest(client, judge, data, trace)
    row, _ = actions.shown(client, judge, trace)
    return Abilities(
        camel_case=camel,
        snake_case=taken(snake=True, early=False),
        early_spans=taken(snake=not camel, early=True),
        scores=not row.get("scoreCount"),
    )
