"""The session cookie: what is accepted in it, and who is let in without one."""

from __future__ import annotations

from twosignal_conformance.apis.dashboard.checks import (
    ApiClient,
    Desk,
    Exchange,
    Judge,
    Key,
    TestData,
    covers,
    people,
    procedures,
    rest,
)
from twosignal_conformance.apis.dashboard.checks.people import Person
from twosignal_conformance.apis.dashboard.options import USER
from twosignal_conformance.engine.api_client import Headers

_USER = (USER.flag,)

_PIECES = 3


def _ask(client: ApiClient, headers: Headers) -> Exchange:
    """The caller's organizations, with this cookie."""
    return procedures.call(client, "organization.list", key=Key.NONE, headers=dict(headers))


def _signed_in(desk: Desk) -> Person:
    """A session of its own; the check ends here when there is none."""
    exchange = people.log_in(desk.client, USER.flag)
    found = people.person_of(desk.client, exchange, USER.flag)
    return desk.need(found, f"the sign-in was answered with {exchange.status}")


@covers("sessions.cookie.missing", "sessions.cookie.unknown-token")
def test_nobody_gets_in_without_a_session(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Without a cookie, and with one whose token was never issued."""
    desk = Desk(client, judge, data)
    for clause, key, cause, what in (
        ("sessions.cookie.missing", Key.NONE, "missing-session", "a call without a cookie"),
        ("sessions.cookie.unknown-token", Key.NEVER_ISSUED, "invalid-session", "a token that was never issued"),
    ):
        exchange = procedures.call(client, "organization.list", key=key)
        status = client.contract.error(cause).status
        desk.check(clause, exchange.status == status, f"status {status} for {what}", exchange.status, exchange)


@covers("sessions.cookie.accepted", "sessions.token.refreshed-accepted", "sessions.cookie.logged-out", needs=_USER)
def test_a_session_lives_from_its_login_over_its_refresh_to_its_logout(
    client: ApiClient, judge: Judge, data: TestData
) -> None:
    """A second sign-in, whose session is asked with, refreshed, asked with again, and ended."""
    desk = Desk(client, judge, data)
    first = _signed_in(desk)
    exchange = _ask(client, first.headers)
    desk.check_ok("sessions.cookie.accepted", exchange, "a call with the access token of a login")
    renewed = rest.call(client, "refreshSession", json={"refresh_token": first.session.get("refresh_token")})
    second = people.person_of(client, renewed, USER.flag)
    second = desk.need(second, f"the refresh was answered with {renewed.status}")
    exchange = _ask(client, second.headers)
    desk.check_ok("sessions.token.refreshed-accepted", exchange, "a call with the access token of a refresh")
    ended = rest.call(client, "logout", second.access)
    judge.require(ended.ok, f"the logout was answered with {ended.status}")
    exchange = _ask(client, second.headers)
    status = client.contract.error("invalid-session").status
    rest.call(client, "logout", first.access)  # where a refresh leaves the old access token as it was
    if not desk.call("organization.list").ok:
        people.renew(client)
    desk.check("sessions.cookie.logged-out", exchange.status == status, f"status {status}", exchange.status, exchange)


@covers(
    "sessions.cookie.raw-json",
    "sessions.cookie.pieces",
    "sessions.cookie.any-name",
    "sessions.cookie.token-decides",
    needs=_USER,
)
def test_the_cookie_is_read_as_the_clients_write_it(client: ApiClient, judge: Judge, data: TestData) -> None:
    """As raw JSON, in pieces, under another name, and with a token alone beside lies."""
    desk = Desk(client, judge, data)
    own = people.main(client)
    sent = people.cookie(client, own.session, own.project_ref)
    exchange = _ask(client, sent)
    raw = desk.check_ok("sessions.cookie.raw-json", exchange, "a call with the cookie as raw JSON")
    form = people.RAW if raw else client.once(people.form_of)[0]
    pieces = people.cookie(client, own.session, own.project_ref, form=form, pieces=_PIECES)
    exchange = _ask(client, pieces)
    desk.check_ok("sessions.cookie.pieces", exchange, f"a call with the cookie in {_PIECES} pieces")
    for reference in (data.tag("ref"), ""):
        exchange = _ask(client, people.cookie(client, own.session, reference, form=form))
        desk.check_ok("sessions.cookie.any-name", exchange, f"a cookie with the project_ref {reference!r}")
    lies = own.session | {"expires_at": 1, "user": {"id": data.id(), "email": data.email()}}
    exchange = _ask(client, people.cookie(client, lies, own.project_ref, form=form))
    desk.check_ok("sessions.cookie.token-decides", exchange, "a cookie with another user and an expiry in the past")


@covers("sessions.cookie.api-key")
def test_an_api_key_is_no_access_token(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The key of the shared project in the place of the token."""
    desk = Desk(client, judge, data)
    api_key = desk.stage.api_key
    judge.require(api_key, "the run has no API key")
    exchange = _ask(client, people.cookie(client, {"access_token": api_key}))
    status = client.contract.error("invalid-session").status
    desk.check("sessions.cookie.api-key", exchange.status == status, f"status {status}", exchange.status, exchange)
