"""Organizations and their members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twosignal_conformance.apis.dashboard.checks import (
    MISSING,
    ApiClient,
    Desk,
    Judge,
    TestData,
    covers,
    people,
    procedures,
    roles,
)
from twosignal_conformance.apis.dashboard.checks.desk import ORGANIZATIONS, Seen, Shown
from twosignal_conformance.apis.dashboard.checks.stage import foreign
from twosignal_conformance.apis.dashboard.options import OTHER_USER, USER
from twosignal_conformance.engine.api_client import member

_OTHER = (OTHER_USER.flag,)


@covers("organizations.create.listed", "organizations.create.plan", "organizations.update.name")
def test_an_organization_is_created_and_renamed(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The list shows its name, and then its new one."""
    desk = Desk(client, judge, data)
    name, new = data.name("organization"), data.name("organization")
    identifier, _ = desk.create(ORGANIZATIONS, {"name": name})
    shown = desk.shown(ORGANIZATIONS, identifier)
    desk.check_member("organizations.create.listed", shown, "name", name)
    plans = client.contract.extension("x-dashboard-plans")
    desk.check_member("organizations.create.plan", shown, "plan", next(iter(plans)))
    desk.done("organization.update", {"organizationId": identifier, "name": new})
    shown = desk.shown(ORGANIZATIONS, identifier, lambda shown: shown.get("name") == new)
    desk.check_member("organizations.update.name", shown, "name", new)


