"""Sending again: how soon, how often, when never. Numbers are x-retry of the contract."""

from __future__ import annotations

from collections.abc import Iterator

from twosignal_conformance.clients import Case, Link, RuleResult, RuleTable, Wait, WaitKind

RULES = RuleTable()

_WAITS = {
    WaitKind.RATE_LIMIT: "client.retry.rate-limit-wait",
    WaitKind.RESET: "client.retry.rate-limit-reset",
    WaitKind.BACKOFF: "client.retry.backoff",
}
"""What asks for a wait to the clause that says how long."""

_AT_ONCE = 0.25
"""Seconds within which a request counts as sent at once: what a busy machine needs to send it."""

_AGAIN, _NETWORK = "client.retry.server-error-again", "client.retry.network-errors"
_UNCHANGED = "client.retry.payload-unchanged"


@RULES.covers(*_WAITS.values())
def waits(case: Case) -> Iterator[RuleResult]:
    """Each retry comes no sooner than the response before it asks for; later is always right."""
    for link in case.links:
        asked = link.before.wait if link.before is not None else None
        if asked is None or link.before is None or link.seen is None:
            continue
        holds = asked.kept(link.seen)
        expected = f"a wait of at least {asked.seconds:.2f} s after status {link.before.attempt.status}"
        seen = f"{link.seen:.2f} s"
        if case.skewed and asked.by_date:
            if not holds and _by_own_clock(asked, link.seen, case):
                title = "A wait that ends at a date is as long as by the client's own clock, not by the server's Date"
                yield RuleResult(
                    _WAITS[asked.kind], False, title, f"{expected}: {seen}", (link.before, link), (link,), finding=True
                )
            continue
        yield RuleResult(_WAITS[asked.kind], holds, expected, seen, (link.before, link), (link,))


@RULES.covers("client.retry.rate-limit-again", _AGAIN, "client.retry.most", _NETWORK)
def again(case: Case) -> Iterator[RuleResult]:
    """A passing failure is retried; after the last documented retry the client gives up."""
    retry = case.contract.retry
    for link in case.links:
        status = link.attempt.status
        repeated = bool(link.after)
        shown = (*_chain(link), *link.after[:1])
        if status in retry.wait_statuses:
            expected = f"sent again after status {status}"
            yield RuleResult("client.retry.rate-limit-again", repeated, expected, _sent(repeated), shown, _blame(link))
        elif status in retry.backoff_statuses and link.failures <= retry.most:
            expected = f"sent again after status {status}, retry {link.failures} of {retry.most}"
            yield RuleResult(_AGAIN, repeated, expected, _sent(repeated), shown, _blame(link))
        elif status in retry.backoff_statuses:
            expected = f"at most {retry.most} retries"
            yield RuleResult("client.retry.most", not repeated, expected, _retries(link), shown, tuple(link.after[:1]))
        elif status is None:
            yield RuleResult(_NETWORK, repeated, "sent again after a broken connection", _sent(repeated), shown)


@RULES.covers("client.retry.never", _UNCHANGED)
def never(case: Case) -> Iterator[RuleResult]:
    """A request that was refused for good is not sent again unchanged."""
    # The sizes that a server refuses are those of the operation; the status is that of the cause.
    too_large = case.contract.error("body-too-large").status
    for link in case.links:
        status = link.attempt.status
        # All of it again, alone or together with more; a part of it alone is another request.
        same = [row for row in link.after if row.items >= link.items]
        shown = (link, *same[:1])
        if status in case.contract.retry.never:
            expected = f"not sent again after status {status}"
            yield RuleResult("client.retry.never", not same, expected, _sent(bool(same)), shown, tuple(same[:1]))
        elif status == too_large:
            parts = [row for row in link.after if row not in same]
            expected = f"not sent again unchanged after status {status}"
            actual = f"sent in {len(parts)} parts" if parts and not same else _sent(bool(same))
            yield RuleResult(_UNCHANGED, not same, expected, actual, (link, *(same or parts)[:3]), tuple(same[:1]))


@RULES.covers("client.retry.same-ids")
def same_ids(case: Case) -> Iterator[RuleResult]:
    """An event that is sent again keeps its id and its body."""
    for link in case.links:
        if link.before is None or not link.attempt.events or not link.before.attempt.events:
            continue
        old = dict(zip(link.before.order, link.before.attempt.events, strict=True))
        new = zip(link.order, link.attempt.events, strict=True)
        pairs = [(old[item], event) for item, event in new if item in old]
        changed = [(was, now) for was, now in pairs if was != now]
        expected = "the same event ids and bodies as before"
        actual = "as before"
        if changed:
            was, now = changed[0]
            what = f"id {was.get('id')} became {now.get('id')}" if was.get("id") != now.get("id") else "another body"
            actual = f"{len(changed)} of {len(pairs)} events changed: {what}"
        yield RuleResult("client.retry.same-ids", not changed, expected, actual, (link.before, link), (link,))


def _by_own_clock(asked: Wait, seen: float, case: Case) -> bool:
    """True when a wait was as long as it is for a client that compares the date with its own clock, which is right.

    A client that keeps none of its waits reads no clock at all.
    """
    ahead = (case.scenario.setup.clock or 0.0) if case.scenario is not None else 0.0
    plain = [
        link.before.wait.kept(link.seen)
        for link in case.links
        if link.before is not None and link.before.wait is not None and link.seen is not None
        if not link.before.wait.by_date
    ]
    return abs(seen - max(0.0, asked.seconds + ahead)) <= _AT_ONCE and all(plain)


def _chain(link: Link) -> tuple[Link, ...]:
    """The attempt and those before it."""
    rows = [link]
    while rows[-1].before is not None:
        rows.append(rows[-1].before)
    return tuple(reversed(rows))


def _sent(repeated: bool) -> str:
    return "sent again" if repeated else "not sent again"


def _blame(link: Link) -> tuple[Link, ...]:
    """A request that was not sent again is itself what breaks the clause."""
    return () if link.after else (link,)


def _retries(link: Link) -> str:
    more = 0
    row = link
    while row.after:
        row = row.after[0]
        more += 1
    return f"{link.failures - 1 + more} retries"
