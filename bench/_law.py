"""What the bench takes out of the contract: places, statuses, bounds, and a copy of it to serve under load.

The copy differs in two points. Its highest plan allows so many requests that limits are counted on every request and
met by none. Its example of a list has the page that is measured, so that peers which answer from examples send as
many bytes as those which keep what they were sent.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bench._paths import CONTRACT

UNREACHED = 1_000_000_000
"""Requests in a window: more than any generator sends."""


class Place(NamedTuple):
    """One operation as a client meets it."""

    method: str
    path: str
    status: int
    """Of a success."""


class Law:
    """The contract."""

    def __init__(self, path: Path = CONTRACT) -> None:
        self.document: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)

    @property
    def version(self) -> str:
        """The document's own version."""
        return str(self.document["info"]["version"])

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """Every operation by its id."""
        found = {}
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict) and "operationId" in operation:
                    status = min(int(code) for code in operation["responses"] if code.startswith("2"))
                    found[operation["operationId"]] = Place(method.upper(), path, status)
        return found

    @property
    def most_events(self) -> int:
        """Events in a full batch."""
        return int(self._operation("ingestTraces")["x-payload-limit"]["events"])

    @property
    def filters(self) -> tuple[str, ...]:
        """The names of the parameters of a list, `limit` among them."""
        return tuple(parameter["name"] for parameter in self._operation("listTraces")["parameters"])

    @property
    def span_types(self) -> tuple[str, ...]:
        """The types that a span may have."""
        return tuple(self.document["components"]["schemas"]["SpanType"]["enum"])

    @property
    def statuses(self) -> tuple[str, str]:
        """The status of a trace or span that went well, and that of one that failed."""
        good, failed = self.document["components"]["schemas"]["Status"]["enum"]
        return str(good), str(failed)

    @property
    def plans(self) -> tuple[str, str]:
        """The plan with the lowest rate and the one with the highest."""
        rates = self.document["x-plans"]
        return min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)

    @property
    def rate_limit_status(self) -> int:
        """The status of a request beyond the rate."""
        return int(self.document["x-errors"]["rate-limit"]["status"])

    def example(self, operation: str, name: str) -> Any:
        """A copy of a documented request body."""
        examples = self._operation(operation)["requestBody"]["content"]["application/json"]["examples"]
        return copy.deepcopy(examples[name]["value"])

    def page(self, traces: int) -> dict[str, Any]:
        """An answer to a list with so many traces, each as in the documentation's example."""
        answer = copy.deepcopy(self._examples_of_a_list(self.document)["page"]["value"])
        (trace,) = answer["data"]["traces"]
        answer["data"]["traces"] = [trace | {"id": f"{trace['id']}-{number:04}"} for number in range(traces)]
        return dict(answer)

    def write_copy(self, target: Path, traces: int) -> Path:
        """Writes the copy to serve, as JSON (which is YAML), with a list of so many traces."""
        document = copy.deepcopy(self.document)
        document["x-plans"][self.plans[1]] = UNREACHED
        self._examples_of_a_list(document)["page"]["value"] = self.page(traces)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(document), "utf-8")
        return target

    def ready_answers(self, traces: int) -> Sequence[tuple[Place, Any]]:
        """Places with an answer each, for peers that answer with what they were given: bodies as documented."""
        accepted = self.document["components"]["examples"]["Accepted"]["value"]
        health = self.document["components"]["examples"]["Health"]["value"]
        return (
            (self.places["getHealth"], health),
            (self.places["listTraces"], self.page(traces)),
            (self.places["ingestTraces"], accepted),
            (self.places["ingestOtlpTraces"], accepted),
        )

    def _operation(self, operation_id: str) -> dict[str, Any]:
        place = self.places[operation_id]
        return dict(self.document["paths"][place.path][place.method.lower()])

    def _examples_of_a_list(self, document: dict[str, Any]) -> dict[str, Any]:
        place = self.places["listTraces"]
        responses = document["paths"][place.path][place.method.lower()]["responses"]
        examples: dict[str, Any] = responses[str(place.status)]["content"]["application/json"]["examples"]
        return examples
