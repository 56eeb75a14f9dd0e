"""What the checks of a run share: an organization and a project of the run, with an API key; and how they go again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from twosignal_conformance.apis.dashboard.checks import people, procedures, rest
from twosignal_conformance.apis.dashboard.checks.data import Json, TestData
from twosignal_conformance.apis.dashboard.creations import KIND
from twosignal_conformance.apis.dashboard.options import COOKIE, ORGANIZATION, OTHER_USER, THIRD_USER, USER
from twosignal_conformance.engine.api_client import ApiClient, CheckSkipped, Exchange, Options, member

Made = TypeVar("Made")


@dataclass
class Traces:
    """What a run has made so far, for those who clean up."""

    projects: list[tuple[str, str, Options]] = field(default_factory=list)
    """Id, name and whose call made it."""
    memberships: list[tuple[str, Options]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the checks of a run work."""

    organization: str
    project: str
    api_key: str = field(repr=False)
    """Of the project; empty in a run that is read-only."""
    first: Exchange
    """The response to the first mutation of the run; of a run that is read-only, the list of organizations."""


def made(client: ApiClient) -> Traces:
    """What the run has made."""
    return client.once(_made)


def stage(client: ApiClient) -> Stage:
    """The shared organization and project, made at the first call; CheckSkipped when they cannot be."""
    found = client.once(_stage)
    if isinstance(found, CheckSkipped):
        raise CheckSkipped(found.reason, found.remedy)
    return found


def foreign(client: ApiClient) -> Stage:
    """A project of --other-user, in an organization that nobody else belongs to."""
    client.need(OTHER_USER.flag)
    found = client.once(_foreign)
    if isinstance(found, CheckSkipped):
        raise CheckSkipped(found.reason, found.remedy)
    return found


def new_project(client: ApiClient, organization: str, name: str, who: Options | None = None) -> tuple[str, Exchange]:
    """The id of a new project; CheckSkipped when there is none."""
    options: Options = who or {}
    given = {"organizationId": organization, "name": name}
    exchange = procedures.call(client, "project.create", given, **options)
    identifier = _id_of(exchange)
    made(client).projects.append((identifier, name, options))
    return identifier, exchange


def new_key(client: ApiClient, project: str, name: str, who: Options | None = None) -> tuple[Json, Exchange]:
    """A new API key with its plaintext as "key"; CheckSkipped when there is none."""
    options: Options = who or {}
    exchange = procedures.call(client, "apiKey.create", {"projectId": project, "name": name}, **options)
    found = procedures.result(exchange)
    if not isinstance(member(found, "key"), str):
        raise CheckSkipped(f"apiKey.create was answered with {exchange.status} and no key")
    return found, exchange


def has_run(client: ApiClient) -> bool:
    """Whether an organization of the caller carries the id of this run already."""
    rows = procedures.rows(client, procedures.call(client, "organization.list"))
    return any(f" {client.settings.run_id} " in str(member(row, "name")) for row in rows)


def clean_up(client: ApiClient) -> None:
    """Delete the projects of the run, end its memberships, and sign out."""
    kept = made(client)
    for membership, who in kept.memberships:
        with suppress(CheckSkipped):
            procedures.call(client, "organization.removeMember", {"memberId": membership}, **who)
    deleted = [_delete(client, identifier, who) for identifier, _, who in kept.projects]
    if all(deleted):
        # Whatever is no organization went with its project or its membership.
        for kind, name in client.ledger.creations:
            if kind != KIND:
                client.ledger.deleted(kind, name)
    for flag, person in ((OTHER_USER.flag, people.other), (THIRD_USER.flag, people.third), (USER.flag, people.main)):
        if client.has(flag) and not client.has(COOKIE.flag):
            with suppress(CheckSkipped):
                rest.call(client, "logout", person(client).access)


def _delete(client: ApiClient, project: str, who: Options) -> bool:
    try:
        _revoke_keys(client, project, who)
        exchange = procedures.call(client, "project.delete", {"projectId": project}, **who)
    except CheckSkipped:
        return False
    return exchange.ok or exchange.status == client.contract.error("unknown-resource").status


def _revoke_keys(client: ApiClient, project: str, who: Options) -> None:
    exchange = procedures.call(client, "apiKey.list", {"projectId": project}, **who)
    for row in procedures.rows(client, exchange, procedures.NAMED_LISTS["apiKey.list"]):
        if isinstance(member(row, "id"), str) and member(row, "revokedAt") is None:
            procedures.call(client, "apiKey.revoke", {"id": row["id"]}, **who)


def _made(_client: ApiClient) -> Traces:
    return Traces()


def _stage(client: ApiClient) -> Stage | CheckSkipped:
    try:
        return _found(client) if client.settings.read_only else _built(client)
    except CheckSkipped as skipped:
        return skipped


def _found(client: ApiClient) -> Stage:
    """Something that is there already, for a run that makes nothing."""
    exchange = procedures.call(client, "organization.list")
    for organization in procedures.rows(client, exchange):
        identifier = member(organization, "id")
        if isinstance(identifier, str):
            projects = procedures.call(client, "project.list", {"organizationId": identifier})
            for project in procedures.rows(client, projects):
                if isinstance(member(project, "id"), str):
                    return Stage(identifier, project["id"], "", exchange)
    raise CheckSkipped("there is no project, and the run is read-only", "run without --read-only, or create one")


def _built(client: ApiClient) -> Stage:
    data = TestData(client, "stage")
    first: Exchange | None = None
    if client.has(ORGANIZATION.flag):
        organization = str(client.given(ORGANIZATION.flag))
    else:
        first = procedures.call(client, "organization.create", {"name": data.name("organization")})
        organization = _id_of(first)
    project, exchange = new_project(client, organization, data.name("project"))
    key, _ = new_key(client, project, data.name("key"))
    return Stage(organization, project, key["key"], first or exchange)


def _foreign(client: ApiClient) -> Stage | CheckSkipped:
    data = TestData(client, "foreign")
    try:
        who = people.other(client).options
        first = procedures.call(client, "organization.create", {"name": data.name("organization")}, **who)
        organization = _id_of(first)
        project, _ = new_project(client, organization, data.name("project"), who)
        key, _ = new_key(client, project, data.name("key"), who)
    except CheckSkipped as skipped:
        return skipped
    return Stage(organization, project, key["key"], first)


def _id_of(exchange: Exchange) -> str:
    found: Any = member(procedures.result(exchange), "id")
    if not exchange.ok or not isinstance(found, str):
        raise CheckSkipped(f"{exchange.operation_id} was answered with {exchange.status} and no id")
    return found
