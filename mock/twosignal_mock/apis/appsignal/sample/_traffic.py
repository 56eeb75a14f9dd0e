"""The traces of the sample: a shop with web requests and background jobs, and the service that bills its customers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from twosignal_mock.apis.appsignal.sample._messages import Message, exception, span, spans_export

_SERVER, _CLIENT, _PRODUCER, _CONSUMER = 2, 3, 4, 5
"""Kinds of spans as OpenTelemetry numbers them."""
SERVICES = ("shop", "billing")
"""One for each site."""
DEPLOYS = ("3f2a91c", "81d0c4e", "c55b7f0", "e90a23d")
"""Revisions, the oldest first; each was in use for a quarter of the day."""
REGIONS = ("eu-west", "us-east")
_PLANS = ("free", "pro")
_REPEATS = (5, 12)
"""How often a query is made for each row of another (N+1)."""


class Query(NamedTuple):
    """A query of a database, with literals that change."""

    name: str
    statement: str
    milliseconds: float
    repeated: bool = False


class Kind(NamedTuple):
    """What a service does for one kind of request or job."""

    namespace: str
    action: str
    weight: int
    milliseconds: float
    queries: tuple[Query, ...]
    fault: tuple[str, str, float] | None = None
    """Exception, message, and how often."""
    bills: bool = False
    """Calls the other service."""
    enqueues: bool = False
    """Leaves a job behind."""


_USER = Query("SELECT users", "SELECT * FROM users WHERE id = {}", 2)
_PRODUCTS = Query("SELECT products", "SELECT * FROM products WHERE category_id = {} LIMIT 20", 8)
_PRICE = Query("SELECT prices", "SELECT amount FROM prices WHERE product_id = {}", 1.5, repeated=True)
_REPORT = Query("SELECT orders", "SELECT day, sum(total) FROM orders WHERE day > {} GROUP BY day", 420)
_ORDER = Query("INSERT orders", "INSERT INTO orders (user_id, total) VALUES ({}, 19.9)", 6)

KINDS = (
    Kind("web", "GET /", 30, 45, (_USER,)),
    Kind("web", "GET /products", 35, 90, (_USER, _PRODUCTS, _PRICE)),
    Kind("web", "POST /orders", 15, 160, (_USER, _ORDER), ("PaymentError", "The card was declined", 0.08), True, True),
    Kind("web", "GET /reports", 4, 650, (_REPORT,), ("TimeoutError", "The report took too long", 0.15)),
    Kind("web", "POST /login", 10, 70, (_USER,), ("ValueError", "Unknown user", 0.03)),
    Kind("background", "CleanupJob", 6, 300, (_REPORT,), ("ConnectionError", "The database went away", 0.05)),
)
"""What the shop does unasked by itself, with how often."""
_MAIL = Kind("background", "MailJob", 0, 220, (_USER,), ("SMTPError", "Mailbox unavailable", 0.06))
_CHARGE = Kind("web", "POST /charges", 0, 110, (Query("INSERT charges", "INSERT INTO charges VALUES ({})", 9),))


class Finished(NamedTuple):
    """One call of a service, as its metrics count it."""

    site: int
    """0: the shop; 1: the billing service."""
    namespace: str
    action: str
    start: float
    milliseconds: float
    failed: bool


class Trace:
    """One trace with all that it leads to."""

    def __init__(self, random: Random, start: float, revision: str) -> None:
        """`start` in milliseconds since 1970."""
        self._random = random
        self._revision = revision
        self._id = f"{random.getrandbits(128) | 1:032x}"
        self._spans: tuple[list[Message], list[Message]] = ([], [])
        self.calls: list[Finished] = []
        """Of every service, in the order in which they were made."""
        (kind,) = random.choices(KINDS, [each.weight for each in KINDS])
        self._call(0, kind, "", start, _SERVER if kind.namespace == "web" else _CONSUMER)

    def exports(self) -> Iterator[tuple[int, Message]]:
        """The sites that the trace goes through, each with its spans."""
        for site, (service, spans) in enumerate(zip(SERVICES, self._spans, strict=True)):
            if spans:
                host = (
                    "worker-1" if self.calls[0].namespace == "background" else self._random.choice(("web-1", "web-2"))
                )
                resource = {"service.name": service, "host.name": host, "appsignal.config.revision": self._revision}
                yield site, spans_export(resource, "sample", spans)

    def _call(self, site: int, kind: Kind, parent: str, start: float, span_kind: int) -> float:
        """One call of a service, with what it does. Returns when it ends."""
        random, id_ = self._random, self._new_id()
        at = start + 1 + random.random()
        children = list(self._children(site, kind, id_, at))
        at = max([at, *(end for _, end in children)])
        fails = kind.fault is not None and random.random() < kind.fault[2]
        end = at + random.lognormvariate(0, 0.5) * kind.milliseconds * 0.4
        tags = {"appsignal.tag.region": random.choice(REGIONS), "appsignal.tag.plan": random.choice(_PLANS)}
        values: dict[str, str | int] = {"appsignal.namespace": kind.namespace, **tags}
        if span_kind == _SERVER:
            values["http.response.status_code"] = 500 if fails else 200
        message = span(self._id, id_, parent, kind.action, span_kind, start, end - start, values)
        if fails and kind.fault is not None:
            message["events"].append(exception(*kind.fault[:2], end))
            message["status"] = {"code": 2, "message": kind.fault[1]}
        self._spans[site].append(message)
        self.calls.append(Finished(site, kind.namespace, kind.action, start, end - start, fails))
        return end

    def _children(self, site: int, kind: Kind, parent: str, at: float) -> Iterator[tuple[str, float]]:
        """The queries of a call and the calls that it makes: an id and an end for each."""
        for query in kind.queries:
            times = self._random.randint(*_REPEATS) if query.repeated else 1
            for _ in range(times):
                at = self._query(site, query, parent, at)
                yield parent, at
        if kind.bills:
            id_ = self._new_id()
            end = self._call(1, _CHARGE, id_, at + 1, _SERVER) + 1
            self._spans[site].append(
                span(self._id, id_, parent, "POST", _CLIENT, at, end - at, {"server.address": "billing"})
            )
            at = end
            yield id_, end
        if kind.enqueues:
            id_ = self._new_id()
            self._spans[site].append(span(self._id, id_, parent, "mail publish", _PRODUCER, at, 1, {}))
            self._call(site, _MAIL, id_, at + 200, _CONSUMER)
            yield id_, at + 1

    def _query(self, site: int, query: Query, parent: str, at: float) -> float:
        duration = query.milliseconds * self._random.lognormvariate(0, 0.4)
        statement = query.statement.format(self._random.randrange(1, 5000))
        values: dict[str, str | int] = {"db.system": "postgresql", "db.statement": statement}
        self._spans[site].append(span(self._id, self._new_id(), parent, query.name, _CLIENT, at, duration, values))
        return at + duration

    def _new_id(self) -> str:
        return f"{self._random.getrandbits(64) | 1:016x}"


def revision_at(share: float) -> str:
    """The revision in use when so much of the day was over (0 to 1)."""
    return DEPLOYS[min(int(share * len(DEPLOYS)), len(DEPLOYS) - 1)]


def failures(calls: Sequence[Finished]) -> float:
    """The percentage of calls that failed."""
    return 100 * sum(call.failed for call in calls) / len(calls)
