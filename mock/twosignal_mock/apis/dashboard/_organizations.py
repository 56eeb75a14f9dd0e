"""Organizations with their members, projects, and the keys of those."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.dashboard._desk import Action, Desk, reads, writes
from twosignal_mock.apis.dashboard._envelope import Date, date
from twosignal_mock.apis.dashboard._world import Place
from twosignal_mock.apis.dashboard.store import MembershipRecord, OrganizationRecord, ProjectRecord
from twosignal_mock.engine.api import ApiError, Dependencies
from twosignal_mock.engine.store import KeyRecord, Project, User, key_record


def actions(_contract: Contract, _dependencies: Dependencies) -> Mapping[str, Action]:
    """The procedures of organizations, projects and keys."""
    return {
        "organization.list": reads(_list_organizations),
        "organization.create": writes(_create_organization),
        "organization.getById": reads(_show_organization),
        "organization.update": writes(_rename_organization),
        "organization.addMember": writes(_add_member),
        "organization.removeMember": writes(_remove_member),
        "project.list": reads(lambda desk: [_project(place) for place in desk.world.places_of(desk.organization.id)]),
        "project.create": writes(_create_project, accounts=True),
        "project.update": writes(_update_project),
        "project.delete": writes(_delete_project, accounts=True),
        "apiKey.list": reads(_list_keys),
        "apiKey.create": writes(_create_key, accounts=True),
        "apiKey.revoke": writes(_revoke_key, accounts=True),
        "apiKey.rotate": writes(_rotate_key, accounts=True),
    }


# --- organizations ---------------------------------------------------------------------------------------------------
def _organization(organization: OrganizationRecord, role: str, members: int) -> dict[str, Any]:
    return {
        "id": organization.id,
        "name": organization.name,
        "plan": organization.plan,
        "role": role,
        "memberCount": members,
        "createdAt": date(organization.created),
        "updatedAt": date(organization.updated),
    }


def _list_organizations(desk: Desk) -> object:
    world = desk.world
    return [
        _organization(world.organizations[id_], role, len(world.members_of(id_))) for id_, role in world.roles.items()
    ]


def _create_organization(desk: Desk) -> object:
    new_id, now = desk.call.new_id, desk.now
    organization = OrganizationRecord(new_id(), desk.sent["name"], desk.rules.first_plan, now, now)
    repository = desk.world.keep()
    repository.put(organization)
    repository.add_membership(MembershipRecord(new_id(), organization.id, desk.person.id, desk.rules.owner, now))
    return _organization(organization, desk.rules.owner, 1)


def _show_organization(desk: Desk) -> object:
    members = desk.world.members_of(desk.organization.id)
    shown = _organization(desk.organization, desk.found.role, len(members))
    return {**shown, "members": [_member(desk, member) for member in members]}


def _rename_organization(desk: Desk) -> object:
    renamed = desk.organization._replace(name=desk.sent["name"], updated=desk.now)
    desk.world.keep().put(renamed)
    return _organization(renamed, desk.found.role, len(desk.world.members_of(renamed.id)))


def _member(desk: Desk, member: MembershipRecord) -> dict[str, Any]:
    user = desk.dependencies.users.find_user_by_id(member.user)
    return {
        "id": member.id,
        "organizationId": member.organization,
        "userId": member.user,
        "email": None if user is None else user.email,
        "role": member.role,
        "createdAt": date(member.created),
    }


def _add_member(desk: Desk) -> object:
    """By id if there is one; an account belongs to one sandbox, and is unknown in another."""
    user, organization = _named_user(desk), desk.organization.id
    if any(member.user == user.id for member in desk.world.members_of(organization)):
        raise ApiError("already-member")
    member = MembershipRecord(desk.call.new_id(), organization, user.id, desk.sent["role"], desk.now)
    desk.world.keep().add_membership(member)
    return _member(desk, member)


def _named_user(desk: Desk) -> User:
    users, sent = desk.dependencies.users, desk.sent
    user = users.find_user_by_id(sent["userId"]) if "userId" in sent else users.find_user(sent["email"])
    if user is None or user.project_id != desk.call.project.id:
        raise ApiError("unknown-resource", resource="Person", id=sent.get("userId", sent.get("email")))
    return user


def _remove_member(desk: Desk) -> object:
    member: MembershipRecord = desk.found.thing
    if member.role == desk.rules.owner:
        raise ApiError("owner-stays")
    desk.world.keep().end_membership(member.id)
    return {"id": member.id}


# --- projects --------------------------------------------------------------------------------------------------------
def _project(place: Place) -> dict[str, Any]:
    return _write_project(place.record)


def _write_project(record: ProjectRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "organizationId": record.organization,
        "name": record.name,
        "description": record.description,
        "createdAt": date(record.created),
        "updatedAt": date(record.updated),
    }


def _create_project(desk: Desk) -> object:
    accounts, home, now = desk.transaction.accounts, desk.call.project, desk.now
    name = desk.sent["name"]
    # Not an id of the sandbox's own: projects and keys of all sandboxes stand in one table, and keys outlive a reset.
    project = Project(accounts.next_number(), str(uuid.uuid4()), name, home.plan, home.id, now)
    accounts.save_project(project)
    description = desk.sent.get("description")
    record = ProjectRecord(project.id, desk.organization.id, name, description, now, now, deleted=False)
    desk.world.keep().put_project(record)
    return _write_project(record)


def _update_project(desk: Desk) -> object:
    record = desk.place.record._replace(**desk.changes("name", "description"), updated=desk.now)
    desk.world.keep().put_project(record)
    return _write_project(record)


def _delete_project(desk: Desk) -> object:
    """The sandbox's own project only seems to be gone: its rows hold the sessions and organizations of the sandbox."""
    place, accounts, repository = desk.place, desk.transaction.accounts, desk.world.keep()
    if place.project.home:
        accounts.drop_project(place.project.id)
        repository.forget_project(place.project.id)
    else:
        accounts.drop_keys(place.project.id)
        repository.put_project(place.record._replace(deleted=True))
    return {"id": place.project.id}


