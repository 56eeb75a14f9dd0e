"""How much goes into one request, and what becomes of it: nothing lost, nothing doubled.

Sizes are x-payload-limit of the operations. A body between the size that every server accepts and the one that every
server refuses is not held against a client: the documentation's "5 MB" can be read as either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from twosignal_conformance.apis.rest.clients._recording import emitted
from twosignal_conformance.clients import Case, Link, RuleResult, RuleTable, each

RULES = RuleTable()

SIZES = {
    "ingestTraces": "client.batch.max-bytes",
    "ingestOtlpTraces": "client.otlp.max-bytes",
    "createScore": "client.scores.max-bytes",
    "routeModel": "client.routing.max-bytes",
}
"""Operation to the clause about the size of its body."""


@RULES.covers(*SIZES.values())
def sizes(case: Case) -> Iterator[RuleResult]:
    """No body is larger than every server must accept."""
    for operation, clause in SIZES.items():
        most = case.contract.payload_limits[operation].refused_above

        def too_large(link: Link, most: int = most) -> str:
            return f"{link.attempt.size:,} bytes" if link.attempt.size > most else ""

        yield from each(clause, f"at most {most:,} bytes", case.of(operation), too_large)


@RULES.covers("client.batch.max-events")
def events(case: Case) -> Iterator[RuleResult]:
    """No batch holds more events than is documented."""
    for operation, limit in case.contract.payload_limits.items():
        if limit.events is None:
            continue
        most = limit.events

        def too_many(link: Link, most: int = most) -> str:
            return f"{link.attempt.count:,} events" if link.attempt.count > most else ""

        counted = [link for link in case.of(operation) if link.attempt.count or not link.attempt.cut]
        yield from each("client.batch.max-events", f"at most {most:,} events", counted, too_many)


_FEW = 5
"""Names that a message lists."""


@RULES.covers("client.delivery.nothing-lost", "client.delivery.shutdown")
def nothing_lost(case: Case) -> Iterator[RuleResult]:
    """Every trace and span that the client was given is stored at the end."""
    wanted = emitted(case.scenario)
    if case.scenario is None or not wanted or not case.scenario.delivers:
        return
    lost = [*(wanted - _stored(case) - _refused_alone(case))]
    expected = f"{wanted.total()} traces and spans stored"
    actual = f"{len(lost)} lost: {_listed(lost)}" if lost else "all of them"
    # Of a client that sends while its program goes on, the same shows that it sends the rest when the program ends.
    for clause in ("client.delivery.nothing-lost", *({"client.delivery.shutdown"} & {*case.scenario.clauses})):
        yield RuleResult(clause, not lost, expected, actual, case.links)


@RULES.covers("client.delivery.not-doubled")
def not_doubled(case: Case) -> Iterator[RuleResult]:
    """Nothing is stored twice."""
    repeated = [link for link in case.links if link.before is not None]
    wanted = emitted(case.scenario)
    if not wanted or not repeated:
        return
    stored = _stored(case)
    doubled = [name for name in wanted if stored[name] > wanted[name]]
    actual = f"{len(doubled)} doubled: {_listed(doubled)}" if doubled else "nothing doubled"
    yield RuleResult("client.delivery.not-doubled", not doubled, "each trace and span stored once", actual, case.links)


def _refused_alone(case: Case) -> Counter[tuple[str, str]]:
    """What was refused as too large in a request of its own, which cannot be split."""
    too_large = case.contract.error("body-too-large").status
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
