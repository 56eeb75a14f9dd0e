"""Sessions: a login over REST opens them, and a cookie in whatever form carries them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from urllib.parse import quote

import orjson
import pytest

from tests.mock.apis.dashboard.world import CONTRACT, FIRST, KEY, NOON, Person, World, call, code_of

SESSION = CONTRACT.extension("x-dashboard-session")


def name_for(reference: str) -> str:
    return str(SESSION["cookie"]).format(project_ref=reference)


def pieces(name: str, value: str, size: int) -> str:
    parts = [value[at : at + size] for at in range(0, len(value), size)]
    named = (SESSION["piece"].format(cookie=name, index=index) for index in range(len(parts)))
    return "; ".join(f"{each}={part}" for each, part in zip(named, parts, strict=True))


FORMS: Mapping[str, Callable[[str, str], str]] = {
    "raw JSON": lambda name, value: f"{name}={value}",
    "among others": lambda name, value: f"a=1; {name}={value}; b=2",
    "no project": lambda _name, value: f"{name_for('')}={value}",
    "another project": lambda _name, value: f"{name_for('another')}={value}",
    "pieces": lambda name, value: pieces(name, value, 100),
    "more than ten pieces": lambda name, value: pieces(name, value, 20),
    "pieces in another order": lambda name, value: "; ".join(reversed(pieces(name, value, 100).split("; "))),
    "percent-encoded": lambda name, value: f"{name}={quote(value)}",
    "base64": lambda name, value: f"{name}=base64-{base64.urlsafe_b64encode(value.encode()).decode().rstrip('=')}",
    "a semicolon in it": lambda name, value: f'{name}={value[:-1]}, "note": "a; b"}}; c=3',
    "after one that is none": lambda name, value: f"{name_for('old')}=nothing; {name}={value}",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_session_is_read_from_its_cookie(world: World, form: str) -> None:
    person = world.sign_in()
    cookie = FORMS[form](name_for(person.session["project_ref"]), orjson.dumps(person.session).decode())
    assert call(world, "organization.list", {}, cookie=cookie).status_code == 200


@pytest.mark.parametrize("token", ["", "nobody", KEY, "eyJhbGciOiJIUzI1NiJ9.e30.x", None, 7, {"a": 1}], ids=repr)
def test_what_is_no_access_token_opens_nothing(world: World, token: object) -> None:
    cookie = f"{name_for('x')}={orjson.dumps({'access_token': token}).decode()}"
    refused = call(world, "organization.list", {}, cookie=cookie)
    assert (refused.status_code, code_of(refused)) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("header", ["", "a=b", name_for("x") + "=", name_for("x") + "={", "=" * 20_000, ";" * 20_000])
def test_a_cookie_that_cannot_be_read_is_no_session(world: World, header: str) -> None:
    assert call(world, "organization.list", {}, cookie=header).status_code == 401


def test_only_the_access_token_says_who_calls(world: World) -> None:
    person = world.sign_in()
    claimed = {"user": {"id": "somebody", "email": "else@example.com"}, "expires_at": 1}
    other = Person(world, {**person.session, **claimed})
    assert other.do("organization.list") == person.do("organization.list")


def test_a_session_ends_with_its_token_its_refresh_and_its_logout(fresh: World) -> None:
    person = fresh.sign_in()
    fresh.control("POST", "/clock/advance", {"seconds": 3600})
    assert person.call("organization.list").status_code == 401
    refreshed = fresh.send("POST", "/api/v1/auth/refresh", {"refresh_token": person.session["refresh_token"]})
    again = Person(fresh, refreshed.json()["data"])
    assert again.call("organization.list").status_code == 200
    fresh.send("POST", "/api/v1/auth/logout", None, authorization=f"Bearer {again.session['access_token']}")
    assert again.call("organization.list").status_code == 401


def test_a_token_of_another_server_opens_nothing(world: World) -> None:
    with World(clock=NOON, seed=7) as other:
        stranger = other.sign_in()
    forged = Person(world, stranger.session)
    assert forged.call("organization.list").status_code == 401


def test_nothing_in_a_log_or_the_journal_tells_a_token(world: World) -> None:
    person = world.sign_in(*FIRST)
    person.do("organization.list")
    assert person.session["access_token"] not in str(world.control("GET", "/journal", limit="1000"))


@pytest.mark.parametrize("meta", [None, {"values": ["undefined"]}, {"values": None}], ids=repr)
def test_a_query_without_an_input_is_answered_in_every_form(world: World, meta: object) -> None:
    person = world.sign_in()
    envelope = quote(orjson.dumps({"json": None} | ({} if meta is None else {"meta": meta})))
    response = world.send("GET", f"/api/trpc/organization.list?input={envelope}", cookie=person.cookie)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", 400), ("[]", 400), ('{"json":[]}', 400), ('{"json":{"projectId":7}}', 400), ("[" * 300 + "]" * 300, 400)],
)
def test_an_input_that_cannot_be_read_is_refused(world: World, text: str, code: int) -> None:
    person = world.sign_in()
    response = world.send("GET", f"/api/trpc/project.list?input={quote(text)}", cookie=person.cookie)
    assert (response.status_code, code_of(response)) == (code, "BAD_REQUEST")
    assert response.json()["error"]["json"]["data"]["path"] == "project.list"


def test_the_other_method_and_an_unknown_procedure_are_refused(world: World) -> None:
    person = world.sign_in()
    other = world.send("POST", "/api/trpc/organization.list", {"json": {}}, cookie=person.cookie)
    assert (other.status_code, other.headers["allow"]) == (405, "GET, HEAD")
    unknown = world.send("GET", "/api/trpc/organization.destroy", cookie=person.cookie)
    assert (unknown.status_code, code_of(unknown)) == (404, "NOT_FOUND")
    large = world.send(
        "POST", "/api/trpc/organization.create", {"json": {"name": "x" * 1_100_000}}, cookie=person.cookie
    )
    assert large.status_code == 413


def listed(person: Person) -> object:
    return list(person.do("evaluator.list", projectId=person.project()))


def refused_code(person: Person) -> object:
    return person.call("project.list", organizationId="x").json()["error"]["data"]["code"]


def first_cost(person: Person) -> object:
    return person.do("trace.list", projectId=person.project())["traces"][0]["totalCost"]


DIALECTS: Mapping[str, tuple[str, Callable[[Person], object], object]] = {
    "list-shape": ("object", listed, ["evaluators"]),
    "error-shape": ("plain", refused_code, "NOT_FOUND"),
    "cost-type": ("number", first_cost, 0.25),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_changes_what_is_sent(dialect: str) -> None:
    value, look, expected = DIALECTS[dialect]
    with World(clock=NOON, dialect=f"{dialect}={value}", validate_answers=False) as world:
        world.ingest("t")
        assert look(world.sign_in()) == expected
        assert world.sign_in().do("trace.byId", id="t")["name"] == "agent t"


@pytest.mark.parametrize(
    ("dialect", "answered", "refused"),
    [
        ("procedure-spelling=command-line", ("trace.byId", {"id": "t"}), ("trace.getById", {"traceId": "t"})),
        ("procedure-spelling=terminal-interface", ("trace.getById", {"traceId": "t"}), ("trace.byId", {"id": "t"})),
    ],
)
def test_a_dialect_knows_one_spelling_of_a_procedure(
    dialect: str, answered: tuple[str, dict[str, object]], refused: tuple[str, dict[str, object]]
) -> None:
    with World(clock=NOON, dialect=dialect) as world:
        world.ingest("t")
        person = world.sign_in()
        assert person.call(answered[0], None, **answered[1]).status_code == 200
        assert person.call(refused[0], None, **refused[1]).status_code == 404
        assert person.call("trace.list", projectId=person.project()).status_code == 200


@pytest.mark.parametrize("name", ["name", "search"])
def test_a_dialect_knows_one_spelling_of_the_filter(name: str) -> None:
    with World(clock=NOON, dialect=f"trace-name-filter={name}") as world:
        world.ingest("a", "b")
        person = world.sign_in()
        found = {
            each: len(person.do("trace.list", projectId=person.project(), **{each: "agent a"})["traces"])
            for each in ("name", "search")
        }
        assert found == {"name": 2, "search": 2} | {name: 1}
