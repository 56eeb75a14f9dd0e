"""/api/v1/auth: login, refresh and logout, judged by a clock that stands still."""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twosignal_mock.apis.rest.sessions import Tokens, new_refresh_token, project_of_access, project_of_refresh

from tests.mock.apis.rest.desk import EMAIL, NOON, PASSWORD, SECRET, Desk, the_contract

TOKENS = Tokens.read(the_contract().extension("x-rest-tokens"))
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}


async def log_in(desk: Desk, **changes: str) -> dict[str, Any]:
    answer = await desk.ask("login", CREDENTIALS | changes)
    assert answer["error"] is None
    data: dict[str, Any] = answer["data"]
    return data


async def refresh(desk: Desk, grant: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = (await desk.ask("refreshSession", {"refresh_token": grant["refresh_token"]}))["data"]
    return data


async def refresh_refused(desk: Desk, grant: dict[str, Any]) -> str:
    return (await desk.refused("refreshSession", {"refresh_token": grant["refresh_token"]}))[0]


def claims(token: str) -> dict[str, Any]:
    read: dict[str, Any] = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False})
    return read


async def test_a_login_opens_a_session() -> None:
    desk = await Desk.open()
    grant = await log_in(desk)
    user = desk.registry.find_user(EMAIL)
    assert user is not None
    assert grant["user"] == {"id": user.id, "email": EMAIL}
    assert grant["expires_at"] == NOON // 1000 + TOKENS.access_lifetime
    assert grant["project_ref"] == desk.project.id


