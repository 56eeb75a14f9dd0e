"""Careful clients with habits of their own, all of them legal: the judge must fail none."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from tests.conformance.clients.broken.careful import Careful, Json, RefusedError
from tests.conformance.clients.broken.contract import Operation
from tests.conformance.clients.broken.transport import Request, Response

_THREADS = 4


class OneByOne(Careful):
    """Sends every event alone, and goes on with the others when one is refused."""

    def ingest(self, events: list[Json]) -> int:
        accepted, refusals = 0, []
        for event in events:
            try:
                accepted += self.send([event])
            except RefusedError as error:
                refusals.append(error)
        if refusals:
            raise refusals[0]
        return accepted


class ManyAtOnce(Careful):
    """Sends small batches side by side."""

    def ingest(self, events: list[Json]) -> int:
        batches = [events[start : start + 2] for start in range(0, len(events), 2)]
        with ThreadPoolExecutor(_THREADS) as pool:
            return sum(pool.map(self.send, batches))


class ChildrenFirst(Careful):
    """Sends spans as they end: children before their parents, and all before their trace."""

    def trace(self, trace: Json) -> Iterator[Json]:
        yield from reversed(list(super().trace(trace)))


class WaitsLonger(Careful):
    """Waits a second more than it must."""

    def after_failure(self, failures: int) -> float | None:
        wait = super().after_failure(failures)
        return None if wait is None else wait + 1

    def after_limit(self, response: Response, limits: int) -> float | None:
        wait = super().after_limit(response, limits)
        return None if wait is None else wait + 1


class WritesTimesOtherwise(Careful):
    """Writes times with microseconds and +00:00."""

    def now(self) -> str:
        return datetime.now(UTC).isoformat()


class WritesHeadersOtherwise(Careful):
    """Names the charset of its JSON, and says who it is."""

    def headers(self, operation: Operation, body: Json) -> dict[str, str]:
        named = {name.lower(): value for name, value in super().headers(operation, body).items()}
        kind = {"content-type": "application/json; charset=utf-8"} if "content-type" in named else {}
        return {"User-Agent": "odd/1.0", "X-Request-Id": "7"} | named | kind


class SaysEverything(Careful):
    """Sends all that it could say, also what is nothing."""

    def event(self, kind: str, body: Json) -> Json:
        nothing = ("metadata", "endTime", *(() if kind == "trace-create" else ("model", "usage", "parentSpanId")))
        return super().event(kind, {**dict.fromkeys(nothing), **body, "vendor": {"sdk": "odd"}})


class OneBudget(Careful):
    """Has one number of retries for a request, whatever it met."""

    def attempt(self, request: Request) -> Response:
        self.retries = 0
        return super().attempt(request)

    def after_failure(self, failures: int) -> float | None:
        return self.budgeted(super().after_failure(failures))

    def after_limit(self, response: Response, limits: int) -> float | None:
        return self.budgeted(super().after_limit(response, limits))

    def budgeted(self, wait: float | None) -> float | None:
        """The wait, or none when all retries are used up."""
        self.retries += 1
        return wait if self.retries <= len(self.contract.delays) else None


class CountsItsIds(Careful):
    """Has ids that are no UUIDs."""

    numbers = itertools.count(1)

    def event(self, kind: str, body: Json) -> Json:
        return super().event(kind, body) | {"id": f"event-{next(self.numbers)}"}


ODDITIES: dict[str, type[Careful]] = {
    "one-by-one": OneByOne,
    "many-at-once": ManyAtOnce,
    "children-first": ChildrenFirst,
    "waits-longer": WaitsLonger,
    "writes-times-otherwise": WritesTimesOtherwise,
    "writes-headers-otherwise": WritesHeadersOtherwise,
    "says-everything": SaysEverything,
    "counts-its-ids": CountsItsIds,
    "one-budget": OneBudget,
}

SCENARIOS = (
    "emit",
    "429-seconds",
    "429-date",
    "429-reset",
    "429-epoch",
    "429-then-503",
    "500-once",
    "503-slow",
    "503-persistent",
    "413-split",
    "400-never",
    "lost-response",
    "truncated-response",
    "slow-response",
    "clock-skew",
    "shutdown",
)
"""Where habits of sending show."""
