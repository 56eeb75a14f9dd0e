"""Clients that lose or double what they were given, or send more at once than is allowed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

from tests.conformance.clients.broken.careful import Careful, Json, RefusedError
from tests.conformance.clients.broken.mistakes.mistake import Mistake
from tests.conformance.clients.broken.transport import Request, Response


class DropsWhatIsTooLarge(Careful):
    """Forgets a batch that is refused for its size, and says nothing."""

    def send(self, batch: list[Json]) -> int:
        try:
            return int(self.call("ingestTraces", {"batch": batch})["accepted"])
        except RefusedError as error:
            if error.fields["status"] == self.contract.too_large:
                return 0
            raise


class ForgetsTheRest(Careful):
    """Sends the first batch and forgets the others."""

    def ingest(self, events: list[Json]) -> int:
        return self.send(next(self.batches(events)))


class DoublesAfterALostResponse(Careful):
    """Makes everything anew when no response came: events, traces and spans."""

    def again(self, request: Request, response: Response) -> Request:
        if request.operation != "ingestTraces" or response.status is not None:
            return super().again(request, response)
        fresh: dict[str, str] = {}
        batch = [self.anew(event, fresh) for event in request.json["batch"]]
        return replace(request, body=self.encode({"batch": batch}))

    def anew(self, event: Json, fresh: dict[str, str]) -> Json:
        """The event with a new id for each that it has or names."""
        names = [name for name in ("id", "traceId", "parentSpanId") if event["body"].get(name)]
        ids = {name: fresh.setdefault(event["body"][name], str(uuid.uuid4())) for name in names}
        return {**event, "id": str(uuid.uuid4()), "body": event["body"] | ids}


class OneBatchForAll(Careful):
    """Puts all events into one batch, however many."""

    def batches(self, events: list[Json]) -> Iterator[list[Json]]:
        yield events


class CountsEventsOnly(Careful):
    """Puts as many events into a batch as are allowed, however large they are."""

    def batches(self, events: list[Json]) -> Iterator[list[Json]]:
        most = self.contract.operation("ingestTraces").most
        assert most is not None
        yield from (events[start : start + most] for start in range(0, len(events), most))

    def fits(self, body: bytes, limit: int) -> bool:  # noqa: ARG002
        return True


class SendsWhatCannotFit(Careful):
    """Leaves it to the server to say what is too large."""

    def fits(self, body: bytes, limit: int) -> bool:  # noqa: ARG002
        return True


_BYTES = "max-bytes"
_LOST = "client.delivery.nothing-lost"

ROWS = (
    Mistake("drops-what-is-too-large", _LOST, ("413-split",), DropsWhatIsTooLarge),
    Mistake("forgets-the-rest", _LOST, ("2500-events",), ForgetsTheRest),
    Mistake(
        "doubles-after-a-lost-response",
        "client.delivery.not-doubled",
        ("lost-response",),
        DoublesAfterALostResponse,
        also=("client.retry.same-ids",),
    ),
    Mistake("one-batch-for-all", "client.batch.max-events", ("2500-events",), OneBatchForAll),
    Mistake("counts-events-only", "client.batch.max-bytes", ("12-MB-of-events",), CountsEventsOnly),
    Mistake("otlp-too-large", f"client.otlp.{_BYTES}", ("otlp-too-large",), SendsWhatCannotFit),
    Mistake("score-too-large", f"client.scores.{_BYTES}", ("score-too-large",), SendsWhatCannotFit),
    Mistake("route-too-large", f"client.routing.{_BYTES}", ("route-too-large",), SendsWhatCannotFit),
)