async def test_an_access_token_has_exactly_the_claims_of_the_contract() -> None:
    desk = await Desk.open()
    grant = await log_in(desk)
    said = claims(grant["access_token"])
    assert tuple(said) == TOKENS.access_claims
    assert (said["sub"], said["email"]) == (grant["user"]["id"], EMAIL)
    assert (said["iat"], said["exp"]) == (NOON // 1000, grant["expires_at"])


async def test_the_case_of_an_email_does_not_matter() -> None:
    desk = await Desk.open()
    assert (await log_in(desk, email=EMAIL.upper()))["user"]["email"] == EMAIL


async def test_a_wrong_password_and_an_unknown_email_cannot_be_told_apart() -> None:
    desk = await Desk.open()
    wrong = await desk.refused("login", CREDENTIALS | {"password": "wrong"})
    assert wrong == await desk.refused("login", CREDENTIALS | {"email": "nobody@example.com"})
    assert wrong[0] == "invalid-credentials"


async def test_a_refresh_rotates_both_tokens_within_one_second() -> None:
    desk = await Desk.open()
    first = await log_in(desk)
    second = await refresh(desk, first)
    assert second["user"] == first["user"]
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (await desk.ask("logout", token=second["access_token"]))["data"] == {"success": True}


async def test_a_used_refresh_token_is_refused_and_leaves_the_session_as_it_is() -> None:
    desk = await Desk.open()
    first = await log_in(desk)
    second = await refresh(desk, first)
    assert [await refresh_refused(desk, first) for _ in range(2)] == ["invalid-refresh-token"] * 2
    third = await refresh(desk, second)
    assert await refresh_refused(desk, second) == "invalid-refresh-token"
    await desk.ask("logout", token=third["access_token"])


async def test_of_several_refreshes_at_the_same_time_one_succeeds() -> None:
    desk = await Desk.open()
    grant = await log_in(desk)
    answers = await asyncio.gather(*(refresh(desk, grant) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(answer, dict) for answer in answers) == 1


async def test_a_refresh_token_expires_with_the_clock() -> None:
    desk = await Desk.open()
    grant = await log_in(desk)
    desk.now = NOON + TOKENS.refresh_lifetime * 1000 - 1
    grant = await refresh(desk, grant)  # and lives as long again
    desk.now += TOKENS.refresh_lifetime * 1000 - 1
    grant = await refresh(desk, grant)
    desk.now += TOKENS.refresh_lifetime * 1000
    assert await refresh_refused(desk, grant) == "invalid-refresh-token"


async def test_an_access_token_expires_with_the_clock() -> None:
    desk = await Desk.open()
    first, second = await log_in(desk), await log_in(desk)
    desk.now = NOON + TOKENS.access_lifetime * 1000 - 1
    await desk.ask("logout", token=first["access_token"])
    desk.now += 1
    assert (await desk.refused("logout", token=second["access_token"]))[0] == "invalid-access-token"
    await refresh(desk, second)


async def test_a_logout_ends_the_session_and_no_other() -> None:
    desk = await Desk.open()
    ended, other = await log_in(desk), await log_in(desk)
    assert await desk.ask("logout", token=ended["access_token"]) == {"data": {"success": True}, "error": None}
    assert await refresh_refused(desk, ended) == "invalid-refresh-token"
    assert (await desk.refused("logout", token=ended["access_token"]))[0] == "invalid-access-token"
    await refresh(desk, other)


async def test_an_access_token_from_before_a_refresh_ends_with_the_session() -> None:
    desk = await Desk.open()
    first = await log_in(desk)
    second = await refresh(desk, first)
    await desk.ask("logout", token=first["access_token"])
    assert (await desk.refused("logout", token=second["access_token"]))[0] == "invalid-access-token"


def forged(token: str) -> dict[str, str]:
    said = jwt.decode(token, options={"verify_signature": False})
    short = {name: value for name, value in said.items() if name != "exp"}
    return {
        "another secret": jwt.encode(said, b"another secret of at least 32 bytes", algorithm="HS256"),
        "no signature": jwt.encode(said, None, algorithm="none"),
        "cut": token[:-2],
        "no expiry": jwt.encode(short, SECRET, algorithm="HS256"),
        "an expiry of another type": jwt.encode(short | {"exp": True, "jti": "x"}, SECRET, algorithm="HS256"),
        "an id that names nothing": jwt.encode(said | {"jti": "x"}, SECRET, algorithm="HS256"),
        "an API key": "ts_local_development",
        "nothing": "",
    }


async def test_a_token_that_was_not_issued_is_refused() -> None:
    desk = await Desk.open()
    grant = await log_in(desk)
    for what, token in forged(grant["access_token"]).items():
        assert (await desk.refused("logout", token=token))[0] == "invalid-access-token", what
    assert (await desk.refused("logout"))[0] == "invalid-access-token"
    await desk.ask("logout", token=grant["access_token"])


async def test_a_session_belongs_to_one_project() -> None:
    desk = await Desk.open()
    grant = await log_in(desk)
    other = await desk.other_project()
    assert (await other.refused("login", CREDENTIALS))[0] == "invalid-credentials"
    assert await refresh_refused(other, grant) == "invalid-refresh-token"
    assert (await other.refused("logout", token=grant["access_token"]))[0] == "invalid-access-token"
    await refresh(desk, grant)


async def test_requests_tell_which_project_they_belong_to() -> None:
    desk = await Desk.open()
    grant = await log_in(desk)
    mine = desk.project.id
    assert desk.located("login", {"email": EMAIL.upper(), "password": "wrong"}) == mine
    assert desk.located("refreshSession", {"refresh_token": grant["refresh_token"]}) == mine
    assert project_of_access(grant["access_token"]) == mine


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))


@given(st.dictionaries(st.sampled_from(["email", "password", "refresh_token"]), JSON) | JSON, st.none() | st.text())
async def test_what_tells_no_project_is_located_nowhere(body: object, token: str | None) -> None:
    desk = await _shared()
    assert desk.located("login", body) is None
    assert token is None or project_of_access(token) is None
    desk.located("refreshSession", body)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_refresh_token_names_its_project_whatever_the_id(project: str) -> None:
    first, second = new_refresh_token(project), new_refresh_token(project)
    assert project_of_refresh(first) == project_of_refresh(second) == project
    assert first != second


@pytest.mark.parametrize(
    "token", ["", "v1", "v1.", "v1.MQ", "v1.MQ.", "v2.MQ.x", "v1.M.x", "v1.\u00e9.x", "v1._w.x", "..."]
)
def test_a_malformed_refresh_token_names_no_project(token: str) -> None:
    assert project_of_refresh(token) is None


async def _shared() -> Desk:
    if not _DESKS:
        _DESKS.append(await Desk.open())
    return _DESKS[0]


_DESKS: list[Desk] = []
"""One is enough for a property that changes nothing: making a user costs a hash."""
