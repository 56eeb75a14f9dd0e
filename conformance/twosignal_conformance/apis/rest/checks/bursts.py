"""What the checks of rate limits share: quiet before, counting after, and what this machine can show at all.

An exact sliding window lets N requests through in any window. One that is counted approximately, from the counts of
the last two fixed windows, lets N (1 + w) through within any w windows: nobody is failed for that.
"""

from __future__ import annotations

from collections.abc import Sequence

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge

QUIET = 2.2
"""Windows without a request, after which every way of counting starts from nothing."""

LONGEST = 2.0
"""Windows in which a burst is sent; a machine that is too slow for that gives up the rest."""

ENOUGH = 0.9
"""Of the plan's rate that must pass from a standing start: another user of the key does not count as a limit."""

_SLACK, _FEW = 1.1, 2
"""Beyond what an approximate counter lets through: races between its workers."""

_STARTS = 300
"""Most requests at which a dense stretch is looked for."""


def be_quiet(client: ApiClient) -> None:
    """Wait until nothing that was sent before counts."""
    client.pause(QUIET * client.contract.rate_limit.window)


def limited(client: ApiClient, exchange: Exchange) -> bool:
    """True when a request was refused for its rate."""
    return exchange.status == client.contract.error("rate-limit").status


def plan_rate(client: ApiClient, exchanges: Sequence[Exchange]) -> int | None:
    """The rate of the plan as --plan says, else as the limit header says it when that is one of the plans'; or None."""
    if client.has("--plan"):
        return client.rate
    shown = {exchange.header(client.contract.rate_limit.headers.limit) for exchange in exchanges}
    rates = [rate for rate in client.contract.plans.values() if str(rate) in shown]
    return rates[0] if len(set(rates)) == 1 else None


def fastest(client: ApiClient, exchanges: Sequence[Exchange]) -> int:
    """Most requests that the server surely had within one window: sent and answered in it."""
    window = client.contract.rate_limit.window
    rows = sorted((exchange.sent, exchange.answered) for exchange in exchanges)
    starts = _thinned([sent for sent, _ in rows])
    return max(
        (sum(start <= sent and answered <= start + window for sent, answered in rows) for start in starts), default=0
    )


def burst(client: ApiClient, windows: float, judge: Judge) -> list[Exchange]:
    """A burst of so many times the plan's rate; the check ends here when not even that rate could be exceeded."""
    first = [client.call("listTraces", query={"limit": 1}, patient=False)]
    rate = plan_rate(client, first) or client.rate
    seconds = LONGEST * client.contract.rate_limit.window
    exchanges = first + client.burst("listTraces", int(windows * rate), last=seconds, query={"limit": 1})
    sent = fastest(client, exchanges)
    judge.require(
        sent >= min(windows, 1) * ENOUGH * rate or any(limited(client, exchange) for exchange in exchanges),
        f"this machine and its way to the server manage about {sent:,} requests in a window, the plan {rate:,}",
    )
    return exchanges


def excess(client: ApiClient, passed: Sequence[Exchange], rate: int) -> tuple[int, float] | None:
    """A stretch in which more passed than even an approximate counter allows: their number and its length in windows.

    A request counts when it was sent after the stretch began and answered before it ended.
    """
    window = client.contract.rate_limit.window
    worst: tuple[float, int, float] = (0.0, 0, 0.0)
    for start in _thinned(sorted(exchange.sent for exchange in passed)):
        answered = sorted(exchange.answered for exchange in passed if exchange.sent >= start)
        for count, end in enumerate(answered, start=1):
            length = (end - start) / window
            if length > 1:
                break
            over = count - (rate * (1 + length) * _SLACK + _FEW)
            worst = max(worst, (over, count, length))
    return worst[1:] if worst[0] > 0 else None


def _thinned(values: Sequence[float]) -> Sequence[float]:
    return values[:: max(1, len(values) // _STARTS)]
