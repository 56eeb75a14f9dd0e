"""The rate limit of a key: a burst meets it, the refusal says how long to wait, and then the key works again.

Only with --allow-burst. Whether it is exact is judged in `test_rate_window`, for whom it holds in `test_rate_keys`.
"""

from __future__ import annotations

import time

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, covers, responses
from twosignal_conformance.apis.rest.checks.bursts import ENOUGH, be_quiet, burst, excess, fastest, limited, plan_rate
from twosignal_conformance.engine.api_client import retry_after, seconds_until

_TIMES = 3
"""Times the plan's rate: the burst of the clause rate.burst.refused."""

_LONGEST = 60.0
"""Seconds for which a header is believed."""

_MARGIN = 0.05
"""Seconds beyond what a header asks for: clocks have grains."""

_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 1e9, 1e12


@covers(
    "rate.burst.refused",
    "rate.refused.retry-after",
    "rate.refused.retry-after-seconds",
    "rate.refused.code",
    "rate.refused.reset-header",
    "rate.refused.limit-headers",
    "rate.reset.seconds-from-now",
    "rate.refused.recovers",
    "rate.window.at-most",
    needs=("--allow-burst",),
)
def test_a_burst_is_refused_and_the_key_recovers(client: ApiClient, judge: Judge) -> None:
    """Three times the plan's rate at once, then one request after the wait."""
    be_quiet(client)
    exchanges = burst(client, _TIMES, judge)
    refused = sorted((row for row in exchanges if limited(client, row)), key=lambda row: row.answered)
    if not _judge_refused(client, judge, exchanges, refused):
        return
    _judge_recovery(client, judge, refused[-1])
    _judge_retry_after(client, judge, refused)
    _judge_headers(client, judge, refused)
    codes = client.contract.dialect("rate-limit-code").choices
    for exchange in refused:
        error = responses.error_of(client, exchange)
        if error is not None:
            judge.check(
                "rate.refused.code",
                error.code in codes,
                expected=" or ".join(codes),
                actual=error.code,
                evidence=exchange,
            )


@covers("rate.headers.always", profile="standard")
def test_answers_tell_the_state_of_the_limit(client: ApiClient, judge: Judge) -> None:
    """A success and a refusal that has nothing to do with rates."""
    names = _rate_headers(client)
    beyond = client.contract.parameter("listTraces", "limit").minimum - 1
    for limit in (1, beyond):
        exchange = client.call("listTraces", query={"limit": limit})
        missing = [name for name in names if exchange.header(name) is None]
        judge.check(
            "rate.headers.always",
            not missing,
            expected=f"{', '.join(names)} on a {exchange.status}",
            actual=f"without {', '.join(missing)}",
            evidence=exchange,
        )


@covers(
    "rate.plan.free",
    "rate.plan.pro",
    "rate.plan.team",
    "rate.plan.enterprise",
    profile="standard",
    needs=("--allow-burst", "--plan"),
)
def test_the_plan_allows_its_rate(client: ApiClient, judge: Judge) -> None:
    """As many requests at once as the plan of the run allows in a window, after none."""
    plan = client.settings.plan
    for name in client.contract.plans:
        if name != plan:
            judge.untested(
                f"rate.plan.{name}", f"the run is for the plan {plan}", remedy=f"judge a project of the plan {name}"
            )
    be_quiet(client)
    exchanges = burst(client, 1, judge)
    passed = sum(exchange.ok for exchange in exchanges)
    refused = [exchange for exchange in exchanges if limited(client, exchange)]
    judge.check(
        f"rate.plan.{plan}",
        passed >= ENOUGH * len(exchanges),
        expected=f"about {len(exchanges):,} of as many requests pass",
        actual=f"{passed:,} pass",
        evidence=refused,
    )


