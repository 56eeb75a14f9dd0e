"""Refreshing a session: both tokens are new each time, a refresh token is good for once. Needs somebody to sign in."""

from __future__ import annotations

from functools import partial

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.judging import judge_cause, judge_status
from twosignal_conformance.apis.rest.checks.sessions import Tokens, judge_session, refresh, sign_in

_USER = ("--user",)

_AT_ONCE = 4
"""Refreshes with one token at the same time."""


@covers(
    "sessions.refresh.status",
    "sessions.refresh.answer",
    "sessions.refresh.rotates",
    "sessions.refresh.used",
    "sessions.refresh.new-access-token",
    "sessions.refresh.reuse-keeps-session",
    needs=_USER,
)
def test_a_refresh_gives_new_tokens_and_uses_the_old_one_up(client: ApiClient, judge: Judge) -> None:
    """A refresh, the used token again, then another refresh with the new one; at last the newest token signs out."""
    first = sign_in(client, judge)
    exchange = refresh(client, first.refresh)
    judge_status(judge, "sessions.refresh.status", exchange, client.contract.operation("refreshSession").success)
    access = responses.data_at(exchange, "access_token")
    if not (exchange.ok and isinstance(access, str)):
        judge.check(
            "sessions.refresh.new-access-token",
            False,
            expected="a new access token",
            actual=f"status {exchange.status}: {exchange.text}",
            evidence=exchange,
        )
    judge.require(exchange.ok, f"the refresh was answered with {exchange.status}")
    judge_session(client, judge, "sessions.refresh.answer", exchange)
    second = Tokens.of(judge, exchange)
    kept = [name for name in ("access", "refresh") if getattr(first, name) == getattr(second, name)]
    judge.check(
        "sessions.refresh.rotates",
        not kept,
        expected="a new access token and a new refresh token",
        actual=f"the same {' and '.join(kept)} token" if kept else "both are new",
        evidence=(first.exchange, exchange),
    )
    if second.refresh != first.refresh:
        again = refresh(client, first.refresh)
        judge_cause(client, judge, "sessions.refresh.used", again, "invalid-refresh-token", "a token that was used")
        later = refresh(client, second.refresh)
        judge.observe("sessions.refresh.reuse-keeps-session", f"status {later.status} of the session", evidence=later)
        # Where the reuse of a token ended the session, a refreshed token is tried in a session of its own.
        exchange = later if later.ok else refresh(client, sign_in(client, judge).refresh)
    _judge_works(client, judge, Tokens.of(judge, exchange))


@covers("sessions.refresh.invalid", "sessions.refresh.missing")
def test_a_refresh_needs_its_token(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One that was never issued, and none; nobody has to sign in for that."""
    exchange = refresh(client, f"never-issued-{data.hex(32)}")
    what = "a refresh token that was never issued"
    judge_cause(client, judge, "sessions.refresh.invalid", exchange, "invalid-refresh-token", what)
    exchange = client.call("refreshSession", json={})
    judge_cause(client, judge, "sessions.refresh.missing", exchange, "invalid-value", "a refresh without a token")


@covers("sessions.refresh.concurrent", profile="standard", needs=_USER)
def test_refreshes_at_the_same_time(client: ApiClient, judge: Judge) -> None:
    """Several with one token."""
    tokens = sign_in(client, judge)
    exchanges = client.together(*(partial(refresh, client, tokens.refresh) for _ in range(_AT_ONCE)))
    succeeded = sum(exchange.ok for exchange in exchanges)
    judge.observe("sessions.refresh.concurrent", f"{succeeded} of {_AT_ONCE} succeeded", evidence=exchanges)


def _judge_works(client: ApiClient, judge: Judge, tokens: Tokens) -> None:
    """The one thing that an access token is good for is to sign out, which a fresh sign-in shows to work at all."""
    exchange = client.call("logout", token=tokens.access)
    if not exchange.ok:
        usual = client.call("logout", token=sign_in(client, judge).access)
        judge.require(usual.ok, f"no access token can sign out: status {usual.status}")
    judge.check(
        "sessions.refresh.new-access-token",
        exchange.ok,
        expected="an access token that can sign out",
        actual=f"status {exchange.status}",
        evidence=(tokens.exchange, exchange),
    )
