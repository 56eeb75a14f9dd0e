"""Clients that tell a wrong story: of spans and their parents, of errors, of who they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from tests.conformance.clients.broken.careful import Careful, Json
from tests.conformance.clients.broken.mistakes.mistake import Mistake
from tests.conformance.clients.broken.transport import Response


class NamesTheEvent(Careful):
    """Names the event of the parent instead of its span."""

    def parent(self, event: Json) -> str:
        return str(event["id"])


class SpansWithoutTrace(Careful):
    """Sends spans of traces that it never creates."""

    def trace(self, trace: Json) -> Iterator[Json]:
        yield from islice(super().trace(trace), 1, None)


class BeginsInLocalTime(Careful):
    """Marks local time as UTC, where a span or trace begins only."""

    def event(self, kind: str, body: Json) -> Json:
        local = datetime.now(UTC).astimezone().replace(tzinfo=None)
        body["startTime"] = f"{local.isoformat()}Z"
        return super().event(kind, body)


class CountsTokensInSnakeCase(Careful):
    """Spells the fields of usage in snake_case, which the server ignores."""

    def event(self, kind: str, body: Json) -> Json:
        if "usage" in body:
            body["usage"] = {re.sub("T", "_t", name): count for name, count in body["usage"].items()}
        return super().event(kind, body)


class HidesErrors(Careful):
    """Tells its caller that something failed, not what."""

    def report(self, response: Response) -> dict[str, Any]:
        return {**super().report(response), "code": "", "message": "the request failed"}


class SignsInAgain(Careful):
    """Asks for the password again instead of refreshing its session."""

    def refresh(self) -> Json:
        return self.login()


class KeepsTheOldToken(Careful):
    """Goes on with the refresh token of its login."""

    def renewed(self, session: Json) -> Json:
        self.session = {**session, "refresh_token": self.session["refresh_token"]}
        return session


ROWS = (
    Mistake("names-the-event", "client.spans.parent", ("emit",), NamesTheEvent),
    Mistake(
        "spans-without-trace",
        "client.spans.trace",
        ("emit",),
        SpansWithoutTrace,
        also=("client.delivery.nothing-lost",),
    ),
    Mistake("begins-in-local-time", "client.timestamps.true", ("emit",), BeginsInLocalTime),
    Mistake("counts-tokens-in-snake-case", "client.request.camel-case", ("emit",), CountsTokensInSnakeCase),
    Mistake("hides-errors", "client.answers.error-envelope", ("score-404",), HidesErrors),
    Mistake("signs-in-again", "client.sessions.refresh", ("sessions",), SignsInAgain),
    Mistake("keeps-the-old-token", "client.sessions.rotation", ("sessions",), KeepsTheOldToken),
)
