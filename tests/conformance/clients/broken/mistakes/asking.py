"""Clients whose requests are not what the contract asks for: key, path, type, spelling, values."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from tests.conformance.clients.broken.careful import Careful, Json
from tests.conformance.clients.broken.contract import Operation
from tests.conformance.clients.broken.mistakes.mistake import Mistake


class KeyInItsOwnHeader(Careful):
    """Sends its key in a header that other APIs use."""

    def headers(self, operation: Operation, body: Json) -> dict[str, str]:
        named = super().headers(operation, body)
        if operation.credential == "apiKey":
            named["X-Api-Key"] = named.pop("Authorization").removeprefix("Bearer ")
        return named


class BaseUrlAsItIs(Careful):
    """Appends every path to whatever base URL it was given."""

    def path(self, operation: Operation) -> str:
        return urlsplit(self.settings.url).path.rstrip("/") + super().path(operation)


class NoContentType(Careful):
    """Does not say that its bodies are JSON."""

    def headers(self, operation: Operation, body: Json) -> dict[str, str]:
        return super().headers(operation, body) | ({} if body is None else {"Content-Type": "text/plain"})


class OwnEndpoints(Careful):
    """Asks where nothing is."""

    def path(self, operation: Operation) -> str:
        return super().path(operation) + ("/batch" if operation.most is not None else "")


class LowerCaseTypes(Careful):
    """Writes the types of spans in lower case."""

    def event(self, kind: str, body: Json) -> Json:
        return super().event(kind, body | ({"type": body["type"].lower()} if "type" in body else {}))


class SnakeCase(Careful):
    """Spells the fields of spans as one page of the documentation does."""

    def encode(self, body: Json) -> bytes:
        if isinstance(body, dict) and "batch" in body:
            body = {"batch": [self.spelled(event) for event in body["batch"]]}
        return super().encode(body)

    def spelled(self, event: Json) -> Json:
        """A span's event with underscores."""
        if event["type"] != "span-create":
            return event
        spelled = {
            "".join(f"_{c.lower()}" if c.isupper() else c for c in name): value for name, value in event["body"].items()
        }
        return {**event, "body": spelled}


class LocalTime(Careful):
    """Sends the time of its wall clock, without a zone."""

    def now(self) -> str:
        return datetime.now().isoformat(timespec="milliseconds")  # noqa: DTZ005


class LocalTimeAsUtc(Careful):
    """Sends the time of its wall clock and says that it is UTC."""

    def now(self) -> str:
        return datetime.now().isoformat(timespec="milliseconds") + "Z"  # noqa: DTZ005


class AnyScore(Careful):
    """Sends whatever value it is given."""

    def score(self, fields: Json) -> Json:
        return self.call("createScore", fields)


_LOST = ("client.delivery.nothing-lost",)
_INVALID = ("client.request.valid",)

ROWS = (
    Mistake("key-in-its-own-header", "client.auth.bearer", ("emit",), KeyInItsOwnHeader, also=_LOST),
    Mistake("base-url-as-it-is", "client.base-url.prefix", ("base-url",), BaseUrlAsItIs),
    Mistake("no-content-type", "client.request.content-type", ("emit",), NoContentType, also=_LOST),
    Mistake("own-endpoints", "client.request.known-endpoint", ("emit",), OwnEndpoints, also=_LOST),
    Mistake("lower-case-types", "client.request.valid", ("emit",), LowerCaseTypes, also=_LOST),
    Mistake("snake-case", "client.request.camel-case", ("emit",), SnakeCase),
    Mistake("local-time", "client.timestamps.utc", ("emit",), LocalTime, also=(*_LOST, *_INVALID)),
    Mistake("local-time-as-utc", "client.timestamps.true", ("emit",), LocalTimeAsUtc),
    Mistake("any-score", "client.scores.range", ("score-range",), AnyScore, also=_INVALID),
)
