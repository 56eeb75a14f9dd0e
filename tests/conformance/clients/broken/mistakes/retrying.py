"""Clients that send again too soon, too rarely, too often, or what they must not."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from http import HTTPStatus

from tests.conformance.clients.broken.careful import Careful
from tests.conformance.clients.broken.mistakes.mistake import Mistake
from tests.conformance.clients.broken.transport import Request, Response


class NeverAgain(Careful):
    """Gives up at the first failure of the server."""

    def after_failure(self, failures: int) -> float | None:  # noqa: ARG002
        return None


class TooSoon(Careful):
    """Waits half as long as it should."""

    def after_failure(self, failures: int) -> float | None:
        wait = super().after_failure(failures)
        return None if wait is None else wait / 2


class AlwaysAsSoon(Careful):
    """Waits each time as long as the first time."""

    def after_failure(self, failures: int) -> float | None:
        return None if super().after_failure(failures) is None else self.contract.delays[0]


class CountsFromTheRequest(Careful):
    """Lets its wait begin when it sends, so that a slow response is a part of it."""

    def pause(self, wait: float, began: float) -> None:
        time.sleep(max(0.0, wait - (time.monotonic() - began)))


class WaitsAMoment(Careful):
    """Waits next to nothing, whatever it is told."""

    def pause(self, wait: float, began: float) -> None:  # noqa: ARG002
        time.sleep(_MOMENT)


class Forever(Careful):
    """Goes on with the longest wait when the retries are used up; not for good, so that a run ends."""

    def after_failure(self, failures: int) -> float | None:
        last = len(self.contract.delays) - 1
        return None if failures > last + 1 else super().after_failure(min(failures, last))


class GivesUpAtTheLimit(Careful):
    """Takes the first 429 for the end."""

    def after_limit(self, response: Response, limits: int) -> float | None:  # noqa: ARG002
        return None


class IgnoresRetryAfter(Careful):
    """Takes a 429 for any other failure and waits what it always waits."""

    def after_limit(self, response: Response, limits: int) -> float | None:  # noqa: ARG002
        return self.contract.delays[min(limits, len(self.contract.delays) - 1)]


class ReadsSecondsOnly(Careful):
    """Does not know that Retry-After may be a date."""

    def until(self, date: str, response: Response) -> float:  # noqa: ARG002
        return 0.0


class IgnoresReset(Careful):
    """Does not read RateLimit-Reset, and waits what it always waits."""

    def until_reset(self, reset: float) -> float:  # noqa: ARG002
        return self.contract.delays[0]


class InsistsOn(Careful):
    """Sends again, once, what was refused for good."""

    status: HTTPStatus

    def failed(self, response: Response) -> bool:
        return super().failed(response) or response.status == self.status

    def after_failure(self, failures: int) -> float | None:
        return None if failures else super().after_failure(failures)


class InsistsOnBadRequests(InsistsOn):
    """Sends again what was refused as wrong."""

    status = HTTPStatus.BAD_REQUEST


class InsistsOnItsKey(InsistsOn):
    """Sends again what was refused for its key."""

    status = HTTPStatus.UNAUTHORIZED


class InsistsOnMissingThings(InsistsOn):
    """Sends again what names something that is not there."""

    status = HTTPStatus.NOT_FOUND


class PutsBadBatchesBack(InsistsOnBadRequests):
    """Puts what was refused as wrong back into its queue, and sends it together with what came meanwhile."""

    def again(self, request: Request, response: Response) -> Request:
        if request.operation != "ingestTraces" or response.status != self.status:
            return super().again(request, response)
        new = self.event("trace-create", {"id": str(uuid.uuid4()), "name": "meanwhile"})
        return replace(request, body=self.encode({"batch": [*request.json["batch"], new]}))


class NewEventIds(Careful):
    """Gives each event a new id when it sends it again."""

    def again(self, request: Request, response: Response) -> Request:
        if request.operation != "ingestTraces":
            return super().again(request, response)
        batch = [{**event, "id": str(uuid.uuid4())} for event in request.json["batch"]]
        return replace(request, body=self.encode({"batch": batch}))


_MOMENT = 0.02
"""Seconds of next to nothing: less than any tolerance leaves."""

_AGAIN = "client.retry.server-error-again"
_WAIT = "client.retry.rate-limit-wait"
_RESET = "client.retry.rate-limit-reset"
_NEVER = "client.retry.never"
_LOST = "client.delivery.nothing-lost"

ROWS = (
    Mistake("never-sends-again", _AGAIN, ("500-once",), NeverAgain, also=(_LOST,)),
    Mistake("sends-again-too-soon", "client.retry.backoff", ("500-once",), TooSoon),
    Mistake("waits-no-longer-each-time", "client.retry.backoff", ("503-persistent",), AlwaysAsSoon),
    Mistake("sends-again-without-end", "client.retry.most", ("503-persistent",), Forever),
    Mistake(
        "gives-up-at-the-limit", "client.retry.rate-limit-again", ("429-seconds",), GivesUpAtTheLimit, also=(_LOST,)
    ),
    Mistake("ignores-retry-after", _WAIT, ("429-seconds",), IgnoresRetryAfter),
    Mistake("reads-no-date", _WAIT, ("429-date",), ReadsSecondsOnly),
    Mistake("ignores-retry-after-otherwise-written", _WAIT, ("429-dialect",), IgnoresRetryAfter),
    Mistake("ignores-retry-after-twice", _WAIT, ("429-then-503",), IgnoresRetryAfter),
    Mistake("ignores-retry-after-of-a-question", _WAIT, ("route-429",), IgnoresRetryAfter),
    Mistake("ignores-reset", _RESET, ("429-reset",), IgnoresReset),
    Mistake("ignores-a-unix-time", _RESET, ("429-epoch",), IgnoresReset),
    Mistake("counts-from-the-request", "client.retry.backoff", ("503-slow",), CountsFromTheRequest),
    # For each tolerance a client that it must not tolerate.
    Mistake("waits-a-moment-after-a-failure", "client.retry.backoff", ("500-once",), WaitsAMoment),
    Mistake("waits-a-moment-of-seconds", _WAIT, ("429-seconds",), WaitsAMoment),
    Mistake("waits-a-moment-to-a-date", _WAIT, ("429-date",), WaitsAMoment),
    Mistake("waits-a-moment-by-another-clock", _WAIT, ("clock-skew",), WaitsAMoment),
    Mistake("waits-a-moment-to-a-reset", _RESET, ("429-reset",), WaitsAMoment),
    Mistake("waits-a-moment-to-a-unix-time", _RESET, ("429-epoch",), WaitsAMoment),
    Mistake("insists-on-bad-requests", _NEVER, ("400-never",), InsistsOnBadRequests),
    Mistake("puts-bad-batches-back", _NEVER, ("400-never",), PutsBadBatchesBack),
    Mistake("insists-on-its-key", _NEVER, ("401-never",), InsistsOnItsKey),
    Mistake("insists-on-missing-things", _NEVER, ("score-404",), InsistsOnMissingThings),
    Mistake("new-event-ids", "client.retry.same-ids", ("500-once",), NewEventIds),
)