# --- API keys --------------------------------------------------------------------------------------------------------
def _key(desk: Desk, key: KeyRecord) -> dict[str, Any]:
    uses = desk.dependencies.key_uses(key.project_id)
    used = uses.get(key.digest, key.last_used)
    return {
        "id": key.id,
        "projectId": key.project_id,
        "name": key.name or desk.rules.default_key_name,
        "keyPrefix": key.head,
        "createdBy": key.creator,
        "revokedAt": _optional(key.ended),
        "rotatedFromId": key.replaces,
        "lastUsedAt": _optional(used),
        "createdAt": date(key.created),
    }


def _optional(milliseconds: int | None) -> Date | None:
    return None if milliseconds is None else date(milliseconds)


def _list_keys(desk: Desk) -> object:
    return [_key(desk, key) for key in desk.transaction.accounts.keys_of(desk.place.project.id)]


def _create_key(desk: Desk) -> object:
    return _new_key(desk, desk.sent.get("name", desk.rules.default_key_name))


def _new_key(desk: Desk, name: str, replaces: str | None = None) -> dict[str, Any]:
    key, project = desk.dependencies.new_key(), desk.place.project.id
    record = key_record(key, project, desk.now, name=name, creator=desk.person.id, replaces=replaces)
    desk.transaction.accounts.add_key(record)
    return {**_key(desk, record), "key": key}


def _revoke_key(desk: Desk) -> object:
    key: KeyRecord = desk.found.thing
    if not key.revoked:
        desk.transaction.accounts.revoke_key(key.digest, desk.now)
        key = key._replace(revoked=True, ended=desk.now)
    return _key(desk, key)


def _rotate_key(desk: Desk) -> object:
    key: KeyRecord = desk.found.thing
    if key.revoked:
        raise ApiError("key-revoked")
    desk.transaction.accounts.revoke_key(key.digest, desk.now)
    return _new_key(desk, key.name or desk.rules.default_key_name, key.id)
