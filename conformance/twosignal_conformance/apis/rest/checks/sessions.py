"""Sessions as checks open them: a few sign-ins only, since a server may lock out who tries too often."""

from __future__ import annotations

from dataclasses import dataclass

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.options import USER, User


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in or a refresh handed out."""

    access: str
    refresh: str
    exchange: Exchange

    @classmethod
    def of(cls, judge: Judge, exchange: Exchange) -> Tokens:
        """Those of a response; the check ends here when they are not there."""
        judge.require(exchange.ok, f"{exchange.method} {exchange.path} was answered with {exchange.status}")
        access, refresh = (responses.data_at(exchange, name) for name in ("access_token", "refresh_token"))
        judge.require(isinstance(access, str) and access, "the response holds no data.access_token")
        judge.require(isinstance(refresh, str) and refresh, "the response holds no data.refresh_token")
        return cls(access, refresh, exchange)


def user_of(client: ApiClient) -> User:
    """Who can sign in; MissingOption without --user."""
    user = client.given(USER.flag)
    if not isinstance(user, User):
        raise TypeError(f"{USER.flag} is no user: {user!r}")
    return user


def credentials(client: ApiClient) -> Json:
    """Those of --user."""
    user = user_of(client)
    return {"email": user.email, "password": user.password}


def sign_in(client: ApiClient, judge: Judge) -> Tokens:
    """The tokens of a new session; the check ends here when there are none."""
    return Tokens.of(judge, client.call("login", json=credentials(client)))


def refresh(client: ApiClient, token: str) -> Exchange:
    """The response to a refresh."""
    return client.call("refreshSession", json={"refresh_token": token})


def judge_session(client: ApiClient, judge: Judge, clause: str, exchange: Exchange) -> bool:
    """Judge that a response has the shape of a session; who reads `error` is a clause of its own."""
    found = responses.data_at(exchange)
    shape = client.contract.schema("SessionResult")["properties"]["data"]["required"]
    missing = [name for name in shape if not isinstance(found, dict) or name not in found]
    return judge.check(
        clause,
        not missing,
        expected=f"data with {', '.join(shape)}",
        actual=f"no {', '.join(missing)}" if missing else "all",
        evidence=exchange,
    )
