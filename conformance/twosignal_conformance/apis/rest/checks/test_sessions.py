"""Signing in and out: what a session is, who gets none, and what ends with it. Needs somebody who can sign in."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from twosignal_conformance.apis.rest.checks import MISSING, ApiClient, Exchange, Judge, Key, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.judging import judge_cause, judge_status
from twosignal_conformance.apis.rest.checks.sessions import (
    Tokens,
    credentials,
    judge_session,
    refresh,
    sign_in,
    user_of,
)
from twosignal_conformance.engine.api_client import http_date, member

_USER = ("--user",)


@covers(
    "sessions.login.status",
    "sessions.login.no-key",
    "sessions.login.answer",
    "sessions.login.error-null",
    "sessions.login.user",
    "sessions.login.expires-at",
    "sessions.login.project-ref",
    "sessions.access.lifetime",
    "sessions.access.jwt",
    "sessions.access.no-api-key",
    needs=_USER,
)
def test_the_right_password_opens_a_session(client: ApiClient, judge: Judge) -> None:
    """One sign-in without a key; its access token is then tried as a key."""
    exchange = client.call("login", json=credentials(client))
    if exchange.status == client.contract.error("missing-key").status:
        with_key = client.call("login", json=credentials(client), key=Key.MAIN)
        refused, exchange = exchange, with_key if with_key.ok else exchange
        judge.require(exchange.ok, f"the sign-in was answered with {exchange.status}: is --user right?")
        judge.check(
            "sessions.login.no-key",
            False,
            expected="a sign-in without an API key",
            actual=f"status {refused.status}, with the key {with_key.status}",
            evidence=(refused, with_key),
        )
    elif exchange.ok:
        judge.check(
            "sessions.login.no-key", True, expected="a sign-in without an API key", actual="taken", evidence=exchange
        )
    judge_status(judge, "sessions.login.status", exchange, client.contract.operation("login").success)
    judge.require(exchange.ok, f"the sign-in was answered with {exchange.status}")
    judge_session(client, judge, "sessions.login.answer", exchange)
    judge.check(
        "sessions.login.error-null",
        exchange.at("error") in (None, MISSING),
        expected='"error" null or not there',
        actual=exchange.at("error"),
        evidence=exchange,
    )
    _judge_user(client, judge, exchange)
    _judge_expiry(client, judge, exchange)
    judge.observe("sessions.login.project-ref", repr(responses.data_at(exchange, "project_ref")), evidence=exchange)
    access = responses.data_at(exchange, "access_token")
    judge.require(isinstance(access, str), "the response holds no access token")
    claims = client.contract.extension("x-rest-tokens")["access"]["claims"]
    found = _claims(access)
    missing = [name for name in claims if found is None or name not in found]
    seen = "no JSON Web Token" if found is None else f"without {', '.join(missing)}" if missing else "with all claims"
    judge.observe("sessions.access.jwt", seen, evidence=exchange)
    as_key = client.call("listTraces", query={"limit": 1}, token=access)
    judge.observe("sessions.access.no-api-key", f"status {as_key.status} for it as a key", evidence=as_key)


@covers(
    "sessions.login.wrong-password",
    "sessions.login.unknown-email",
    "sessions.login.same-refusal",
    "sessions.login.missing",
    needs=_USER,
)
def test_nobody_else_gets_a_session(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A wrong password, once, for accounts get locked; an e-mail that nobody has, twice; either left out."""
    right = credentials(client)
    wrong = client.call("login", json=right | {"password": f"wrong-{data.hex(16)}"})
    unknown = client.call("login", json=right | {"email": f"{data.tag('nobody')}@example.com"})
    cause = "invalid-credentials"
    judge_cause(client, judge, "sessions.login.wrong-password", wrong, cause, "a wrong password")
    judge_cause(client, judge, "sessions.login.unknown-email", unknown, cause, "an unknown e-mail")
    short = client.call("login", json={"email": f"{data.tag('nobody')}@example.com", "password": "x"})
    judge_cause(client, judge, "sessions.login.unknown-email", short, cause, "a password of one character")
    same = (wrong.status, responses.error_of(client, wrong)) == (unknown.status, responses.error_of(client, unknown))
    judge.observe("sessions.login.same-refusal", "the same" if same else "they differ", evidence=(wrong, unknown))
    for name in right:
        exchange = client.call("login", json={key: value for key, value in right.items() if key != name})
        judge_cause(client, judge, "sessions.login.missing", exchange, "invalid-value", f"a sign-in without {name}")


