"""How much goes into one request. Numbers are x-payload-limit of the operations.

A body between the size that every server accepts and the one that every server refuses is not held against a client:
the documentation's "5 MB" can be read as either.
"""

from __future__ import annotations

from collections.abc import Iterator

from twosignal_conformance.clients._case import Case, Rules, Saying, each
from twosignal_conformance.clients._chains import Link

RULES = Rules()

SIZES = {
    "ingestTraces": "client.batch.max-bytes",
    "ingestOtlpTraces": "client.otlp.max-bytes",
    "createScore": "client.scores.max-bytes",
    "routeModel": "client.routing.max-bytes",
}
"""Operation to the clause about the size of its body."""


@RULES.decide(*SIZES.values())
def sizes(case: Case) -> Iterator[Saying]:
    """No body is larger than every server must accept."""
    for operation, clause in SIZES.items():
        most = case.law.payload_limits[operation].refused_above

        def too_large(link: Link, most: int = most) -> str:
            return f"{link.attempt.size:,} bytes" if link.attempt.size > most else ""

        yield from each(clause, f"at most {most:,} bytes", case.of(operation), too_large)


@RULES.decide("client.batch.max-events")
def events(case: Case) -> Iterator[Saying]:
    """No batch holds more events than is documented."""
    for operation, limit in case.law.payload_limits.items():
        if limit.events is None:
            continue
        most = limit.events

        def too_many(link: Link, most: int = most) -> str:
            count = len(link.attempt.events) or len(link.attempt.keys)
            return f"{count:,} events" if count > most else ""

        yield from each("client.batch.max-events", f"at most {most:,} events", case.of(operation), too_many)
