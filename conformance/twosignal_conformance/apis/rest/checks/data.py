"""Data for checks to send: fresh identifiers and names, times within the last hour, small costs and metadata.

Everything follows from the seed, the run id, the check's name and the order of calls, so a repeated run sends the same.
Every builder takes changes by name; ABSENT leaves a field out.
"""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from twosignal_contract import Contract

from twosignal_conformance.engine.api_client import ApiClient

Json = dict[str, Any]


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""In the place of a field's value: leave the field out."""

_STEP = timedelta(milliseconds=7)
"""Between the starts of the traces of a check: they sort the same on every server, however coarse its clock is up to
this, and a thousand of them stay within seconds."""

_AGE = timedelta(minutes=20)
"""How long before now data begins: within the last hour for every idea of retention, and never in the future of a clock
that is some minutes behind."""


def run_tag(run_id: str) -> str:
    """The tag of what a run creates, by which people find it again."""
    return f"conformance-{run_id}"


class TestData:
    """Builders of one check. An identifier, a name or a time is never given out twice."""

    __test__ = False  # pytest would take it for a class of tests

    def __init__(self, client: ApiClient, check: str) -> None:
        settings = client.settings
        self.run_id = settings.run_id
        self.now = client.now
        """When the run began, by the server's clock."""
        self._contract: Contract = client.contract
        # Not for secrets: it must repeat.
        self._random = random.Random(f"{settings.seed}/{settings.run_id}/{check}")  # noqa: S311
        self._count = 0

    # --- identifiers, names, times ---

    def id(self) -> str:
        """A fresh UUID (version 4 by its form)."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hex(self, digits: int) -> str:
        """Fresh hexadecimal digits, never all zero: 32 for a trace of OTLP, 16 for its spans."""
        return f"{self._random.getrandbits(4 * digits) | 1:0{digits}x}"

    def name(self, text: str = "conformance") -> str:
        """A fresh name with the run id in it, such as "conformance 4f1c09 3-9ab2e1"; a substring finds it alone."""
        self._count += 1
        return f"{text} {self.run_id} {self._count}-{self._random.getrandbits(24):06x}"

    def tag(self, text: str = "tag") -> str:
        """A fresh tag with the run id in it, without comma or space."""
        return self.name(text).replace(" ", "-")

    def number(self, least: int, most: int) -> int:
        """A number from `least` to `most`, both inclusive."""
        return self._random.randint(least, most)

    def time(self) -> datetime:
        """A fresh instant in whole milliseconds, later than those before, about twenty minutes before now."""
        self._count += 1
        start = self.now.replace(microsecond=self.now.microsecond // 1000 * 1000)
        return start - _AGE + self._count * _STEP

    @staticmethod
    def stamp(instant: datetime, *, suffix: str = "Z", digits: int = 3) -> str:
        """An instant as a timestamp of the API: UTC, 0 to 6 fractional digits, "Z" or "+00:00"."""
        fraction = f".{instant.microsecond:06d}"[: digits + 1] if digits else ""
        return f"{instant:%Y-%m-%dT%H:%M:%S}{fraction}{suffix}"

    # --- native ingestion ---

    def trace(self, **changes: object) -> Json:
        """The body of a trace with id, name, startTime, metadata and tags."""
        body: Json = {
            "id": self.id(),
            "name": self.name("trace"),
            "startTime": self.stamp(self.time()),
            "metadata": {"conformance_run": self.run_id},
            "tags": [run_tag(self.run_id)],
        }
        return _changed(body, changes)

    def span(self, trace: Json | str, **changes: object) -> Json:
        """The body of a finished span of a trace (its body or its id), a second long, of the first span type."""
        start = self.time()
        body: Json = {
            "id": self.id(),
            "traceId": trace if isinstance(trace, str) else trace["id"],
            "name": self.name("span"),
            "type": self._contract.enum("SpanType")[0],
            "startTime": self.stamp(start),
            "endTime": self.stamp(start + timedelta(seconds=1)),
        }
        return _changed(body, changes)

    def event(self, body: Json, **changes: object) -> Json:
        """The event that creates what a body describes: a span when it names its trace, else a trace."""
        is_span = bool({"traceId", "trace_id"} & body.keys())
        schema = "SpanCreateEvent" if is_span else "TraceCreateEvent"
        event: Json = {
            "id": self.id(),
            "type": self._contract.schema(schema)["properties"]["type"]["const"],
            "timestamp": body.get("startTime") or self.stamp(self.time()),
            "body": body,
        }
        return _changed(event, changes)

    def batch(self, *bodies: Json) -> Json:
        """A request body with an event for each body."""
        return {"batch": [self.event(body) for body in bodies]}

    # --- scores and templates ---

    def score(self, trace: Json | str, **changes: object) -> Json:
        """A score of a trace (its body or its id) with the required fields alone."""
        body: Json = {
            "traceId": trace if isinstance(trace, str) else trace["id"],
            "evaluatorName": f"conformance-{self.run_id}",
            "value": 0.5,
        }
        return _changed(body, changes)

    def template(self, **changes: object) -> Json:
        """A prompt template under a fresh name."""
        body: Json = {
            "name": self.tag("template"),
            "content": "Answer {{question}} in the voice of {{voice}}.",
            "variables": ["question", "voice"],
        }
        return _changed(body, changes)

    # --- OTLP ---

    def otlp_span(self, trace_id: str, **changes: object) -> Json:
        """A finished root span of a trace (32 hexadecimal digits), a second long."""
        start = self.time()
        body: Json = {
            "traceId": trace_id,
            "spanId": self.hex(16),
            "name": self.name("span"),
            "startTimeUnixNano": self.nanoseconds(start),
            "endTimeUnixNano": self.nanoseconds(start + timedelta(seconds=1)),
            "attributes": [],
        }
        return _changed(body, changes)

    def otlp(self, *spans: Json, resource: Json | None = None) -> Json:
        """An export request with spans of one resource; `resource` maps attribute names to texts."""
        return {
            "resourceSpans": [
                {
                    "resource": {"attributes": [self.attribute(key, value) for key, value in (resource or {}).items()]},
                    "scopeSpans": [{"scope": {"name": f"conformance-{self.run_id}"}, "spans": list(spans)}],
                }
            ]
        }

    @staticmethod
    def attribute(key: str, value: object) -> Json:
        """An attribute of OTLP; an integer becomes a number, as the documentation shows it."""
        kind = {bool: "boolValue", int: "intValue", float: "doubleValue"}.get(type(value), "stringValue")
        return {"key": key, "value": {kind: value}}

    @staticmethod
    def nanoseconds(instant: datetime) -> str:
        """An instant as OTLP writes it: nanoseconds since 1970, as a decimal string."""
        seconds, micro = divmod(round(instant.timestamp() * 1_000_000), 1_000_000)
        return f"{seconds * 1_000_000_000 + micro * 1_000}"


def _changed(body: Json, changes: dict[str, object]) -> Json:
    return {key: value for key, value in {**body, **changes}.items() if value is not ABSENT}
