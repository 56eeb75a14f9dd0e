"""Who may see and change what: the organizations of a sandbox, and how a thing is found from its id.

A sandbox that nobody changed has one organization: it is called as the sandbox, its owner is the sandbox's first user,
and the sandbox's own project belongs to it. It is stored when something changes, so that a reset brings it back and a
state of an older build has one. A further project is one of the registry that shares the sandbox.

What the caller has no membership for is not found, whether it exists or not.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from twosignal_mock.apis.dashboard._rules import Procedure, Rules
from twosignal_mock.apis.dashboard.store import (
    DatasetItemRecord,
    DatasetRecord,
    MembershipRecord,
    OrganizationRecord,
    Organizations,
    ProjectRecord,
    repositories_of,
)
from twosignal_mock.apis.rest.store import EvaluatorRecord, RoutingConfig, TraceRecord
from twosignal_mock.apis.rest.store import repositories_of as rest_repositories_of
from twosignal_mock.apis.rest.traces import canonical_id
from twosignal_mock.engine.api import ApiError, Call
from twosignal_mock.engine.store import KeyRecord, Project, Transaction, User

Thing = TraceRecord | EvaluatorRecord | DatasetRecord | DatasetItemRecord | KeyRecord | RoutingConfig
"""What belongs to a project and has an id."""


@dataclass(frozen=True, slots=True)
class Place:
    """A project that the caller may see."""

    project: Project
    record: ProjectRecord
    transaction: Transaction
    """On the rows of the project."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a call is about, and what the caller is there."""

    organization: OrganizationRecord
    role: str
    place: Place | None = None
    """The project that is named, or that the thing belongs to."""
    thing: Any = None


class VisibleOrganizations:
    """The organizations of a sandbox, as one person sees them in one transaction."""

    def __init__(
        self, call: Call, transaction: Transaction, person: User, owners: tuple[User, ...], rules: Rules
    ) -> None:
        """`transaction` is on the sandbox's own project; `owners`: the sandbox's users, oldest first."""
        self._home = call.project
        self._transaction = transaction
        self._person = person
        self._owners = owners
        self._rules = rules
        self._repository: Organizations = repositories_of(transaction).organizations
        self._stored = bool(self._repository.all())

    # --- what there is -----------------------------------------------------------------------------------------------
    @cached_property
    def organizations(self) -> Mapping[str, OrganizationRecord]:
        """All of the sandbox, by id, oldest first."""
        found = self._repository.all() if self._stored else [self._first_organization()]
        return {organization.id: organization for organization in found}

    @cached_property
    def memberships(self) -> tuple[MembershipRecord, ...]:
        """All of the sandbox, oldest first."""
        return tuple(self._repository.memberships()) if self._stored else (self._first_membership(),)

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """The caller's role by organization, in the order of the organizations."""
        own = {each.organization: each.role for each in self.memberships if each.user == self._person.id}
        return {organization: own[organization] for organization in self.organizations if organization in own}

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """The projects that the caller may see, by id, oldest first."""
        records = {record.id: record for record in self._repository.projects()} if self._stored else {}
        if not self._stored:
            first = self._first_project()
            records[first.id] = first
        projects = {project.id: project for project in self._transaction.accounts.projects_of(self._home.id)}
        return {
            id_: Place(projects[id_], record, self._transaction.on(projects[id_].number))
            for id_, record in records.items()
            if id_ in projects and not record.deleted and record.organization in self.roles
        }

    def places_of(self, organization: str) -> list[Place]:
        """The projects of an organization, oldest first."""
        return [place for place in self.places.values() if place.record.organization == organization]

    def members_of(self, organization: str) -> list[MembershipRecord]:
        """The members of an organization, oldest first."""
        return [each for each in self.memberships if each.organization == organization]

    def keep(self) -> Organizations:
        """The repository to change; the first organization is stored, if it was not yet."""
        if not self._stored:
            self._repository.put(self._first_organization())
            self._repository.add_membership(self._first_membership())
            self._repository.put_project(self._first_project())
            self._stored = True
        return self._repository

    def _first_id(self, kind: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {self._home.id}"))

    def _first_organization(self) -> OrganizationRecord:
        plan = self._home.plan.upper()
        known = plan if plan in self._rules.traces else self._rules.first_plan
        created = self._home.created
        return OrganizationRecord(self._first_id("organization"), self._home.name, known, created, created)

    def _first_membership(self) -> MembershipRecord:
        organization, owner = self._first_id("organization"), self._owners[0]
        return MembershipRecord(
            self._first_id("membership"), organization, owner.id, self._rules.owner, self._home.created
        )

    def _first_project(self) -> ProjectRecord:
        home = self._home
        organization = self._first_id("organization")
        return ProjectRecord(home.id, organization, home.name, None, home.created, home.created, deleted=False)

    # --- how a call finds what it is about ---------------------------------------------------------------------------
    def access(self, procedure: Procedure, sent: Mapping[str, Any]) -> Access | None:
        """What a call is about; None for one about its caller alone. Raises ApiError: not found, or not allowed."""
        if procedure.by is None or procedure.may is None:
            return None
        id_ = sent[procedure.by]
        found = self._find(procedure.of, id_, sent.get("projectId"))
        if found is None:
            raise ApiError("unknown-resource", resource=procedure.of.replace("-", " ").capitalize(), id=id_)
        if procedure.may not in self._rules.may[found.role]:
            raise ApiError("permission-denied", role=found.role)
        return found

    def _find(self, kind: str, id_: str, project_id: str | None) -> Access | None:
        if kind == "organization":
            return self._of_organization(id_)
        if kind == "membership":
            membership = next((each for each in self.memberships if each.id == id_), None)
            return None if membership is None else self._of_organization(membership.organization, membership)
        if kind == "project":
            place = self.places.get(id_)
            return None if place is None else self._of_place(place)
        find = _FINDERS[kind]
        places = self.places.values() if project_id is None else _some(self.places.get(project_id))
        found = ((place, thing) for place in places if (thing := find(place, id_)) is not None)
        return next((self._of_place(place, thing) for place, thing in found), None)

    def _of_organization(self, id_: str, thing: object = None) -> Access | None:
        role = self.roles.get(id_)
        return None if role is None else Access(self.organizations[id_], role, thing=thing)

    def _of_place(self, place: Place, thing: object = None) -> Access:
        organization = place.record.organization
        return Access(self.organizations[organization], self.roles[organization], place, thing)


def _some(place: Place | None) -> Iterator[Place]:
    if place is not None:
        yield place


def _key(place: Place, id_: str) -> KeyRecord | None:
    return next((key for key in place.transaction.accounts.keys_of(place.project.id) if key.id == id_), None)


def _routing(place: Place, id_: str) -> RoutingConfig | None:
    return next((config for config in rest_repositories_of(place.transaction).routing.all() if config.id == id_), None)


_FINDERS: Mapping[str, Callable[[Place, str], Thing | None]] = {
    "trace": lambda place, id_: rest_repositories_of(place.transaction).traces.find(canonical_id(id_)),
    "evaluator": lambda place, id_: rest_repositories_of(place.transaction).evaluators.find(id_),
    "dataset": lambda place, id_: repositories_of(place.transaction).datasets.find(id_),
    "dataset-item": lambda place, id_: repositories_of(place.transaction).datasets.find_item(id_),
    "api-key": _key,
    "routing-configuration": _routing,
}
"""How a thing of a project is found by its id; the kinds are those of x-dashboard-procedures."""