@covers("sessions.login.email-case", profile="standard", needs=_USER)
def test_the_case_of_an_e_mail(client: ApiClient, judge: Judge) -> None:
    """The right e-mail in capitals."""
    right = credentials(client)
    exchange = client.call("login", json=right | {"email": right["email"].swapcase()})
    judge.observe("sessions.login.email-case", f"status {exchange.status} in the other case", evidence=exchange)


@covers(
    "sessions.logout.status",
    "sessions.logout.answer",
    "sessions.logout.missing",
    "sessions.logout.invalid",
    "sessions.logout.ends-refresh",
    "sessions.logout.ends-access",
    "sessions.logout.api-key",
    needs=_USER,
)
def test_a_logout_ends_a_session(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Without a token, with others, then with that of a session, whose tokens are tried again."""
    cause = "invalid-access-token"
    missing = client.call("logout")
    judge_cause(client, judge, "sessions.logout.missing", missing, cause, "a logout without a token")
    invalid = client.call("logout", token=f"never-issued-{data.hex(32)}")
    judge_cause(client, judge, "sessions.logout.invalid", invalid, cause, "a token that was never issued")
    by_key = client.call("logout", key=Key.MAIN)
    judge_cause(client, judge, "sessions.logout.api-key", by_key, cause, "an API key")
    tokens: Tokens = sign_in(client, judge)
    ended = client.call("logout", token=tokens.access)
    judge_status(judge, "sessions.logout.status", ended, client.contract.operation("logout").success)
    judge.require(ended.ok, f"the logout was answered with {ended.status}")
    judge.check(
        "sessions.logout.answer",
        responses.data_at(ended, "success") is True,
        expected="data.success true",
        actual=ended.text,
        evidence=ended,
    )
    again = client.call("logout", token=tokens.access)
    judge_cause(client, judge, "sessions.logout.ends-access", again, cause, "its access token")
    renewed = refresh(client, tokens.refresh)
    judge_cause(client, judge, "sessions.logout.ends-refresh", renewed, "invalid-refresh-token", "its refresh token")


def _judge_user(client: ApiClient, judge: Judge, exchange: Exchange) -> None:
    user = responses.data_at(exchange, "user")
    email = member(user, "email")
    judge.check(
        "sessions.login.user",
        isinstance(member(user, "id"), str) and isinstance(email, str) and _alike(email, user_of(client).email),
        expected=f"data.user with an id and the e-mail {user_of(client).email}",
        actual=user,
        evidence=exchange,
    )


def _judge_expiry(client: ApiClient, judge: Judge, exchange: Exchange) -> None:
    """By the server's own clock, where it tells it."""
    date = http_date(exchange.header("date"))
    now = time.time() if date is None else date.timestamp()
    expires = responses.data_at(exchange, "expires_at")
    whole = responses.is_integer(expires)
    lifetime = client.contract.extension("x-rest-tokens")["access"]["lifetime"]
    # Milliseconds would lie tens of thousands of years ahead.
    furthest = now * 2
    judge.check(
        "sessions.login.expires-at",
        whole and now < expires < furthest,
        expected="a Unix time in whole seconds that lies in the future",
        actual=expires,
        evidence=exchange,
    )
    if whole:
        judge.observe(
            "sessions.access.lifetime", f"{expires - now:.0f} s, {lifetime} s in the contract", evidence=exchange
        )


def _claims(token: str) -> dict[str, Any] | None:
    """What a JSON Web Token (RFC 7519) says; None when the token is none."""
    parts = token.split(".")
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError):
        return None
    return payload if isinstance(payload, dict) and len(parts) == 3 else None


def _alike(one: str, other: str) -> bool:
    """A server may write an e-mail in the case in which it was registered."""
    return one.casefold() == other.casefold()