@covers("organizations.list.own", needs=_OTHER)
def test_the_list_holds_ones_own_organizations(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The organization of the run is listed, the one of somebody else is not."""
    desk = Desk(client, judge, data)
    theirs = foreign(client).organization
    shown = desk.shown(ORGANIZATIONS, desk.stage.organization)
    rows, exchange = desk.rows(ORGANIZATIONS)
    ids = {member(row, "id") for row in rows}
    expected = "one's own organization and no other"
    holds = bool(shown.row) and theirs not in ids
    desk.check("organizations.list.own", holds, expected, f"{len(ids)} organizations", exchange)


def _detail(desk: Desk, until: Callable[[Seen], bool] = lambda seen: isinstance(seen.result, dict)) -> Seen:
    def probe() -> Seen:
        exchange = desk.call("organization.getById", {"organizationId": desk.stage.organization})
        return Seen(procedures.result(exchange), exchange)

    return desk.settle(probe, until).value


@covers("organizations.detail.member-count", "organizations.detail.member-fields")
def test_an_organization_shows_its_members(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The shared organization."""
    desk = Desk(client, judge, data)
    seen = _detail(desk)
    judge.require(seen.exchange.ok, f"organization.getById was answered with {seen.exchange.status}")
    members = seen.list("members")
    count = seen.get("memberCount")
    expected = f"memberCount {len(members)}"
    desk.check("organizations.detail.member-count", count == len(members), expected, count, seen.exchange)
    fields = ("id", "userId", "email", "role", "createdAt")
    lacking = [name for row in members for name in fields if member(row, name) is MISSING]
    holds = bool(members) and not lacking
    desk.check("organizations.detail.member-fields", holds, f"members with {fields}", lacking, seen.exchange)


@covers("organizations.detail.members", needs=(USER.flag, OTHER_USER.flag))
def test_an_organization_holds_all_members(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Its owner, and somebody who was added."""
    desk = Desk(client, judge, data)
    other = people.other(client)
    roles.as_role(desk, other, roles.role_with(client, "view"))
    wanted = {people.main(client).id, other.id}

    def ids(seen: Seen) -> set[Any]:
        return {member(row, "userId") for row in seen.list("members")}

    seen = _detail(desk, lambda seen: wanted <= ids(seen))
    expected = f"{len(wanted)} members"
    desk.check("organizations.detail.members", wanted <= ids(seen), expected, f"{len(ids(seen))}", seen.exchange)


@covers(
    "organizations.members.added",
    "organizations.members.roles",
    "organizations.members.twice",
    "organizations.members.removed",
    needs=_OTHER,
)
def test_a_person_is_added_with_each_role_and_removed(client: ApiClient, judge: Judge, data: TestData) -> None:
    """With the first role that is taken and removed again, then with every role that can be given."""
    desk = Desk(client, judge, data)
    other, organization = people.other(client), desk.stage.organization
    _judge_removal(desk, _role_with_a_seat(desk))
    for role in client.contract.enum("AssignableRole"):
        roles.leave(desk, organization, other)
        exchange = roles.join(desk, organization, other, role)
        desk.check_ok("organizations.members.roles", exchange, f"adding somebody as {role}")
        if exchange.ok:
            row, seen = roles.member_row(desk, organization, other)
            found = member(row, "role")
            desk.check("organizations.members.added", found == role, f"a member with the role {role}", found, seen)
    again = roles.join(desk, organization, other, client.contract.enum("AssignableRole")[-1])
    desk.check_cause("organizations.members.twice", again, "already-member", "somebody who is a member")


def _judge_removal(desk: Desk, role: str | None) -> None:
    """Remove the member who was just added; the check ends here when that cannot be."""
    other, organization = people.other(desk.client), desk.stage.organization
    if role is None:
        return
    removed = roles.leave(desk, organization, other)
    desk.judge.require(removed and removed.ok, "the member could not be removed")
    gone = desk.settle(lambda: roles.member_row(desk, organization, other), lambda seen: seen[0] is None)
    left = desk.check("organizations.members.removed", gone.met, "no such member", "still listed", gone.value[1])
    desk.judge.require(left, "the member is still listed")


def _role_with_a_seat(desk: Desk) -> str | None:
    """The first role that somebody can be added with. None ends the check where the plan has no seat left."""
    other, organization = people.other(desk.client), desk.stage.organization
    roles.leave(desk, organization, other)
    shown: Shown = desk.shown(ORGANIZATIONS, organization)
    for role in desk.client.contract.enum("AssignableRole"):
        if roles.join(desk, organization, other, role).ok:
            return str(role)
    plan = desk.client.contract.extension("x-dashboard-plans").get(shown.get("plan"), {})
    seats, members = plan.get("seats"), shown.get("memberCount")
    full = isinstance(seats, int) and isinstance(members, int) and members >= seats
    desk.judge.require(not full, f"the plan has {seats} seats; give --organization of a larger one")
    return None


@covers("organizations.members.by-email", needs=_OTHER)
def test_a_person_is_added_by_email(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Without the id."""
    desk = Desk(client, judge, data)
    other, organization = people.other(client), desk.stage.organization
    roles.leave(desk, organization, other)
    role = client.contract.enum("AssignableRole")[-1]
    given = {"organizationId": organization, "email": other.email, "role": role}
    exchange = desk.call("organization.addMember", given)
    desk.check_ok("organizations.members.by-email", exchange, "adding somebody by e-mail")
    roles.leave(desk, organization, other)


@covers(
    "organizations.members.second-owner", "organizations.members.unknown-person", "organizations.members.owner-stays"
)
def test_who_cannot_be_added_or_removed(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A second owner, a person without an account, and the owner."""
    desk = Desk(client, judge, data)
    organization, owner = desk.stage.organization, roles.owner(client)
    known = people.other(client) if client.has(OTHER_USER.flag) else None
    if known is not None:
        roles.leave(desk, organization, known)
        exchange = roles.join(desk, organization, known, owner)
        desk.check_refused("organizations.members.second-owner", exchange, "a second owner")
        roles.leave(desk, organization, known)
    else:
        judge.untested("organizations.members.second-owner", "there is nobody to add", remedy=f"give {OTHER_USER.flag}")
    role = client.contract.enum("AssignableRole")[-1]
    given = {"organizationId": organization, "userId": data.id(), "email": data.email(), "role": role}
    exchange = desk.call("organization.addMember", given)
    desk.check_refused("organizations.members.unknown-person", exchange, "a person without an account")
    members = _detail(desk).list("members")
    row = next((each for each in members if member(each, "role") == owner), None)
    judge.require(isinstance(member(row, "id"), str), "no owner is listed")
    exchange = desk.call("organization.removeMember", {"memberId": member(row, "id")})
    left = {member(each, "id") for each in _detail(desk).list("members")}
    holds = procedures.is_refusal(exchange) and member(row, "id") in left
    expected = "the removal of the owner is refused, and the owner stays"
    desk.check("organizations.members.owner-stays", holds, expected, f"status {exchange.status}", exchange)
