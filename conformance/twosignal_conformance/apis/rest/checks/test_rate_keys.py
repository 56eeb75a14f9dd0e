"""For whom the rate limit holds: each key for itself, not for refused requests, not for those without a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, Key, TestData, covers
from twosignal_conformance.apis.rest.checks.bursts import LONGEST, be_quiet, limited
from twosignal_conformance.apis.rest.checks.group import Group

_TIMES = 2
"""Times the plan's rate that are sent by the one who uses the limit up."""

_WANTED = 3
"""Refused writes after which there is enough to look at."""

_MOST_WRITES = 20
_PAUSE = 0.05
"""Writes that are tried, and seconds between them."""

_MOST = 1_000
"""Requests that are sent to learn what is only observed."""


@dataclass
class Bystander:
    """Who writes, and reads with another key, while a burst uses the limit up."""

    refused: dict[str, Exchange] = field(default_factory=dict)
    """Writes that were refused, by the id of their trace."""
    other: list[Exchange] = field(default_factory=list)
    """What the other key was answered right after each of them."""


@covers("rate.refused.no-effect", "rate.key.own-limit", profile="standard", needs=("--allow-burst",))
def test_a_refused_request_has_no_effect_and_no_other_key_is_limited(
    client: ApiClient, judge: Judge, data: TestData
) -> None:
    """While a burst of one key is refused: writes with it, reads with the key of another project."""
    group = Group(client, judge, data, "refused")
    be_quiet(client)
    seen = Bystander()
    count = _TIMES * client.rate
    client.together(
        lambda: client.burst("listTraces", count, last=_seconds(client), query={"limit": 1}),
        partial(_stand_by, client, data, group, seen),
    )
    if not client.has(Key.OTHER):
        judge.untested("rate.key.own-limit", f"{Key.OTHER} was not given", remedy=f"give {Key.OTHER}")
    judge.require(seen.refused, "no request was refused during the burst")
    refused = [exchange for exchange in seen.other if limited(client, exchange)]
    if seen.other:
        judge.check(
            "rate.key.own-limit",
            not refused,
            expected="the other key is not limited",
            actual=f"{len(refused)} of {len(seen.other)} of its requests are refused",
            evidence=refused or seen.other[-1:],
        )
    stored = seen.refused.keys() & group.settled().rows.keys()
    judge.check(
        "rate.refused.no-effect",
        not stored,
        expected="no trace of a refused request in the list",
        actual=f"{len(stored)} of {len(seen.refused)} are there",
        evidence=[seen.refused[identifier] for identifier in sorted(stored)] or list(seen.refused.values())[-1:],
    )


@covers("rate.unkeyed.not-counted", "rate.sessions.unlimited", profile="standard", needs=("--allow-burst",))
def test_what_carries_no_key_is_not_counted(client: ApiClient, judge: Judge) -> None:
    """A burst without a key, then a request with one; and a burst of questions for health."""
    count = _TIMES * client.rate
    judge.require(count <= _MOST, f"the plan is too fast for it: {count:,} requests")
    be_quiet(client)
    unkeyed = client.burst("listTraces", count, last=_seconds(client), key=Key.NONE, query={"limit": 1})
    exchange = client.call("listTraces", query={"limit": 1}, patient=False)
    told = "counted" if limited(client, exchange) else "not counted"
    judge.observe("rate.unkeyed.not-counted", f"{told}, after {len(unkeyed)} of them", evidence=exchange)
    health = client.burst("getHealth", count, last=_seconds(client))
    refused = [exchange for exchange in health if limited(client, exchange)]
    judge.observe(
        "rate.sessions.unlimited",
        f"{len(refused)} of {len(health)} questions for health refused",
        evidence=refused or health[-1:],
    )


def _seconds(client: ApiClient) -> float:
    return LONGEST * client.contract.rate_limit.window


def _stand_by(client: ApiClient, data: TestData, group: Group, seen: Bystander) -> None:
    """Write until enough was refused; ask with the other key each time that something was."""
    for _ in range(_MOST_WRITES):
        trace = group.trace("write")
        exchange = client.attempt("ingestTraces", json=data.batch(trace), patient=False)
        if limited(client, exchange):
            seen.refused[trace["id"]] = exchange
            if client.has(Key.OTHER):
                seen.other.append(client.attempt("listTraces", key=Key.OTHER, query={"limit": 1}, patient=False))
        if len(seen.refused) >= _WANTED:
            return
        client.pause(_PAUSE)
