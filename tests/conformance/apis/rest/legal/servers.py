"""The odd but legal servers, one row each: what is odd, and what makes it so. None may be failed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.apis.rest.broken.combinators import after, refuse
from tests.conformance.apis.rest.broken.messages import CONTRACT, Behaviour, behave
from tests.conformance.apis.rest.legal import behaviours as odd
from tests.conformance.apis.rest.legal import intermediaries as between


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
    hints: bool = False
    """Early hints (RFC 8297) come before each response."""
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
    Legal("opaque cursors", "Cursors are long random texts, other ones each time.", odd.cursors(odd.opaque)),
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
    Legal("slow answers", "Every response takes its time.", between.slow),
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
    Legal("gateway", "HTTP that a gateway does not take is answered with its pages.", between.gateway),
    Legal(
        "passing errors", "A request in forty meets a 500, 502 or 503 once.", between.passing(500, 502, 503, every=40)
    ),
    Legal("late gateway", "A request in forty meets a 504.", between.passing(504, every=40)),
    Legal("unknown fields", "Objects have undocumented members of every type.", odd.rewritten(odd.strange)),
    Legal("sorted keys", "Members of objects stand by the alphabet.", odd.rewritten(odd.ordered)),
    Legal("explained errors", "Errors have long messages, and members beside them.", after(odd.explained)),
    Legal(
        "microseconds",
        "Timestamps have six digits and Z.",
        odd.timed(lambda at: at.isoformat(timespec="microseconds").replace("+00:00", "Z")),
    ),
    Legal(
        "short fractions",
        "Timestamps have as many digits as they need.",
        odd.timed(
            lambda at: f"{at.isoformat(timespec='microseconds').removesuffix('+00:00').rstrip('0').rstrip('.')}Z"
        ),
    ),
    Legal("long cursors", "Cursors have three thousand characters.", odd.cursors(lambda number: f"{number:03000}")),
    Legal("short cursors", "Cursors are small numbers, as texts.", odd.cursors(str)),
    Legal("late pages", "What is accepted shows in no page for a moment.", odd.late),
    Legal("small exponents", "Costs have exponents with a small letter.", odd.cost(lambda cost: f"{cost:e}")),
    Legal("slashes", "Slashes in JSON are escaped.", odd.text(lambda value: json.dumps(value).replace("/", "\\/"))),
    Legal("white space", "JSON has blank lines around it.", odd.text(lambda value: f"\r\n {json.dumps(value)}\t\n")),
    Legal("throttled logins", "Every third login is refused for its rate.", between.throttled_sign_in),
    Legal("slow logins", "A password is looked at with care.", between.slow_sign_in),
    Legal("cold start", "The first response takes seconds.", between.cold),
    Legal("unsteady", "Some responses take their time.", between.unsteady),
    Legal("more headers", "Responses have headers of an edge and of a cache.", after(between.more_headers)),
    Legal("capital headers", "Names of headers are in capitals.", after(between.capital_headers)),
    Legal("compressed", "Responses are compressed.", after(between.compressed)),
    Legal("undated", "Responses have no Date.", after(between.undated)),
    Legal("edge", "A request in forty meets a 520, 522 or 524 of an edge.", between.passing(520, 522, 524, every=40)),
    Legal(
        "own notes",
        "A request in forty meets a 502 or 503 in the gateway's own JSON.",
        between.passing(502, 503, every=40, answer=between.note),
    ),
    Legal(
        "dated waits",
        "A request in forty meets a 503 whose Retry-After is a date.",
        between.passing(503, every=40, answer=between.back_soon),
    ),
    Legal("early hints", "Each response is announced by a 103.", hints=True),
    Legal("chunked", "Answers come in chunks, without Content-Length.", chunked=True),
    Legal("no keep-alive", "Each response ends its connection.", close=True),
)

SERVERS = (*ODD, *DIALECTS)
