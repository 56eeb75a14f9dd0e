"""The traces that lists are measured on: the same for everyone, with words, tags, states and dates of known frequency.

Trace 0 is the newest, one second lies between neighbours. A half of them are the odd ones; 1 in 100 and 1 in 10,000 are
odd too, and of a thousand traces the one of the rarest lies in the older half, so that every page from the middle on
has something to show.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson

from bench._contract import BenchContract

Share = Literal["half", "percent", "rare"]
"""50 %, 1 % and 0.01 %."""

_MEMBERS: dict[Share, tuple[int, int]] = {"half": (2, 1), "percent": (100, 57), "rare": (10_000, 701)}
"""A share's members: every so-manieth, beginning where."""
WORDS: dict[Share, str] = {"half": "harbour", "percent": "lantern", "rare": "quartz"}
"""The word that the names of a share's members have; their first three letters stand in no other word."""
COMMON_TAG = "production"
"""On a half of all traces, and on all members of every share."""
SECOND_TAG = "v2"
"""On a quarter of all traces; each of them has the common tag too."""
OTHER_TAG = "nightly"
"""On nearly 1 % of all traces, whatever else they have: with the tag of 1 % it stands on one of ten thousand."""
_OTHERS = (101, 50)


def newest_trace() -> datetime:
    """The start of trace 0 when nothing else is wanted: a minute ago, so that what is sent later is newer."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)


@dataclass(frozen=True)
class Population:
    """So many traces."""

    contract: BenchContract
    newest: datetime
    size: int
    errors: Share = "half"
    """The share whose traces failed."""
    spans: bool = True
    """Whether every trace has an LLM span; without, only those that failed have one: nothing else fails a trace."""

    def has(self, number: int, share: Share) -> bool:
        """Whether a trace is a member of a share."""
        every, first = _MEMBERS[share]
        return number % every == first

    def id(self, number: int) -> str:
        """The id of a trace."""
        return f"{number:08x}-0000-4000-8000-{_POPULATED}"

    def instant(self, number: int) -> str:
        """When a trace began, as a query and a body say it."""
        return _written(self.newest - timedelta(seconds=number))

    def cursor(self, number: int) -> str:
        """The documented cursor of a page that ended with a trace."""
        told = json.dumps({"id": self.id(number)}, separators=(",", ":"))
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")

    def batches(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, bytes]]:
        """As full batches as the contract allows, of all traces or from one up to another: events, and the body."""
        events: list[dict[str, Any]] = []
        for number in range(first, self.size if last is None else last):
            events += self._events(number)
            if len(events) >= self.contract.most_events - 1:
                yield len(events), _batch(events)
                events = []
        if events:
            yield len(events), _batch(events)

    def _events(self, number: int) -> list[dict[str, Any]]:
        start, failed = self.instant(number), self.has(number, self.errors)
        words = ["agent", *(word for share, word in WORDS.items() if self.has(number, share))]
        tags = ["agents", *(share for share in WORDS if self.has(number, share))]
        if self.has(number, "half"):
            tags.append(COMMON_TAG)
        if number % 4 == 1:
            tags.append(SECOND_TAG)
        every, first = _OTHERS
        if number % every == first:
            tags.append(OTHER_TAG)
        body: dict[str, Any] = {"id": self.id(number), "name": " ".join(words), "tags": tags, "startTime": start}
        body["metadata"] = {"version": "2.1", "environment": "prod"}
        events = [{"id": f"t{number:x}", "type": "trace-create", "timestamp": start, "body": body}]
        if self.spans or failed:
            end = _written(self.newest - timedelta(seconds=number) + timedelta(milliseconds=2500))
            span = {
                "id": f"s{number:x}", "traceId": body["id"], "name": "answer", "type": self.contract.span_types[1],
                "startTime": start, "endTime": end, "model": "gpt-4o-mini", "input": "How do I reset my password?",
                "output": "Open the settings page.", "cost": 0.0034,
                "usage": {"promptTokens": 1000, "completionTokens": 250, "totalTokens": 1250, "cachedTokens": 0},
                "status": self.contract.statuses[failed],
            }  # fmt: skip
            events.append({"id": f"e{number:x}", "type": "span-create", "timestamp": end, "body": span})
        return events


_POPULATED = "000000000000"


def _batch(events: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"batch": events})


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
