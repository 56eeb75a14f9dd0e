"""What the dashboard keeps outlives the process, and a state of a mock that did not serve it is taken over."""

from __future__ import annotations

import time
from pathlib import Path

from tests.mock.apis.dashboard.world import NOON, World

NOW = f"{NOON[:-1]}.000Z"


def test_a_state_of_a_mock_that_served_rest_alone_gets_an_organization(tmp_path: Path) -> None:
    with World(api="rest", clock=NOON, state=tmp_path / "state.db") as world:
        world.ingest("t")
        person = world.sign_in()
    with World(clock=NOON, state=tmp_path / "state.db") as world:
        again = world.sign_in()
        assert again.id == person.id
        assert again.do("organization.list")[0]["role"] == "OWNER"
        assert [trace["id"] for trace in again.do("trace.list", projectId=again.project())["traces"]] == ["t"]
        assert again.do("usage.currentMonth", organizationId=again.organization())["traceCount"] == 1


def test_organizations_projects_and_keys_are_there_after_a_restart(tmp_path: Path) -> None:
    with World(clock=NOON, state=tmp_path / "state.db") as world:
        owner = world.sign_in()
        member = world.newcomer()
        organization = owner.organization()
        owner.do("organization.addMember", organizationId=organization, userId=member.id, role="MEMBER")
        second = owner.do("project.create", organizationId=organization, name="Second")["id"]
        key = owner.do("apiKey.create", projectId=second, name="CI")["key"]
        gone = owner.do("project.create", organizationId=organization, name="Gone")["id"]
        owner.do("project.delete", projectId=gone)
        world.ingest("t", key=key)
        before = [owner.do(name, projectId=second) for name in ("apiKey.list", "trace.list")]
    with World(clock=NOON, state=tmp_path / "state.db") as world:
        again = world.sign_in()
        assert [each["name"] for each in again.do("project.list", organizationId=organization)] == ["start", "Second"]
        assert [again.do(name, projectId=second) for name in ("apiKey.list", "trace.list")] == before
        assert before[0][0]["lastUsedAt"] == NOW
        roles = [each["role"] for each in again.do("organization.getById", organizationId=organization)["members"]]
        assert roles == ["OWNER", "MEMBER"]
        world.ingest("u", key=key)
        assert world.control("GET", "/clock", api_key=key)["kind"] == "frozen"


def test_the_rows_of_a_deleted_project_are_removed(tmp_path: Path) -> None:
    with World(clock=NOON, state=tmp_path / "state.db") as world:
        owner = world.sign_in()
        project = owner.do("project.create", organizationId=owner.organization(), name="Gone")["id"]
        key = owner.do("apiKey.create", projectId=project)["key"]
        world.ingest("unmistakable-name", key=key)
        owner.do("project.delete", projectId=project)
        end = time.monotonic() + 20
        while len(world.numbers()) > 1:
            assert time.monotonic() < end, "only the first project has rows"
            time.sleep(0.02)  # the sweeper has pauses, and its turns while the loop runs
