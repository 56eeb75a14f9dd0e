"""Roles and memberships: the table of the contract for every procedure, and random histories beside a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.mock.apis.dashboard.world import ABSENT, CONTRACT, NOON, Person, World, code_of

ROLES: Mapping[str, frozenset[str]] = {
    role: frozenset(row["may"]) for role, row in CONTRACT.extension("x-dashboard-roles").items()
}
ASSIGNABLE = [role for role, row in CONTRACT.extension("x-dashboard-roles").items() if row["assignable"]]
PROCEDURES: Mapping[str, Any] = CONTRACT.extension("x-dashboard-procedures")
GUARDED = [name for name, row in PROCEDURES.items() if "by" in row]
RULES = [{"name": "all", "condition": {"type": "always"}, "model": "large", "priority": 1}]


def things_of(owner: Person, project: str) -> dict[str, str]:
    """One thing of each kind, by the kinds of x-dashboard-procedures."""
    organization = owner.organization()
    dataset = owner.do("dataset.create", projectId=project, name="d")["id"]
    config = {"projectId": project, "name": f"r{dataset}", "defaultModel": "m", "rules": RULES}
    member = owner.world.newcomer(sandbox=owner.session["project_ref"])
    added = owner.do("organization.addMember", organizationId=organization, userId=member.id, role="VIEWER")
    return {
        "organization": organization,
        "project": project,
        "trace": "t-of-roles",
        "dataset": dataset,
        "membership": added["id"],
        "dataset-item": owner.do("dataset.addItem", datasetId=dataset, input=1)["id"],
        "evaluator": owner.do("evaluator.create", projectId=project, name="e", type="CUSTOM")["id"],
        "api-key": owner.do("apiKey.create", projectId=project)["id"],
        "routing-configuration": owner.do("modelRouting.create", **config)["id"],
    }


def input_of(procedure: str, thing: str, someone: str) -> dict[str, object]:
    """A valid input about a thing."""
    needed: Mapping[str, object] = {
        "name": "new", "type": "CUSTOM", "input": 1, "role": "VIEWER", "defaultModel": "m", "rules": RULES,
    }  # fmt: skip
    operation = CONTRACT.operations[procedure]
    content = operation.request_body.content if operation.request_body else None
    schema = content["application/json"].schema if content else operation.parameters[0].schema
    while "$ref" in schema:
        schema = CONTRACT.schema(schema["$ref"].rpartition("/")[2])
    required = schema["properties"]["json"].get("required", [])
    sent = {name: needed[name] for name in required if name in needed} | {PROCEDURES[procedure]["by"]: thing}
    return sent | ({"userId": someone} if procedure == "organization.addMember" else {})


@pytest.fixture(scope="module")
def staff(world: World) -> Mapping[str, Person]:
    """One person of each role in the first organization, and one of none."""
    world.ingest("t-of-roles")
    owner = world.sign_in()
    organization = owner.organization()
    people = {"OWNER": owner, "": world.newcomer()}
    for role in ASSIGNABLE:
        people[role] = world.newcomer()
        owner.do("organization.addMember", organizationId=organization, userId=people[role].id, role=role)
    return people


@pytest.mark.parametrize("role", [*ROLES, ""])
@pytest.mark.parametrize("procedure", GUARDED)
def test_a_procedure_is_carried_out_for_those_whose_role_allows_it(
    staff: Mapping[str, Person], procedure: str, role: str
) -> None:
    owner, caller, row = staff["OWNER"], staff[role], PROCEDURES[procedure]
    project = owner.do("project.create", organizationId=owner.organization(), name="p")["id"]
    if row["of"] == "trace":
        project = owner.project()
    kind = {"trace": "t-of-roles"} if row["of"] == "trace" else things_of(owner, project)
    sent = input_of(procedure, kind[row["of"]], owner.world.newcomer().id)
    before = picture(owner)
    response = caller.call(procedure, **sent)
    expected = 404 if not role else 200 if row["may"] in ROLES[role] else 403
    assert response.status_code == expected, response.text
    if expected != 200:
        assert picture(owner) == before, "a call that is refused changes nothing"
    if not role:
        unknown = caller.call(procedure, **sent | {row["by"]: ABSENT})
        assert unknown.text == response.text.replace(kind[row["of"]], ABSENT), "nothing tells that the thing exists"


def picture(owner: Person) -> list[Any]:
    """All that an owner sees of the first organization, but for what reading itself changes."""
    organization = owner.organization()
    seen: list[Any] = [owner.do("organization.list"), owner.do("organization.getById", organizationId=organization)]
    for project in owner.do("project.list", organizationId=organization)[-1:]:
        id_ = project["id"]
        lists = ("dataset.list", "apiKey.list", "evaluator.list", "modelRouting.list", "trace.list")
        seen += [project, *(owner.do(name, projectId=id_) for name in lists)]
    return seen


def test_a_thing_is_found_only_with_its_own_project(staff: Mapping[str, Person]) -> None:
    owner = staff["OWNER"]
    first, second = (owner.do("project.create", organizationId=owner.organization(), name=name)["id"] for name in "ab")
    dataset = owner.do("dataset.create", projectId=first, name="d")["id"]
    assert owner.call("dataset.byId", id=dataset, projectId=first).status_code == 200
    refused = owner.call("dataset.byId", id=dataset, projectId=second)
    assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")


class Memberships(RuleBasedStateMachine):
    """Organizations, members, projects and keys change at random; what each person sees is compared with a model."""

    world: World

    @initialize()
    def begin(self) -> None:
        made = self.world.control("POST", "/sandboxes", {"plan": "enterprise"})
        owner = self.world.sign_in(made["email"], made["password"])
        others = [self.world.newcomer(sandbox=made["id"]) for _ in range(2)]
        self.people = [owner, *others]
        first = owner.organization()
        self.roles: dict[str, dict[int, str]] = {first: {0: "OWNER"}}
        self.projects: dict[str, str] = {owner.project(): first}
        self.keys: dict[str, tuple[str, str]] = {}
        """Key to its id and project, while it works."""

    def organization(self, number: int) -> str:
        return sorted(self.roles)[number % len(self.roles)]

    def may(self, person: int, organization: str, right: str) -> int:
        """The status that a call gets."""
        role = self.roles[organization].get(person)
        return 404 if role is None else 200 if right in ROLES[role] else 403

    @rule(person=st.integers(0, 2))
    def create_organization(self, person: int) -> None:
        if len(self.roles) < 4:
            made = self.people[person].do("organization.create", name="another")
            self.roles[made["id"]] = {person: "OWNER"}

    @rule(person=st.integers(0, 2), other=st.integers(0, 2), number=st.integers(0, 9), role=st.sampled_from(ASSIGNABLE))
    def add_member(self, person: int, other: int, number: int, role: str) -> None:
        organization = self.organization(number)
        named = {"organizationId": organization, "userId": self.people[other].id}
        response = self.people[person].call("organization.addMember", role=role, **named)
        expected = self.may(person, organization, "members")
        if expected == 200 and other in self.roles[organization]:
            expected = 409
        assert response.status_code == expected
        if expected == 200:
            self.roles[organization][other] = role

    @rule(person=st.integers(0, 2), other=st.integers(0, 2), number=st.integers(0, 9))
    def remove_member(self, person: int, other: int, number: int) -> None:
        organization = self.organization(number)
        inside = next(iter(self.roles[organization]))
        members = self.people[inside].do("organization.getById", organizationId=organization)["members"]
        found = {member["userId"]: member["id"] for member in members}.get(self.people[other].id)
        if found is None:
            return
        response = self.people[person].call("organization.removeMember", memberId=found)
        expected = self.may(person, organization, "members")
        if expected == 200 and self.roles[organization][other] == "OWNER":
            expected = 403
        assert response.status_code == expected
        if expected == 200:
            del self.roles[organization][other]

    @rule(person=st.integers(0, 2), number=st.integers(0, 9))
    def create_project(self, person: int, number: int) -> None:
        organization = self.organization(number)
        response = self.people[person].call("project.create", organizationId=organization, name="p")
        assert response.status_code == self.may(person, organization, "edit")
        if response.status_code == 200:
            self.projects[response.json()["result"]["data"]["json"]["id"]] = organization

    @rule(person=st.integers(0, 2), number=st.integers(0, 9))
    def delete_project(self, person: int, number: int) -> None:
        if not self.projects:
            return
        project = sorted(self.projects)[number % len(self.projects)]
        response = self.people[person].call("project.delete", projectId=project)
        assert response.status_code == self.may(person, self.projects[project], "edit")
        if response.status_code == 200:
            del self.projects[project]
            self.keys = {key: row for key, row in self.keys.items() if row[1] != project}

    @rule(person=st.integers(0, 2), number=st.integers(0, 9), rotates=st.booleans())
    def make_key(self, person: int, number: int, *, rotates: bool) -> None:
        if not self.projects:
            return
        project = sorted(self.projects)[number % len(self.projects)]
        old = next((key for key, (_, of) in self.keys.items() if of == project), None)
        if rotates and old is not None:
            response = self.people[person].call("apiKey.rotate", id=self.keys[old][0])
        else:
            old, response = None, self.people[person].call("apiKey.create", projectId=project)
        assert response.status_code == self.may(person, self.projects[project], "edit")
        if response.status_code == 200:
            made = response.json()["result"]["data"]["json"]
            self.keys[made["key"]] = made["id"], project
            if old is not None:
                del self.keys[old]
                assert self.world.rest("GET", "/traces", key=old).status_code == 401

    @rule(person=st.integers(0, 2), number=st.integers(0, 9))
    def revoke_key(self, person: int, number: int) -> None:
        if not self.keys:
            return
        key = sorted(self.keys)[number % len(self.keys)]
        id_, project = self.keys[key]
        response = self.people[person].call("apiKey.revoke", id=id_)
        assert response.status_code == self.may(person, self.projects[project], "edit")
        if response.status_code == 200:
            del self.keys[key]
        assert self.world.rest("GET", "/traces", key=key).status_code == (200 if key in self.keys else 401)

    @invariant()
    def everybody_sees_what_is_theirs(self) -> None:
        for number, person in enumerate(self.people if hasattr(self, "people") else []):
            own = {id_: roles[number] for id_, roles in self.roles.items() if number in roles}
            assert {each["id"]: each["role"] for each in person.do("organization.list")} == own
            for organization, roles in self.roles.items():
                response = person.call("project.list", organizationId=organization)
                assert response.status_code == (200 if number in roles else 404)
                if number in roles:
                    seen = {each["id"] for each in response.json()["result"]["data"]["json"]}
                    assert seen == {id_ for id_, of in self.projects.items() if of == organization}


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with World(clock=NOON, limits=False) as world:
        yield world


@pytest.mark.timeout(600)  # a failing run is made smaller first
@pytest.mark.parametrize("number", [1, 2])
def test_nobody_ever_sees_or_changes_what_their_role_may_not(shared: World, number: int) -> None:
    class Machine(Memberships):
        world = shared

    run_state_machine_as_test(
        seed(number)(Machine),
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
