"""What each role may do. Needs another person, who gets one role after the other, and for members a third one."""

from __future__ import annotations

from twosignal_conformance.apis.dashboard.checks import (
    ApiClient,
    Desk,
    Exchange,
    Judge,
    TestData,
    covers,
    people,
    procedures,
    roles,
)
from twosignal_conformance.apis.dashboard.checks.desk import ORGANIZATIONS
from twosignal_conformance.apis.dashboard.options import OTHER_USER, THIRD_USER
from twosignal_conformance.engine.api_client import member

_OTHER = (OTHER_USER.flag,)
_THIRD = (OTHER_USER.flag, THIRD_USER.flag)


@covers("roles.owner.creator")
def test_who_creates_an_organization_owns_it(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The organization of the run, as it is listed."""
    desk = Desk(client, judge, data)
    name = data.name("organization")
    identifier, _ = desk.create(ORGANIZATIONS, {"name": name})
    shown = desk.shown(ORGANIZATIONS, identifier)
    judge.require(shown.row, "the organization is not listed")
    desk.check_member("roles.owner.creator", shown, "role", roles.owner(client))


@covers("roles.viewer.view", "organizations.list.role", "roles.settings.managers", needs=_OTHER)
def test_a_viewer_reads_everything(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Every query, after the owner has made something of each kind."""
    desk = Desk(client, judge, data)
    viewer, role = people.other(client), roles.role_with(client, "view")
    made = roles.things(desk, desk.stage.organization, desk.project("viewed"))
    roles.as_role(desk, viewer, role)
    for procedure, exchange in roles.tried(desk, roles.readings(made), viewer):
        desk.check_ok("roles.viewer.view", exchange, f"{procedure} of a viewer")
    shown = desk.shown(ORGANIZATIONS, made.organization, lambda shown: shown.get("role") == role, who=viewer)
    judge.require(shown.row, "the viewer's organization is not listed")
    desk.check_member("organizations.list.role", shown, "role", role)
    given = {"organizationId": made.organization, "name": data.name("organization")}
    desk.check_refused("roles.settings.managers", desk.call("organization.update", given, who=viewer), "a viewer")


@covers("roles.viewer.no-edit", "roles.denied.refused", "roles.denied.code", "roles.denied.no-effect", needs=_OTHER)
def test_a_viewer_changes_nothing(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Every change of a project, tried by a viewer; then everything is as it was."""
    desk = Desk(client, judge, data)
    viewer = people.other(client)
    made = roles.things(desk, desk.stage.organization, desk.project("viewed"))
    roles.as_role(desk, viewer, roles.role_with(client, "view"))
    before = roles.picture(desk, made)
    tried: list[Exchange] = []
    for procedure, exchange in roles.tried(desk, roles.changes(desk, made), viewer):
        tried.append(exchange)
        for clause in ("roles.viewer.no-edit", "roles.denied.refused"):
            desk.check_refused(clause, exchange, f"{procedure} of a viewer")
        desk.check_cause("roles.denied.code", exchange, "permission-denied", f"{procedure} of a viewer")
    judge.require(all(map(procedures.is_refusal, tried)), "not every change of a viewer was refused")
    changed = roles.differences(before, roles.picture(desk, made))
    desk.check("roles.denied.no-effect", not changed, "nothing has changed", f"changed: {changed}", tried[-1])


@covers("roles.member.edit", needs=_OTHER)
def test_a_member_edits(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Every change of a project, by a member."""
    desk = Desk(client, judge, data)
    someone = people.other(client)
    made = roles.things(desk, desk.stage.organization, desk.project("edited"))
    roles.as_role(desk, someone, roles.role_with(client, "view", "edit"))
    calls = roles.changes(desk, made)
    for procedure, exchange in roles.tried(desk, calls, someone):
        if procedure == "apiKey.revoke" and not exchange.ok:
            continue  # the key was rotated before, and what ends an ended key says is open
        desk.check_ok("roles.member.edit", exchange, f"{procedure} of a member")
        if procedure == "project.create" and exchange.ok:
            given = {"projectId": member(procedures.result(exchange), "id")}
            desk.check_ok("roles.member.edit", desk.call("project.delete", given, who=someone), "project.delete")


@covers("roles.member.no-members", "roles.denied.refused", needs=_THIRD)
def test_a_member_manages_no_members(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A member tries to add a third person, and to remove one whom the owner added."""
    desk = Desk(client, judge, data)
    someone, third, organization = people.other(client), people.third(client), desk.stage.organization
    roles.as_role(desk, someone, roles.role_with(client, "view", "edit"))
    roles.leave(desk, organization, third)
    viewer = roles.role_with(client, "view")
    _judge_denied(desk, roles.join(desk, organization, third, viewer, who=someone), "addMember of a member")
    roles.as_role(desk, third, viewer)
    exchange = roles.leave(desk, organization, third, who=someone)
    exchange = desk.need(exchange, "the third person is not listed as a member")
    _judge_denied(desk, exchange, "removeMember of a member")
    roles.leave(desk, organization, third)


def _judge_denied(desk: Desk, exchange: Exchange, what: str) -> None:
    for clause in ("roles.member.no-members", "roles.denied.refused"):
        desk.check_refused(clause, exchange, what)


@covers("roles.admin.members", needs=_THIRD)
def test_an_admin_manages_members(client: ApiClient, judge: Judge, data: TestData) -> None:
    """An admin adds a third person, and removes it again."""
    desk = Desk(client, judge, data)
    admin, third, organization = people.other(client), people.third(client), desk.stage.organization
    roles.as_role(desk, admin, roles.role_with(client, "view", "edit", "members"))
    roles.leave(desk, organization, third)
    added = roles.join(desk, organization, third, roles.role_with(client, "view"), who=admin)
    desk.check_ok("roles.admin.members", added, "addMember of an admin")
    judge.require(added.ok, "the third person was not added")
    removed = roles.leave(desk, organization, third, who=admin)
    removed = desk.need(removed, "the third person is not listed as a member")
    desk.check_ok("roles.admin.members", removed, "removeMember of an admin")


@covers("roles.change.at-once", needs=_OTHER)
def test_a_membership_counts_at_once(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A member who is removed asks again."""
    desk = Desk(client, judge, data)
    someone, organization = people.other(client), desk.stage.organization
    roles.as_role(desk, someone, roles.role_with(client, "view"))
    exchange = roles.leave(desk, organization, someone)
    judge.require(exchange and exchange.ok, "the member could not be removed")
    after = desk.call("project.list", {"organizationId": organization}, who=someone)
    desk.check_refused("roles.change.at-once", after, "the next call of somebody who was removed")
