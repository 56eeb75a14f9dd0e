"""Projects are apart: nobody sees or changes what belongs to others, be it by a list, by an id or by a guess."""

from __future__ import annotations

from collections.abc import Mapping

from twosignal_conformance.apis.dashboard.checks import (
    ApiClient,
    Desk,
    Exchange,
    Judge,
    TestData,
    covers,
    people,
    procedures,
    rest,
    roles,
)
from twosignal_conformance.apis.dashboard.checks.data import Json
from twosignal_conformance.apis.dashboard.checks.desk import OF_PROJECTS
from twosignal_conformance.apis.dashboard.checks.stage import foreign
from twosignal_conformance.apis.dashboard.options import OTHER_USER
from twosignal_conformance.engine.api_client import member

_OTHER = (OTHER_USER.flag,)


def _of_project(project: str, data: TestData) -> Mapping[str, Json]:
    """Calls that name a project; the last ones would change it."""
    at = {"projectId": project}
    return {
        "trace.list": at,
        "evaluator.list": at,
        "dataset.list": at,
        "apiKey.list": at,
        "modelRouting.list": at,
        "evaluator.create": at | {"name": data.name("evaluator"), "type": "CUSTOM"},
        "dataset.create": at | {"name": data.name("dataset")},
        "apiKey.create": at | {"name": data.name("key")},
        "modelRouting.create": at | data.routing(),
        "project.update": at | {"name": data.name("project")},
        "project.delete": at,
    }


def _judge(desk: Desk, clause: str, project: str, what: str) -> list[Exchange]:
    found = []
    code = desk.client.contract.error("unknown-resource").code
    for procedure, given in _of_project(project, desk.data).items():
        exchange = desk.call(procedure, given)
        found.append(exchange)
        if desk.check_refused(clause, exchange, f"{procedure} for {what}"):
            seen = procedures.code_of(desk.client, exchange)
            expected = f"the code {code} for {procedure} and {what}"
            desk.check("projects.access.not-found", seen == code, expected, seen, exchange)
    return found


@covers("projects.access.unknown", "projects.access.not-found")
def test_an_unknown_project_is_not_found(client: ApiClient, judge: Judge, data: TestData) -> None:
    """An id that nobody has."""
    _judge(Desk(client, judge, data), "projects.access.unknown", data.id(), "an unknown project")


@covers("projects.access.foreign", "projects.access.not-found", "projects.access.no-hint", needs=_OTHER)
def test_the_project_of_somebody_else_is_not_found(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A project of another person, whose organization the caller is no member of."""
    desk = Desk(client, judge, data)
    project, nobody = foreign(client).project, data.id()
    refusals = _judge(desk, "projects.access.foreign", project, "a project without access")
    judge.require(refusals, "nothing was asked")
    unknown = desk.call("trace.list", {"projectId": nobody})
    alike = (refusals[0].status, refusals[0].text.replace(project, "")) == (
        unknown.status,
        unknown.text.replace(nobody, ""),
    )
    desk.check("projects.access.no-hint", alike, "the same refusal", unknown.text, (refusals[0], unknown))


@covers("projects.access.lists")
def test_a_list_holds_nothing_of_another_project(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Two projects with a thing of each kind, and a trace."""
    desk = Desk(client, judge, data)
    organization = desk.stage.organization
    first, second = (roles.things(desk, organization, desk.project("apart")) for _ in range(2))
    ids = [
        dict(
            zip(
                (kind.list for kind in OF_PROJECTS),
                (made.evaluator, made.dataset, made.api_key, made.routing),
                strict=True,
            )
        )
        for made in (first, second)
    ]
    for kind in OF_PROJECTS:
        for made, other in ((first, ids[1]), (second, ids[0])):
            rows, exchange = desk.rows(kind, {"projectId": made.project})
            found = {member(row, "id") for row in rows}
            expected = f"{kind.list} without a thing of another project"
            desk.check("projects.access.lists", other[kind.list] not in found, expected, "it is listed", exchange)
    trace = data.trace()
    desk.ingest(trace)
    desk.detail(trace)
    exchange = desk.call("trace.list", {"projectId": first.project})
    rows_ = member(procedures.result(exchange), "traces")
    found = {member(row, "id") for row in rows_} if isinstance(rows_, list) else set()
    desk.check("projects.access.lists", trace["id"] not in found, "no trace of another project", found, exchange)


@covers("projects.access.things", needs=_OTHER)
def test_a_thing_of_somebody_else_is_out_of_reach(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Another person's things, read and changed by their ids; then their owner looks whether all are there."""
    desk = Desk(client, judge, data)
    other, theirs = people.other(client), foreign(client)
    made = roles.things(desk, theirs.organization, theirs.project, who=other)
    trace = data.trace()
    rest.ingest(client, judge, data, theirs.api_key, trace)
    before = roles.picture(desk, made, who=other)
    calls: dict[str, Json] = {
        "dataset.byId": {"id": made.dataset},
        "trace.byId": desk.naming(trace["id"]),
        "organization.getById": {"organizationId": made.organization},
        "organization.update": {"organizationId": made.organization, "name": data.name("organization")},
        **roles.changes(desk, made),
    }
    exchanges = []
    for procedure, given in calls.items():
        exchange = desk.call(procedure, given)
        exchanges.append(exchange)
        expected = f"{procedure} of a thing without access is refused"
        holds = procedures.is_refusal(exchange)
        desk.check("projects.access.things", holds, expected, f"status {exchange.status}", exchange)
    changed = roles.differences(before, roles.picture(desk, made, who=other))
    desk.check("projects.access.things", not changed, "nothing has changed", f"changed: {changed}", exchanges[-1])
