"""Organizations with their members, projects, and the keys of those."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.dashboard._envelope import Date, date
from twosignal_mock.apis.dashboard._procedure_call import Action, ProcedureCall, reads, writes
from twosignal_mock.apis.dashboard._visible_organizations import Place
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
        "project.list": reads(
            lambda asked: [_project(place) for place in asked.visible.places_of(asked.organization.id)]
        ),
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


def _list_organizations(asked: ProcedureCall) -> object:
    visible = asked.visible
    return [
        _organization(visible.organizations[id_], role, len(visible.members_of(id_)))
        for id_, role in visible.roles.items()
    ]


def _create_organization(asked: ProcedureCall) -> object:
    new_id, now = asked.call.new_id, asked.now
    organization = OrganizationRecord(new_id(), asked.sent["name"], asked.rules.first_plan, now, now)
    repository = asked.visible.keep()
    repository.put(organization)
    repository.add_membership(MembershipRecord(new_id(), organization.id, asked.person.id, asked.rules.owner, now))
    return _organization(organization, asked.rules.owner, 1)


def _show_organization(asked: ProcedureCall) -> object:
    members = asked.visible.members_of(asked.organization.id)
    shown = _organization(asked.organization, asked.found.role, len(members))
    return {**shown, "members": [_member(asked, member) for member in members]}


def _rename_organization(asked: ProcedureCall) -> object:
    renamed = asked.organization._replace(name=asked.sent["name"], updated=asked.now)
    asked.visible.keep().put(renamed)
    return _organization(renamed, asked.found.role, len(asked.visible.members_of(renamed.id)))


def _member(asked: ProcedureCall, member: MembershipRecord) -> dict[str, Any]:
    user = asked.dependencies.users.find_user_by_id(member.user)
    return {
        "id": member.id,
        "organizationId": member.organization,
        "userId": member.user,
        "email": None if user is None else user.email,
        "role": member.role,
        "createdAt": date(member.created),
    }


def _add_member(asked: ProcedureCall) -> object:
    """By id if there is one; an account belongs to one sandbox, and is unknown in another."""
    user, organization = _named_user(asked), asked.organization.id
    if any(member.user == user.id for member in asked.visible.members_of(organization)):
        raise ApiError("already-member")
    member = MembershipRecord(asked.call.new_id(), organization, user.id, asked.sent["role"], asked.now)
    asked.visible.keep().add_membership(member)
    return _member(asked, member)


def _named_user(asked: ProcedureCall) -> User:
    users, sent = asked.dependencies.users, asked.sent
    user = users.find_user_by_id(sent["userId"]) if "userId" in sent else users.find_user(sent["email"])
    if user is None or user.project_id != asked.call.project.id:
        raise ApiError("unknown-resource", resource="Person", id=sent.get("userId", sent.get("email")))
    return user


def _remove_member(asked: ProcedureCall) -> object:
    member: MembershipRecord = asked.found.thing
    if member.role == asked.rules.owner:
        raise ApiError("owner-stays")
    asked.visible.keep().end_membership(member.id)
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


def _create_project(asked: ProcedureCall) -> object:
    accounts, home, now = asked.transaction.accounts, asked.call.project, asked.now
    name = asked.sent["name"]
    # Not an id of the sandbox's own: projects and keys of all sandboxes stand in one table, and keys outlive a reset.
    project = Project(accounts.next_number(), str(uuid.uuid4()), name, home.plan, home.id, now)
    accounts.save_project(project)
    description = asked.sent.get("description")
    record = ProjectRecord(project.id, asked.organization.id, name, description, now, now, deleted=False)
    asked.visible.keep().put_project(record)
    return _write_project(record)


def _update_project(asked: ProcedureCall) -> object:
    record = asked.place.record._replace(**asked.changes("name", "description"), updated=asked.now)
    asked.visible.keep().put_project(record)
    return _write_project(record)


def _delete_project(asked: ProcedureCall) -> object:
    """The sandbox's own project only seems to be gone: its rows hold the sessions and organizations of the sandbox."""
    place, accounts, repository = asked.place, asked.transaction.accounts, asked.visible.keep()
    if place.project.home:
        accounts.drop_project(place.project.id)
        repository.forget_project(place.project.id)
    else:
        accounts.drop_keys(place.project.id)
        repository.put_project(place.record._replace(deleted=True))
    return {"id": place.project.id}


# --- API keys --------------------------------------------------------------------------------------------------------
def _key(asked: ProcedureCall, key: KeyRecord) -> dict[str, Any]:
    uses = asked.dependencies.key_uses(key.project_id)
    used = uses.get(key.digest, key.last_used)
    return {
        "id": key.id,
        "projectId": key.project_id,
        "name": key.name or asked.rules.default_key_name,
        "keyPrefix": key.head,
        "createdBy": key.creator,
        "revokedAt": _optional(key.ended),
        "rotatedFromId": key.replaces,
        "lastUsedAt": _optional(used),
        "createdAt": date(key.created),
    }


def _optional(milliseconds: int | None) -> Date | None:
    return None if milliseconds is None else date(milliseconds)


def _list_keys(asked: ProcedureCall) -> object:
    return [_key(asked, key) for key in asked.transaction.accounts.keys_of(asked.place.project.id)]


def _create_key(asked: ProcedureCall) -> object:
    return _new_key(asked, asked.sent.get("name", asked.rules.default_key_name))


def _new_key(asked: ProcedureCall, name: str, replaces: str | None = None) -> dict[str, Any]:
    key, project = asked.dependencies.new_key(), asked.place.project.id
    record = key_record(key, project, asked.now, name=name, creator=asked.person.id, replaces=replaces)
    asked.transaction.accounts.add_key(record)
    return {**_key(asked, record), "key": key}


def _revoke_key(asked: ProcedureCall) -> object:
    key: KeyRecord = asked.found.thing
    if not key.revoked:
        asked.transaction.accounts.revoke_key(key.digest, asked.now)
        key = key._replace(revoked=True, ended=asked.now)
    return _key(asked, key)


def _rotate_key(asked: ProcedureCall) -> object:
    key: KeyRecord = asked.found.thing
    if key.revoked:
        raise ApiError("key-revoked")
    asked.transaction.accounts.revoke_key(key.digest, asked.now)
    return _new_key(asked, key.name or asked.rules.default_key_name, key.id)