def _judge_refused(client: ApiClient, judge: Judge, exchanges: list[Exchange], refused: list[Exchange]) -> bool:
    """True when there is a refusal to look at. Without one, whether that is the server's fault."""
    rate, sent = plan_rate(client, exchanges), fastest(client, exchanges)
    if rate is None:
        remedy = "give --plan"
        judge.untested("rate.window.at-most", "the plan of the project is not known", remedy=remedy)
        if not refused:
            judge.untested("rate.burst.refused", f"{sent:,} requests passed, and the plan is not known", remedy=remedy)
    elif not refused and sent < _TIMES * rate:
        judge.untested("rate.burst.refused", f"this machine sent {sent:,} requests in a window, less than 3 x {rate:,}")
    else:
        judge.check(
            "rate.burst.refused",
            bool(refused),
            expected=f"a refusal among {len(exchanges):,} requests",
            actual=f"{len(refused):,} refusals",
            evidence=refused[:1] or exchanges[-1:],
        )
    if rate is not None:
        _judge_excess(client, judge, exchanges, rate)
    if rate is None and refused:
        judge.check(
            "rate.burst.refused",
            True,
            expected="a refusal",
            actual=f"{len(refused):,} refusals",
            evidence=refused[:1],
        )
    return bool(refused)


def _judge_excess(client: ApiClient, judge: Judge, exchanges: list[Exchange], rate: int) -> None:
    """Too many in a window break the limit; that not too many passed says nothing about the end of a fixed window."""
    if over := excess(client, [exchange for exchange in exchanges if exchange.ok], rate):
        judge.check(
            "rate.window.at-most",
            False,
            expected=f"at most {rate:,} requests pass in a window",
            actual=f"{over[0]:,} in {over[1]:.2f} windows",
            evidence=exchanges[-1:],
        )
    else:
        judge.untested(
            "rate.window.at-most",
            "one burst says nothing about servers that count in fixed windows",
        )


def _judge_recovery(client: ApiClient, judge: Judge, last: Exchange) -> None:
    """Wait as long as the last refusal says, from its response on."""
    wait = retry_after(last.header(client.contract.rate_limit.headers.retry_after))
    if wait is None or wait > _LONGEST:
        judge.untested("rate.refused.recovers", "Retry-After asks for no wait that this run can keep")
        return
    client.pause(last.answered + wait + _MARGIN - time.monotonic())
    exchange = client.call("listTraces", query={"limit": 1}, patient=False)
    judge.check(
        "rate.refused.recovers",
        exchange.ok,
        expected=f"a response {wait:g} s after the refusal",
        actual=f"status {exchange.status}",
        evidence=(last, exchange),
    )


def _judge_retry_after(client: ApiClient, judge: Judge, refused: list[Exchange]) -> None:
    name = client.contract.rate_limit.headers.retry_after
    for exchange in refused:
        value = exchange.header(name)
        told = "no such header" if value is None else value
        there = judge.check(
            "rate.refused.retry-after", value is not None, expected=name, actual=told, evidence=exchange
        )
        if there and value is not None:
            judge.check(
                "rate.refused.retry-after-seconds",
                value.isascii() and value.isdigit() and int(value) >= 1,
                expected="whole seconds, at least 1",
                actual=value,
                evidence=exchange,
            )


def _judge_headers(client: ApiClient, judge: Judge, refused: list[Exchange]) -> None:
    """Either all headers of the documentation, or Retry-After alone: both are documented."""
    limit, remaining, reset = _rate_headers(client)
    for exchange in refused:
        there = {name for name in (limit, remaining, reset) if exchange.header(name) is not None}
        if len(there) in (0, 3):
            client.dialects.note("rate-limit-headers", "all" if there else "retry-after")
        judge.check(
            "rate.refused.reset-header",
            reset in there or not there,
            expected=f"{reset}, or none of these headers",
            actual=f"only {', '.join(sorted(there))}",
            evidence=exchange,
        )
        judge.observe("rate.refused.limit-headers", ", ".join(sorted(there)) or "neither", evidence=exchange)
        value = exchange.header(reset)
        if value is None or seconds_until(value, None) is None:
            judge.observe("rate.reset.seconds-from-now", f"{reset} {value or 'is not there'}", evidence=exchange)
            continue
        kind = (
            "epoch-milliseconds"
            if float(value) >= _EPOCH_MILLISECONDS
            else "epoch-seconds"
            if float(value) >= _EPOCH_SECONDS
            else "seconds"
        )
        client.dialects.note("rate-limit-reset", kind)
        judge.observe("rate.reset.seconds-from-now", f"{kind} ({value})", evidence=exchange)


def _rate_headers(client: ApiClient) -> tuple[str, str, str]:
    names = client.contract.rate_limit.headers
    return names.limit, names.remaining, names.reset
