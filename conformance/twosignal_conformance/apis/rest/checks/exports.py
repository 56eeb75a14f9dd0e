"""Traces that are sent as OTLP and found again in the list, whatever the server made of their ids.

A response may name such a trace by its hexadecimal traceId, by a UUID of the same digits or by one of its own. So it is
known by its id, by the names of its spans (which are unique), or by a resource attribute that no other trace has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, Key, TestData, actions, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Group, Seen

MARK = "service.name"
"""The resource attribute that tells traces of a check apart; the documentation's own example."""


class Exports(Group):
    """Traces of one check whose spans have names that begin alike."""

    def __init__(self, client: ApiClient, judge: Judge, data: TestData, topic: str) -> None:
        super().__init__(client, judge, data, topic)
        self._spans: dict[str, list[Json]] = {}
        self._marks: dict[str, str] = {}

    def planned(self, identifier: str = "") -> Json:
        """A trace to which spans are then added, under a fresh id or this one; it has only what tells it apart."""
        identifier = identifier or self._data.hex(32)
        self._spans[identifier] = []
        self._marks[identifier] = self._data.tag("service")
        return {"id": identifier, "mark": self._marks[identifier], "name": self.prefix}

    def otlp_span(self, trace: Json, label: str, **changes: object) -> Json:
        """A root span of a trace, unless a change says otherwise."""
        span = self._data.otlp_span(trace["id"], **{"name": f"{self.prefix} {label}", **changes})
        self._spans[trace["id"]].append(span)
        return span

    def export(self, *spans: Json) -> Exchange:
        """The response to an export of spans, whatever it is; each stands under the resource of its trace."""
        return self._client.call("ingestOtlpTraces", json=self.request(*spans))

    def request(self, *spans: Json) -> Json:
        """The body of an export. Each span has a resource entry of its own, as those of several processes have."""
        requests = [self._data.otlp(span, resource={MARK: self._marks[span["traceId"]]}) for span in spans]
        return {"resourceSpans": [entry for request in requests for entry in request["resourceSpans"]]}

    def _look(self, traces: Iterable[Json], key: Key, most: int) -> Seen:
        """Asks for the common beginning of the names; reads without a filter for what that does not show."""
        limit = self._client.contract.parameter("listTraces", "limit").maximum
        wanted = list(traces)
        seen = self._gather(wanted, actions.pages(self._client, key=key, most=most, name=self.prefix, limit=limit))
        if seen.shows(wanted):
            return seen
        more = self._gather(wanted, actions.pages(self._client, key=key, most=most, limit=limit))
        return Seen(more.page, {**more.rows, **seen.rows})

    def _gather(self, traces: list[Json], pages: Iterable[Exchange]) -> Seen:
        read = list(pages)
        rows: dict[str, list[Json]] = {}
        for page in read:
            for row in responses.traces(page):
                for trace in traces:
                    if isinstance(row, dict) and self._is(row, trace):
                        rows.setdefault(trace["id"], []).append(row)
        return Seen(read[-1], rows)

    def _is(self, row: Json, trace: Json) -> bool:
        names = {span["name"] for span in self._spans[trace["id"]]}
        told = json.dumps([row.get("metadata"), row.get("tags")])
        same_id = str(row.get("id")).replace("-", "").lower() == trace["id"]
        return same_id or row.get("name") in names or trace["mark"] in told


def between(data: TestData, start: datetime, first: float, last: float) -> Json:
    """Start and end of a span of OTLP, in seconds after an instant."""
    moments = {"startTimeUnixNano": first, "endTimeUnixNano": last}
    return {name: data.nanoseconds(start + timedelta(seconds=seconds)) for name, seconds in moments.items()}


def whole_second(data: TestData) -> datetime:
    """A fresh instant without a fraction, which is answered in the same way by servers that give seconds alone."""
    return data.time().replace(microsecond=0)


def attributes(data: TestData, values: dict[str, Any], *, texts: bool = False) -> list[Json]:
    """Attributes of a span; with `texts` integers are decimal strings, as the protocol's JSON has it for 64 bits."""
    found = [data.attribute(key, value) for key, value in values.items()]
    if texts:
        for row in found:
            row["value"] = {kind: str(value) if kind == "intValue" else value for kind, value in row["value"].items()}
    return found
