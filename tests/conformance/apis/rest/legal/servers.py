"""The odd but legal servers, one row each: what is odd, and what makes it so. None may be failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.apis.rest.broken.combinators import after, refuse
from tests.conformance.apis.rest.broken.messages import CONTRACT, Behaviour, behave
from tests.conformance.apis.rest.legal import behaviours as odd


@dataclass(frozen=True)
class Legal:
    """One server."""

    name: str
    says: str
    behaviour: Behaviour = behave
    mock: Mapping[str, Any] = field(default_factory=dict)
    """Options of the mock behind it."""
    chunked: bool = False
    close: bool = False
    limited: bool = False
    """Its oddity is about rates: it is judged with bursts, on the smallest plan."""
    own_limit: bool = False
    """Its limit is its own; the mock behind it has none that matters."""

    def __str__(self) -> str:
        return self.name


UNTESTABLE_DIALECTS = ("rule-priority", "api-key-prefix")
"""No response shows them."""

_RATES = ("rate-limit-code", "rate-limit-headers", "rate-limit-reset")

DIALECTS = tuple(
    Legal(
        f"dialect {name}={value}", dialect.values[value].says, mock={"dialect": {name: value}}, limited=name in _RATES
    )
    for name, dialect in CONTRACT.dialects.items()
    for value in dialect.values
    if value != dialect.canonical and name not in UNTESTABLE_DIALECTS
)

ODD = (
    Legal("plain", "The mock itself."),
    Legal("plain with bursts", "The mock itself, its limits judged too.", limited=True),
    Legal("key order", "Members of objects stand in the other order.", odd.rewritten(odd.turned)),
    Legal("extra fields", "Every object of a response has members that nobody documents.", odd.rewritten(odd.richer)),
    Legal("other words", "Messages are in other languages.", after(odd.other_words)),
    Legal("opaque cursors", "Cursors are long random texts, other ones each time.", odd.opaque),
    Legal(
        "fine clock",
        "Timestamps have six digits and +00:00.",
        odd.timed(lambda at: at.isoformat(timespec="microseconds")),
    ),
    Legal(
        "coarse clock",
        "Timestamps have whole seconds and +00:00.",
        odd.timed(lambda at: at.isoformat(timespec="seconds")),
    ),
    Legal("slow settling", "What is accepted shows most of a second later.", mock={"lag": 700}),
    Legal("replicas", "Every second page or so does not know the newest traces yet.", odd.replicas),
    Legal("slow answers", "Every response takes its time.", odd.slow),
    Legal("bare headers", "No header that may be left out.", after(odd.bare)),
    Legal("charset", "The media type has a parameter, and capitals.", after(odd.charset)),
    Legal("pretty", "JSON is indented.", odd.written(indent=4)),
    Legal("escapes", "JSON is plain ASCII.", odd.written(ensure_ascii=True)),
    Legal("retention", "Traces from before yesterday are hidden.", odd.retention),
    Legal("dates of creation", "startDate and endDate are compared with createdAt.", odd.by_creation),
    Legal(
        "approximate limit",
        "The limit is reckoned from two fixed windows.",
        odd.approximate,
        limited=True,
        own_limit=True,
    ),
    Legal("trailing zeros", "Costs have eight decimals.", odd.cost(lambda cost: f"{cost:.8f}")),
    Legal("exponents", "Costs have exponents.", odd.cost(lambda cost: f"{cost:E}")),
    Legal(
        "decimal sizes",
        "A body may have 1,000 bytes in a KB and no more.",
        refuse("body-too-large", None, odd.decimal_sizes),
    ),
    Legal("gateway", "HTTP that a gateway does not take is answered with its pages.", odd.gateway),
    Legal("passing errors", "A request in forty meets a 500, 502 or 503 once.", odd.passing(500, 502, 503, every=40)),
    Legal("late gateway", "A request in forty meets a 504.", odd.passing(504, every=40)),
    Legal("chunked", "Answers come in chunks, without Content-Length.", chunked=True),
    Legal("no keep-alive", "Each response ends its connection.", close=True),
)

SERVERS = (*ODD, *DIALECTS)
