"""Several calls in one request, as stock tRPC clients send them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import httpx
import orjson
import pytest

from tests.mock.apis.dashboard.world import ABSENT, CONTRACT, Person, World, code_of

BATCHING = CONTRACT.extension("x-dashboard-batching")


def batch(person: Person, method: str, procedures: Sequence[str], inputs: object) -> httpx.Response:
    """One request for several calls; `inputs` by their numbers."""
    path = f"/api/trpc/{BATCHING['separator'].join(procedures)}"
    mark = {BATCHING["parameter"]: BATCHING["value"]}
    if method == "POST":
        return person.world.send("POST", f"{path}?{urlencode(mark)}", inputs, cookie=person.cookie)
    query = urlencode({**mark, "input": orjson.dumps(inputs)})
    return person.world.send("GET", f"{path}?{query}", cookie=person.cookie)


@pytest.fixture
def owner(fresh: World) -> Person:
    return fresh.sign_in()


def test_several_queries_are_answered_in_their_order(owner: Person) -> None:
    organization = owner.organization()
    inputs = {"1": {"json": {"organizationId": organization}}}
    response = batch(owner, "GET", ["organization.list", "project.list", "organization.list"], inputs)
    first, second, third = (each["result"]["data"]["json"] for each in response.json())
    assert response.status_code == 200
    assert first == third == owner.do("organization.list")
    assert second == owner.do("project.list", organizationId=organization)


def test_a_single_call_in_the_form_of_several_is_answered_by_an_array(owner: Person) -> None:
    (answer,) = batch(owner, "GET", ["organization.list"], {}).json()
    assert answer["result"]["data"]["json"] == owner.do("organization.list")


def test_several_mutations_are_carried_out_and_one_that_fails_changes_nothing_for_the_others(owner: Person) -> None:
    organization = owner.organization()
    inputs = {
        "0": {"json": {"organizationId": organization, "name": "first"}},
        "1": {"json": {"organizationId": ABSENT, "name": "second"}},
        "2": {"json": {"organizationId": organization, "name": "third"}},
    }
    response = batch(owner, "POST", ["project.create"] * 3, inputs)
    assert response.status_code == BATCHING["mixed-status"]
    assert [each.get("error", {}).get("json", {}).get("data", {}).get("httpStatus") for each in response.json()] == [
        None,
        404,
        None,
    ]
    assert [each["name"] for each in owner.do("project.list", organizationId=organization)][1:] == ["first", "third"]


def test_calls_that_fail_alike_have_one_status(owner: Person) -> None:
    inputs = {"0": {"json": {"organizationId": ABSENT}}, "1": {"json": {"projectId": ABSENT}}}
    response = batch(owner, "GET", ["project.list", "trace.list"], inputs)
    assert (response.status_code, len(response.json())) == (404, 2)


def test_each_call_stands_in_the_journal_and_meets_its_own_fault(owner: Person) -> None:
    world = owner.world
    world.control("POST", "/faults", {"kind": "status", "status": 503, "times": 1, "operations": ["project.list"]})
    inputs = {"1": {"json": {"organizationId": owner.organization()}}}
    response = batch(owner, "GET", ["organization.list", "project.list"], inputs)
    assert response.status_code == BATCHING["mixed-status"]
    entries = world.control("GET", "/journal", limit="1000")["entries"][-2:]
    assert [(entry["operation"], entry["status"]) for entry in entries] == [
        ("organization.list", 200),
        ("project.list", 503),
    ]


@pytest.mark.parametrize(
    ("method", "procedures", "inputs", "status"),
    [
        ("GET", ["organization.list", "organization.create"], {}, 400),
        ("GET", ["organization.list"] * (BATCHING["most"] + 1), {}, 400),
        ("GET", ["organization.list"], [], 400),
        ("POST", ["organization.create"], "text", 400),
        ("GET", ["organization.list", "nobody.knows"], {}, BATCHING["mixed-status"]),
        ("GET", ["", ""], {}, 404),
        ("POST", ["organization.list"] * 2, {}, 405),
    ],
    ids=["mixed", "too many", "no object", "no object in the body", "one unknown", "no names", "the other method"],
)
def test_what_is_no_batch_is_refused(
    owner: Person, method: str, procedures: list[str], inputs: object, status: int
) -> None:
    response = batch(owner, method, procedures, inputs)
    assert response.status_code == status, response.text
    if status == 400:
        assert code_of(response) == "BAD_REQUEST"


def test_as_many_calls_as_are_allowed_are_answered(owner: Person) -> None:
    response = batch(owner, "GET", ["organization.list"] * BATCHING["most"], {})
    assert (response.status_code, len(response.json())) == (200, BATCHING["most"])


def test_a_body_of_all_calls_has_the_bound_of_one(owner: Person) -> None:
    response = batch(owner, "POST", ["organization.create"] * 2, {"0": {"json": {"name": "x" * 1_100_000}}})
    assert response.status_code == 413
