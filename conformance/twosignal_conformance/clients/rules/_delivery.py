"""What became of what the client was given: nothing lost, nothing doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from twosignal_conformance.clients._case import Case, Rules, Saying

RULES = Rules()

_FEW = 5
"""Names that a message lists."""


@RULES.decide("client.delivery.nothing-lost", "client.delivery.shutdown")
def nothing_lost(case: Case) -> Iterator[Saying]:
    """Every trace and span that the client took is stored at the end."""
    if case.scenario is None or not case.emitted or not case.scenario.delivers:
        return
    lost = [*(case.emitted - _stored(case) - _refused_alone(case))]
    expected = f"{case.emitted.total()} traces and spans stored"
    actual = f"{len(lost)} lost: {_listed(lost)}" if lost else "all of them"
    # A client that sends while its program goes on has all of it in its hands when the program ends.
    for clause in ("client.delivery.nothing-lost", *({"client.delivery.shutdown"} & {*case.scenario.clauses})):
        yield Saying(clause, not lost, expected, actual, case.links)


@RULES.decide("client.delivery.not-doubled")
def not_doubled(case: Case) -> Iterator[Saying]:
    """Nothing is stored twice."""
    repeated = [link for link in case.links if link.before is not None]
    if case.scenario is None or not case.emitted or not repeated:
        return
    stored = _stored(case)
    doubled = [name for name in case.emitted if stored[name] > case.emitted[name]]
    actual = f"{len(doubled)} doubled: {_listed(doubled)}" if doubled else "so it is"
    yield Saying("client.delivery.not-doubled", not doubled, "each trace and span stored once", actual, case.links)


def _refused_alone(case: Case) -> Counter[tuple[str, str]]:
    """What was refused as too large in a request of its own: there is nothing left to split."""
    too_large = case.law.error("body-too-large").status
    alone = [link.attempt.events for link in case.links if link.attempt.status == too_large]
    kinds = [(str(row[0].get("type")).partition("-")[0], row[0].get("body")) for row in alone if len(row) == 1]
    return Counter((kind, str(body.get("name"))) for kind, body in kinds if isinstance(body, dict))


def _stored(case: Case) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for trace in case.stored:
        found["trace", trace["name"]] += 1
        found.update(("span", span["name"]) for span in trace.get("spans", ()))
    return found


def _listed(names: list[tuple[str, str]]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(f"{kind} {name}" for kind, name in names[:_FEW]) + more
