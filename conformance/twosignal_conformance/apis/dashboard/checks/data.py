"""Data for checks to send: fresh names, identifiers and times, and traces for the REST API.

Everything follows from the seed, the run id, the check's name and the order of calls, so a repeated run sends the same.
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
"""Between the starts of two traces of a check, so that they sort the same on every server."""

_AGE = timedelta(minutes=20)
"""How long before now data begins: within every retention, and never in the future of a clock that is behind."""


class TestData:
    """Builders of one check. A name, an identifier or a time is never given out twice."""

    __test__ = False  # pytest would take it for a class of tests

    def __init__(self, client: ApiClient, check: str) -> None:
        settings = client.settings
        self.run_id = settings.run_id
        self.now = client.now
        """When the run began, by the server's clock."""
        # Not for secrets: it must repeat.
        self._random = random.Random(f"{settings.seed}/{settings.run_id}/{check}")  # noqa: S311
        self._count = 0

    def id(self) -> str:
        """A fresh UUID (version 4 by its form)."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def name(self, text: str) -> str:
        """A fresh name with the run id in it, such as "dataset 4f1c09 3-9ab2e1"."""
        self._count += 1
        return f"{text} {self.run_id} {self._count}-{self._random.getrandbits(24):06x}"

    def tag(self, text: str = "tag") -> str:
        """A fresh tag with the run id in it, without comma or space."""
        return self.name(text).replace(" ", "-")

    def email(self) -> str:
        """An e-mail that nobody has."""
        return f"{self.tag('nobody')}@example.com"

    def number(self, least: int, most: int) -> int:
        """A number from `least` to `most`, both inclusive."""
        return self._random.randint(least, most)

    def time(self) -> datetime:
        """A fresh instant in whole milliseconds, later than those before, about twenty minutes before now."""
        self._count += 1
        return self.now.replace(microsecond=0) - _AGE + self._count * _STEP

    @staticmethod
    def stamp(instant: datetime) -> str:
        """An instant as a timestamp of the API, with milliseconds."""
        return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"

    # --- traces of the REST API ---

    def trace(self, **changes: object) -> Json:
        """The body of a trace."""
        body: Json = {
            "id": self.id(),
            "name": self.name("trace"),
            "startTime": self.stamp(self.time()),
            "metadata": {"conformance_run": self.run_id},
            "tags": [f"conformance-{self.run_id}"],
        }
        return _changed(body, changes)

    def span(self, rest: Contract, trace: Json, *, milliseconds: int = 1000, **changes: object) -> Json:
        """The body of a finished span of a trace, which starts when the trace does."""
        start = datetime.fromisoformat(trace["startTime"])
        body: Json = {
            "id": self.id(),
            "traceId": trace["id"],
            "name": self.name("span"),
            "type": rest.enum("SpanType")[0],
            "startTime": trace["startTime"],
            "endTime": self.stamp(start + timedelta(milliseconds=milliseconds)),
        }
        return _changed(body, changes)

    def batch(self, rest: Contract, *bodies: Json) -> Json:
        """An ingestion with an event for each body: a span when it names its trace, else a trace."""
        return {
            "batch": [
                {
                    "id": self.id(),
                    "type": rest.schema("SpanCreateEvent" if "traceId" in body else "TraceCreateEvent")["properties"][
                        "type"
                    ]["const"],
                    "timestamp": body["startTime"],
                    "body": body,
                }
                for body in bodies
            ]
        }

    # --- things of the dashboard ---

    def routing(self, **changes: object) -> Json:
        """A routing configuration with one rule that always holds."""
        body: Json = {
            "name": self.tag("routing"),
            "defaultModel": self.tag("default"),
            "rules": [self.rule()],
        }
        return _changed(body, changes)

    def rule(self, **changes: object) -> Json:
        """A rule that always holds, for a model of its own."""
        body: Json = {
            "name": self.name("rule"),
            "condition": {"type": "always"},
            "model": self.tag("model"),
            "priority": 1,
        }
        return _changed(body, changes)


def _changed(body: Json, changes: dict[str, object]) -> Json:
    return {key: value for key, value in {**body, **changes}.items() if value is not ABSENT}
