"""What each procedure does, as its clauses say; every result is checked by the contract's own schema."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock.apis.dashboard.world import ABSENT, CONTRACT, KEY, NOON, Person, World, call, code_of

RULES = [{"name": "long", "condition": {"type": "always"}, "model": "large", "priority": 1}]
NOW = f"{NOON[:-1]}.000Z"


@pytest.fixture
def owner(fresh: World) -> Person:
    return fresh.sign_in()


def test_every_procedure_of_the_contract_is_served_and_refuses_a_call_without_a_session(world: World) -> None:
    for procedure, operation in CONTRACT.operations.items():
        named = {"projectId", "organizationId", "id", "traceId", "itemId", "datasetId", "memberId"}
        more = {"name": "any", "type": "CUSTOM", "role": "VIEWER", "userId": "u", "input": 1, "defaultModel": "m"}
        sent = dict.fromkeys(named, ABSENT) | more | {"rules": RULES}
        sent = {} if procedure == "organization.list" else sent
        if operation.method == "GET":
            sent.pop("id" if procedure == "trace.getById" else "traceId", None)
        response = call(world, procedure, sent)
        assert (response.status_code, code_of(response)) == (401, "UNAUTHORIZED"), f"{procedure}: {response.text}"
        assert response.json()["error"]["json"]["data"]["path"] == procedure


def test_a_sandbox_begins_with_one_organization_its_owner_and_one_project(owner: Person) -> None:
    (organization,) = owner.do("organization.list")
    assert (organization["role"], organization["plan"], organization["memberCount"]) == ("OWNER", "FREE", 1)
    (member,) = owner.do("organization.getById", organizationId=organization["id"])["members"]
    assert (member["userId"], member["email"], member["role"]) == (owner.id, "dev@example.com", "OWNER")
    (project,) = owner.do("project.list", organizationId=organization["id"])
    assert project["id"] == owner.session["project_ref"]
    (key,) = owner.do("apiKey.list", projectId=project["id"])
    assert key["revokedAt"] is None


def test_an_organization_is_created_and_renamed(owner: Person) -> None:
    made = owner.do("organization.create", name="Second")
    assert [each["name"] for each in owner.do("organization.list")][1:] == ["Second"]
    owner.do("organization.update", organizationId=made["id"], name="Renamed")
    assert owner.do("organization.getById", organizationId=made["id"])["name"] == "Renamed"
    assert owner.do("project.list", organizationId=made["id"]) == []


@pytest.mark.parametrize("by", ["userId", "email"])
def test_members_are_added_and_removed(fresh: World, by: str) -> None:
    owner, other = fresh.sign_in(), fresh.newcomer()
    organization = owner.organization()
    named = {"userId": other.id} if by == "userId" else {"email": str(other.session["user"]["email"]).upper()}
    assert other.do("organization.list") == []
    member = owner.do("organization.addMember", organizationId=organization, role="VIEWER", **named)
    assert other.do("organization.list")[0]["role"] == "VIEWER"
    again = owner.call("organization.addMember", organizationId=organization, role="ADMIN", **named)
    assert (again.status_code, code_of(again)) == (409, "CONFLICT")
    owner.do("organization.removeMember", memberId=member["id"])
    assert other.do("organization.list") == []
    assert [each["role"] for each in owner.do("organization.getById", organizationId=organization)["members"]] == [
        "OWNER"
    ]


def test_the_owner_stays_and_nobody_becomes_a_second_one(fresh: World) -> None:
    owner, other = fresh.sign_in(), fresh.newcomer()
    organization = owner.organization()
    (member,) = owner.do("organization.getById", organizationId=organization)["members"]
    assert owner.call("organization.removeMember", memberId=member["id"]).status_code == 403
    second = owner.call("organization.addMember", organizationId=organization, userId=other.id, role="OWNER")
    assert second.status_code == 400
    assert other.do("organization.list") == []


def test_somebody_of_another_sandbox_is_no_person_here(fresh: World) -> None:
    owner = fresh.sign_in()
    stranger = fresh.newcomer(sandbox=fresh.control("POST", "/sandboxes", {})["id"])
    sent = {"organizationId": owner.organization(), "role": "ADMIN"}
    for named in ({"userId": stranger.id}, {"email": stranger.session["user"]["email"]}, {"userId": ABSENT}):
        refused = owner.call("organization.addMember", **sent, **named)
        assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")


def test_a_project_is_created_described_renamed_and_deleted(owner: Person) -> None:
    organization = owner.organization()
    made = owner.do("project.create", organizationId=organization, name="Shop", description="Sells")
    owner.do("project.update", projectId=made["id"], name="Store")
    _, shown = owner.do("project.list", organizationId=organization)
    assert (shown["id"], shown["name"], shown["description"]) == (made["id"], "Store", "Sells")
    key = owner.do("apiKey.create", projectId=made["id"])["key"]
    owner.do("project.delete", projectId=made["id"])
    assert len(owner.do("project.list", organizationId=organization)) == 1
    assert owner.world.rest("GET", "/traces", key=key).status_code == 401
    assert owner.call("trace.list", projectId=made["id"]).status_code == 404


def test_the_first_project_can_be_deleted_and_the_session_stays(fresh: World) -> None:
    made = fresh.control("POST", "/sandboxes", {})
    owner = fresh.sign_in(made["email"], made["password"])
    organization = owner.organization()
    owner.do("project.delete", projectId=owner.project())
    assert owner.do("project.list", organizationId=organization) == []
    assert fresh.rest("GET", "/traces", key=made["api_key"]).status_code == 401
    assert owner.do("project.create", organizationId=organization, name="Next")["name"] == "Next"


def test_a_trace_of_rest_is_shown_with_its_spans_and_scores(owner: Person) -> None:
    world, project = owner.world, owner.project()
    world.ingest("t1", spans=2)
    score = {"traceId": "t1", "evaluatorName": "human", "value": 0.5, "label": "pass", "reasoning": "because"}
    assert world.rest("POST", "/scores", score).status_code == 201
    (listed,) = owner.do("trace.list", projectId=project)["traces"]
    shown = world.rest("GET", "/traces").json()["data"]["traces"][0]
    same = ("id", "name", "status", "durationMs", "totalTokens", "totalCost", "startTime", "endTime", "createdAt")
    assert {name: listed[name] for name in same} == {name: shown[name] for name in same}
    assert listed["_count"] == {"spans": 2, "scores": 1}
    detail = owner.do("trace.byId", id="t1", projectId=project)
    first, second = detail["spans"]
    assert (first["parentSpanId"], second["parentSpanId"]) == (None, first["id"])
    assert [first[name] for name in ("promptTokens", "completionTokens", "totalTokens")] == [10, 5, 15]
    assert (first["input"], first["output"], first["cost"]) == ({"q": None}, "text", "0.25")
    (scored,) = detail["scores"]
    assert {**score, **scored} == scored
    assert owner.do("trace.getById", traceId="t1") == detail
    assert owner.do("trace.getById", id="t1") == owner.do("trace.byId", traceId="t1") == detail


def test_traces_are_filtered_and_paged(owner: Person) -> None:
    owner.world.ingest("a", "b", "c")
    project = owner.project()

    def names(**sent: object) -> list[str]:
        return [trace["id"] for trace in owner.do("trace.list", projectId=project, **sent)["traces"]]

    first = owner.do("trace.list", projectId=project, limit=2)
    rest = owner.do("trace.list", projectId=project, limit=2, cursor=first["nextCursor"])
    assert sorted(trace["id"] for page in (first, rest) for trace in page["traces"]) == ["a", "b", "c"]
    assert rest["nextCursor"] is None
    assert names(search="agent b") == names(name="agent b") == ["b"]
    assert names(status="ERROR") == names(tags=["x"]) == []
    assert len(names(startDate="2026-03-14", endDate="2026-03-14")) == 3
    assert names(startDate="2026-03-15") == names(endDate="2026-03-13") == []
    assert len(names(cursor=None, status=None, tags=None, limit=None, name=None)) == 3
    for wrong in ({"limit": 0}, {"limit": 101}, {"startDate": "2026-02-30"}, {"cursor": "nobody"}):
        assert owner.call("trace.list", projectId=project, **wrong).status_code == 400
    differing = owner.call("trace.list", projectId=project, name="a", search="b")
    assert differing.status_code == 400


def test_an_evaluator_is_created_toggled_changed_and_deleted(owner: Person) -> None:
    project = owner.project()
    made = owner.do("evaluator.create", projectId=project, name="Has JSON", type="JSON_SCHEMA")
    assert (made["enabled"], made["config"]) == (True, {})
    owner.do("evaluator.update", id=made["id"], projectId=project, enabled=False)
    owner.do("evaluator.update", id=made["id"], name="Short", type="LENGTH", config={"max": 5})
    (shown,) = owner.do("evaluator.list", projectId=project)
    assert [shown[name] for name in ("name", "type", "config", "enabled")] == ["Short", "LENGTH", {"max": 5}, False]
    owner.do("evaluator.delete", id=made["id"])
    assert owner.do("evaluator.list", projectId=project) == []


@pytest.mark.parametrize("type_", CONTRACT.extension("x-dashboard-evaluators"))
def test_every_type_of_the_catalogue_is_accepted_and_its_config_checked(owner: Person, type_: str) -> None:
    project = owner.project()
    assert owner.do("evaluator.create", projectId=project, name="any", type=type_)["type"] == type_
    schema = CONTRACT.schema(CONTRACT.extension("x-dashboard-evaluators")[type_]["configuration"])
    for key in schema.get("properties", {}):
        refused = owner.call("evaluator.create", projectId=project, name="any", type=type_, config={key: True})
        expected = 200 if schema["properties"][key].get("type") == "boolean" else 400
        assert refused.status_code == expected, key


def test_a_type_beyond_the_catalogue_is_refused(owner: Person) -> None:
    refused = owner.call("evaluator.create", projectId=owner.project(), name="any", type="MAGIC")
    assert (refused.status_code, code_of(refused)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("value", [None, 0, "text", [1, {"a": None}], {"b": 1.5}], ids=repr)
def test_a_dataset_keeps_items_of_any_json(owner: Person, value: Any) -> None:
    project = owner.project()
    made = owner.do("dataset.create", projectId=project, name="Cases", description="Hard ones")
    item = owner.do("dataset.addItem", datasetId=made["id"], input=value, expectedOutput=value, metadata={"n": 1})
    owner.do("dataset.addItem", datasetId=made["id"], input="second")
    (listed,) = owner.do("dataset.list", projectId=project)
    assert (listed["_count"], listed["description"]) == ({"items": 2}, "Hard ones")
    detail = owner.do("dataset.byId", id=made["id"], projectId=project)
    assert detail == owner.do("dataset.getById", id=made["id"])
    assert [each["input"] for each in detail["items"]] == [value, "second"]
    assert detail["items"][0]["expectedOutput"] == value
    owner.do("dataset.removeItem", itemId=item["id"])
    owner.do("dataset.update", id=made["id"], name="Fewer")
    shown = owner.do("dataset.getById", id=made["id"])
    assert (shown["name"], shown["description"], len(shown["items"])) == ("Fewer", "Hard ones", 1)
    owner.do("dataset.delete", id=made["id"])
    assert owner.do("dataset.list", projectId=project) == []


def test_an_api_key_works_at_once_and_is_refused_once_it_is_revoked(owner: Person) -> None:
    world, project = owner.world, owner.project()
    made = owner.do("apiKey.create", projectId=project, name="CI")
    assert made["key"].startswith(made["keyPrefix"])
    assert len(made["keyPrefix"]) < len(made["key"])
    assert made["lastUsedAt"] is None
    assert world.rest("GET", "/traces", key=made["key"]).status_code == 200
    listed = {key["id"]: key for key in owner.do("apiKey.list", projectId=project)}
    assert listed[made["id"]]["lastUsedAt"] == NOW
    assert made["key"] not in str(listed)
    assert made["key"] not in str(world.control("GET", "/journal", limit="1000"))
    for _ in range(2):
        assert owner.do("apiKey.revoke", id=made["id"], projectId=project)["revokedAt"] == NOW
        assert world.rest("GET", "/traces", key=made["key"]).status_code == 401
    assert owner.call("apiKey.rotate", id=made["id"]).status_code == 409


def test_a_rotated_key_is_replaced(owner: Person) -> None:
    old = owner.do("apiKey.create", projectId=owner.project())
    new = owner.do("apiKey.rotate", id=old["id"])
    assert (new["rotatedFromId"], new["name"]) == (old["id"], "Default")
    statuses = [owner.world.rest("GET", "/traces", key=each["key"]).status_code for each in (old, new)]
    assert statuses == [401, 200]


def test_what_is_written_counts_in_its_month(owner: Person) -> None:
    world, organization, project = owner.world, owner.organization(), owner.project()
    second = owner.do("project.create", organizationId=organization, name="Second")["id"]
    key = owner.do("apiKey.create", projectId=second)["key"]
    world.ingest("a", "b", spans=3)
    world.ingest("a", spans=3)  # sent again: nothing new
    world.control("PUT", "/clock", {"kind": "frozen", "at": "2026-04-01T00:00:00Z"})
    world.ingest("c", key=key)
    later = world.sign_in()
    used = later.do("usage.currentMonth", organizationId=organization)
    assert used == later.do("usage.getCurrentMonth", organizationId=organization)
    counts = {"traceCount": 1, "spanCount": 1, "evalRunCount": 0}
    assert used == {
        "month": "2026-04",
        **counts,
        "tracesLimit": 10000,
        "projectBreakdown": [{"projectId": second, **counts}],
    }
    history = later.do("usage.getHistory", organizationId=organization, months=3)
    assert [(month["month"], month["traceCount"], month["spanCount"]) for month in history] == [
        ("2026-02", 0, 0),
        ("2026-03", 2, 6),
        ("2026-04", 1, 1),
    ]
    assert len(later.do("usage.getHistory", organizationId=organization)) == 12
    assert later.call("usage.getHistory", organizationId=organization, months=25).status_code == 400
    assert project != second


def test_rest_obeys_a_routing_configuration_at_once(owner: Person) -> None:
    project = owner.project()

    def model(name: str) -> object:
        response = owner.world.rest("POST", "/route-model", {"input": "Hello", "configName": name})
        return response.json()["model"] if response.status_code == 200 else response.status_code

    made = owner.do("modelRouting.create", projectId=project, name="mine", defaultModel="small", rules=RULES)
    assert (model("mine"), made["rules"]) == ("large", RULES)
    taken = owner.call("modelRouting.create", projectId=project, name="mine", defaultModel="small", rules=RULES)
    assert (taken.status_code, code_of(taken)) == (409, "CONFLICT")
    owner.do(
        "modelRouting.update", id=made["id"], name="other", defaultModel="small", rules=[{**RULES[0], "model": "huge"}]
    )
    assert (model("mine"), model("other")) == (404, "huge")
    owner.do("modelRouting.update", id=made["id"], enabled=False)
    assert model("other") == 404
    (listed,) = owner.do("modelRouting.list", projectId=project)
    assert (listed["name"], listed["enabled"], listed["id"]) == ("other", False, made["id"])
    owner.do("modelRouting.delete", id=made["id"])
    assert (model("other"), owner.do("modelRouting.list", projectId=project)) == (404, [])


def test_projects_of_a_sandbox_share_its_clock_faults_and_journal_but_no_data(owner: Person) -> None:
    world = owner.world
    second = owner.do("project.create", organizationId=owner.organization(), name="Second")["id"]
    key = owner.do("apiKey.create", projectId=second)["key"]
    world.ingest("only-second", key=key)
    assert world.rest("GET", "/traces").json()["data"]["traces"] == []
    assert owner.call("trace.byId", id="only-second", projectId=owner.project()).status_code == 404
    assert owner.do("trace.byId", id="only-second")["projectId"] == second
    assert world.control("GET", "/clock", api_key=key)["now"] == world.control("GET", "/clock")["now"]
    world.control("POST", "/faults", {"kind": "status", "status": 503, "times": 1, "operations": ["listTraces"]})
    assert world.rest("GET", "/traces", key=key).status_code == 503
    operations = [entry["operation"] for entry in world.control("GET", "/journal", limit="1000")["entries"]]
    assert operations.count("ingestTraces") == 1
    assert second not in [each["id"] for each in world.control("GET", "/sandboxes")["sandboxes"]]
    world.control("POST", "/reset")
    assert world.rest("GET", "/traces", key=key).status_code == 401


@pytest.mark.parametrize("further", [False, True], ids=["the first project", "a further project"])
def test_an_evaluator_judges_what_rest_takes_in_and_its_runs_count(owner: Person, *, further: bool) -> None:
    world, organization, project, key = owner.world, owner.organization(), owner.project(), KEY
    if further:
        project = owner.do("project.create", organizationId=organization, name="Second")["id"]
        key = owner.do("apiKey.create", projectId=project)["key"]
    owner.do("evaluator.create", projectId=project, name="says text", type="CONTAINS", config={"value": "text"})
    world.ingest("judged", key=key)
    lag = CONTRACT.extension("x-dashboard-evaluation")["lag"]
    world.control("POST", "/clock/advance", {"seconds": lag + 1})
    for _ in range(200):  # evaluators run beside the requests
        scores = owner.do("trace.byId", id="judged", projectId=project)["scores"]
        if scores:
            break
        world.pause(0.01)
    assert [(score["evaluatorName"], score["value"]) for score in scores] == [("says text", 1)]
    used = owner.do("usage.currentMonth", organizationId=organization)["projectBreakdown"]
    assert [(each["projectId"], each["evalRunCount"]) for each in used] == [(project, 1)]
