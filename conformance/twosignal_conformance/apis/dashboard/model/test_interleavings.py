"""People with roles at work in any order: memberships, datasets, evaluators and keys, each compared with a model."""

from __future__ import annotations

from twosignal_conformance.apis.dashboard.checks import ApiClient, Desk, Judge, TestData, covers
from twosignal_conformance.apis.dashboard.model._world import EFFORTS, Session
from twosignal_conformance.apis.dashboard.options import OTHER_USER
from twosignal_conformance.engine.extras import MODEL_NEEDS, require_installed


@covers(
    "datasets.create.listed",
    "datasets.delete.gone",
    "datasets.update.name",
    "evaluators.create.listed",
    "evaluators.delete.gone",
    "evaluators.update.toggle",
    "keys.create.works",
    "keys.revoke.listed",
    "keys.revoke.refused",
    "projects.access.foreign",
    "projects.access.things",
    "roles.denied.no-effect",
    "roles.member.edit",
    "roles.viewer.no-edit",
    "roles.viewer.view",
    profile="standard",
)
def test_any_order_of_calls_agrees_with_the_model(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Sequences that Hypothesis makes of the seed; one that breaks something is made short before it is told."""
    require_installed(MODEL_NEEDS, "layer B")
    from twosignal_conformance.apis.dashboard.model._machine import run_machine

    desk = Desk(client, judge, data)
    judge.require(desk.stage.api_key, "the run makes nothing")
    session = Session(desk, EFFORTS[client.settings.profile], start=client.budget.spent.requests)
    run_machine(session, client.contract.enum("AssignableRole") if client.has(OTHER_USER.flag) else ())
    session.tell()
