"""Broken servers of the area sessions."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.conformance.apis.rest.broken.combinators import accept, change_response, drop, refuse, restate
from tests.conformance.apis.rest.broken.errors import INVALID, whole
from tests.conformance.apis.rest.broken.messages import Asked, Behaviour, Response, Upstream
from tests.conformance.apis.rest.broken.scores import missing
from tests.conformance.apis.rest.broken.variants import Table

LOGIN, REFRESH, LOGOUT = "login", "refreshSession", "logout"
NEITHER = 202
SHORT = 8
"""Characters of a password."""


def lets_in(who: Callable[[Asked, Upstream], bool]) -> Behaviour:
    """Somebody is let in as the user."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        if asked.operation == LOGIN and who(asked, upstream):
            asked = asked.with_json({"email": upstream.people.email, "password": upstream.people.password})
        return await upstream.send(asked)

    return behaviour


def wrong_password(asked: Asked, upstream: Upstream) -> bool:
    """The right e-mail with another password."""
    return asked.at("email") == upstream.people.email and asked.at("password") not in (None, upstream.people.password)


def unknown_email(asked: Asked, upstream: Upstream) -> bool:
    """Another e-mail."""
    return asked.at("email") not in (None, upstream.people.email) and asked.at("password") is not None


async def keeps_tokens(asked: Asked, upstream: Upstream) -> Response:
    """A refresh gives the refresh token back that it was sent."""
    given = await upstream.send(asked)
    if asked.operation == REFRESH and given.accepted:
        data = {**given.at("data"), "refresh_token": asked.at("refresh_token")}
        return given.with_json({**given.json, "data": data})
    return given


async def used_again(asked: Asked, upstream: Upstream) -> Response:
    """A refresh token works as often as it is sent."""
    known: dict[str, Response] = upstream.memory.setdefault("known", {})
    token = asked.at("refresh_token")
    given = await upstream.send(asked)
    if asked.operation == REFRESH and isinstance(token, str):
        if given.accepted:
            known[token] = given
        return known.get(token, given)
    return given


table = Table()
table.corrupt("sessions.login.status", "a login is answered with 201", restate(201, LOGIN, accepted=True))
table.weaken(
    "sessions.login.no-key", "a login needs a key", refuse("missing-key", LOGIN, lambda asked: asked.credential is None)
)
table.forget(
    "sessions.login.answer", "a login gives no refresh token", change_response("data.refresh_token", drop, LOGIN)
)
table.corrupt(
    "sessions.login.answer", "a login gives no envelope", whole(lambda body: body["data"], accepted=True, on=LOGIN)
)
table.corrupt(
    "sessions.login.error-null",
    "a login has an error",
    whole(lambda body: {**body, "error": {}}, accepted=True, on=LOGIN),
)
table.forget("sessions.login.user", "a user has no e-mail", change_response("data.user.email", drop, LOGIN))
table.corrupt(
    "sessions.login.user",
    "a login gives another user",
    change_response("data.user.email", lambda email: f"not.{email}", LOGIN),
)
table.corrupt(
    "sessions.login.expires-at",
    "expires_at is a lifetime",
    change_response("data.expires_at", lambda at: at - int(time.time()), LOGIN),
)
table.corrupt(
    "sessions.login.expires-at",
    "expires_at is in milliseconds",
    change_response("data.expires_at", lambda at: at * 1000 + 1, LOGIN),
)
table.corrupt(
    "sessions.login.expires-at",
    "expires_at has a fraction",
    change_response("data.expires_at", lambda at: at + 0.5, LOGIN),
)
table.weaken("sessions.login.wrong-password", "any password lets in", lets_in(wrong_password))
table.corrupt(
    "sessions.login.wrong-password",
    "a wrong password is answered with 403",
    restate(403, LOGIN, lambda asked: asked.at("password") is not None),
)
table.weaken("sessions.login.unknown-email", "any e-mail lets in", lets_in(unknown_email))
table.corrupt(
    "sessions.login.unknown-email",
    "an unknown e-mail is answered with 404",
    restate(404, LOGIN, lambda asked: asked.at("password") is not None),
)
table.weaken("sessions.login.missing", "a login without a password is answered", accept(LOGIN, missing("password")))
table.corrupt("sessions.refresh.status", "a refresh is answered with 201", restate(201, REFRESH, accepted=True))
table.forget("sessions.refresh.answer", "a refresh gives no user", change_response("data.user", drop, REFRESH))
table.forget(
    "sessions.refresh.answer", "a refresh gives no expires_at", change_response("data.expires_at", drop, REFRESH)
)
table.corrupt(
    "sessions.refresh.new-access-token",
    "a refresh gives an access token that does not work",
    change_response("data.access_token", lambda token: token[::-1], REFRESH),
)
table.weaken("sessions.refresh.new-access-token", "a refresh is refused", refuse("invalid-refresh-token", REFRESH))
table.corrupt("sessions.refresh.rotates", "a refresh gives the old refresh token", keeps_tokens)
table.weaken("sessions.refresh.used", "a refresh token works again and again", used_again)
table.weaken(
    "sessions.refresh.invalid",
    "any text is a refresh token",
    accept(REFRESH, lambda asked: asked.at("refresh_token") is not None),
)
table.weaken("sessions.refresh.missing", "a refresh needs no token", accept(REFRESH, missing("refresh_token")))
table.corrupt("sessions.logout.status", "a logout is answered with 202", restate(NEITHER, LOGOUT, accepted=True))
table.corrupt("sessions.logout.answer", "success is a word", change_response("data.success", lambda _: "yes", LOGOUT))
table.forget("sessions.logout.answer", "success is missing", change_response("data.success", drop, LOGOUT))
table.weaken("sessions.logout.missing", "anybody may log out", accept(LOGOUT, lambda asked: asked.credential is None))
table.weaken(
    "sessions.logout.invalid", "any token may log out", accept(LOGOUT, lambda asked: asked.credential is not None)
)
table.corrupt(
    "sessions.login.unknown-email",
    "a password that is too short is answered with 400",
    restate(INVALID, LOGIN, lambda asked: 0 < len(str(asked.at("password") or "")) < SHORT),
)
