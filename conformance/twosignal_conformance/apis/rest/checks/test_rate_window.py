"""How exactly the rate limit of a key is kept: never too much within any window, never too little."""

from __future__ import annotations

import time

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, covers
from twosignal_conformance.apis.rest.checks.bursts import QUIET, be_quiet, excess, fastest, limited, plan_rate

_HOT, _STEP = 1.5, 0.05
"""Times the plan's rate that is sent, evenly, in steps of so many windows."""

_LASTS = 2.2
"""Windows for which that lasts: any fixed window ends within them and is seen to."""

_BEFORE, _AFTER = 0.35, 0.06
"""Windows before and after such an end at which the full rate is sent; the machine needs part of the first."""

_SURE = 0.1
"""Windows within which such an end must be known."""

_LIMIT = "rate.window.at-most"
_SLOW = "this machine and its way to the server are too slow to show it"
_QUIETER = "run where nothing else runs, near the server"

_CALM = 0.4
"""Of the plan's rate: below half, also with a step too many."""

_MOST = 200
"""Requests that show it."""


@covers(_LIMIT, "rate.refused.not-counted", profile="standard", needs=("--allow-burst",))
def test_two_windows_do_not_add_up(client: ApiClient, judge: Judge) -> None:
    """The full rate before the end of a fixed window and again after it, if the server counts in such windows."""
    window = client.contract.rate_limit.window
    be_quiet(client)
    exchanges = _send_evenly(client)
    rate = plan_rate(client, exchanges) or client.rate
    sent = fastest(client, exchanges)
    judge.require(
        any(limited(client, row) for row in exchanges), f"nothing was refused at {sent:,} requests in a window"
    )
    start = min(row.sent for row in exchanges)
    late = [row for row in exchanges if row.sent > start + (1 + _STEP) * window]
    passed = sum(row.ok for row in late)
    judge.observe(
        "rate.refused.not-counted",
        f"{'not counted' if passed else 'counted'}: {passed} of {len(late)} passed while it went on",
        evidence=late[-1:],
    )
    end, unsure = _resumption(client, exchanges)
    judge.require(end, "the refusals never ended")
    if unsure > _SURE * window:
        judge.untested(
            _LIMIT, f"{_SLOW}: the refusals ended at some time in {unsure / window:.2f} windows", remedy=_QUIETER
        )
        return
    # The window that is probed begins with one request of its own, for servers whose windows begin so.
    while end - window < time.monotonic() + QUIET * window:
        end += window
    offsets = [(_STEP - 1) * window, *[-_BEFORE * window] * rate, *[_AFTER * window] * rate]
    probes = client.burst("listTraces", offsets=offsets, start=end, last=window, query={"limit": 1})
    over = excess(client, [row for row in probes if row.ok], rate)
    judge.require(over or plan_rate(client, probes), "the plan of the project is not known")
    if not over and not excess(client, _passing_fixed_windows(probes, end - unsure, end, rate), rate):
        speed = f"{fastest(client, probes):,} requests in a window, the plan {rate:,}"
        judge.untested(_LIMIT, f"{_SLOW}: {speed}", remedy=_QUIETER)
        return
    judge.check(
        _LIMIT,
        over is None,
        expected=f"at most {rate:,} requests pass in a window",
        actual=f"{over[0]:,} in {over[1]:.2f} windows" if over else "not more",
        evidence=probes[-1:],
    )


@covers("rate.window.below", profile="standard", needs=("--allow-burst",))
def test_a_calm_key_is_not_limited(client: ApiClient, judge: Judge) -> None:
    """Less than half of the plan's rate for two windows."""
    window = client.contract.rate_limit.window
    be_quiet(client)
    count = min(_MOST, int(2 * _CALM * client.rate))
    start = time.monotonic()
    exchanges = []
    for number in range(count):
        client.pause(start + number * window / (_CALM * client.rate) - time.monotonic())
        exchanges.append(client.call("listTraces", query={"limit": 1}, patient=False))
    refused = [exchange for exchange in exchanges if limited(client, exchange)]
    judge.check(
        "rate.window.below",
        not refused,
        expected=f"no refusal of {count} requests at {_CALM:.0%} of the rate",
        actual=f"{len(refused)} refusals",
        evidence=refused or exchanges[-1:],
    )


def _send_evenly(client: ApiClient) -> list[Exchange]:
    """More than the plan allows, in small steps, until any window has ended."""
    window = client.contract.rate_limit.window
    share = max(1, round(_HOT * _STEP * client.rate))
    offsets = [number * _STEP * window for number in range(round(_LASTS / _STEP)) for _ in range(share)]
    return client.burst("listTraces", offsets=offsets, last=2 * _LASTS * window, query={"limit": 1})


def _resumption(client: ApiClient, exchanges: list[Exchange]) -> tuple[float, float]:
    """When, on the monotonic clock, a request passed again after the longest run of refusals, and how unsure that is.

    Zero when none did. The end of a fixed window lies between the last refusal that was sent and the first response;
    what every request takes on its way is no part of that, for probes take it as well.
    """
    longest, found, unsure = 0.0, 0.0, 0.0
    since = last = None
    for exchange in sorted(exchanges, key=lambda row: row.sent):
        if limited(client, exchange):
            since, last = since or exchange.sent, exchange.sent
        elif since and last:
            if exchange.sent - since > longest:
                longest, found = exchange.sent - since, exchange.sent
                unsure = exchange.answered - last - _distance(exchanges)
            since = None
    return found, unsure


def _distance(exchanges: list[Exchange]) -> float:
    """Seconds that every one of them takes at least."""
    return min(row.seconds for row in exchanges)


def _passing_fixed_windows(probes: list[Exchange], earliest: float, end: float, rate: int) -> list[Exchange]:
    """The probes that a server with fixed windows, one of which ends between these times, would surely let pass."""
    ordered = sorted(probes, key=lambda row: row.sent)
    distance = _distance(ordered)
    before = [row for row in ordered if row.answered - distance < earliest]
    after = [row for row in ordered if row.sent > end]
    return before[:rate] + after[:rate]
