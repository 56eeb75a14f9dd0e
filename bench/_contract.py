"""What the bench takes out of the contract: places, statuses, bounds, and a copy of it to serve under load.

The copy differs in two points. Its highest plan allows so many requests that limits are counted on every request and
met by none. Its example of a list has the page that is measured, so that peers which answer from examples send as
many bytes as those which keep what they were sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from twosignal_contract import Contract, Operation, load_contract

from bench._paths import CONTRACT

UNREACHED = 1_000_000_000
"""Requests in a window: more than any generator sends."""


class BenchContract:
    """The contract, as the bench reads it."""

    def __init__(self, path: Path = CONTRACT) -> None:
        self._path = path

    def __reduce__(self) -> tuple[type[BenchContract], tuple[Path]]:
        # A process that fills a store is given the name of the document and reads it anew.
        return BenchContract, (self._path,)

    @cached_property
    def contract(self) -> Contract:
        """The contract itself."""
        return load_contract(self._path)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation by its id."""
        return self.contract.operations

    @property
    def most_events(self) -> int:
        """Events in a full batch."""
        return self.contract.payload_limits["ingestTraces"].events or 0

    @property
    def filters(self) -> tuple[str, ...]:
        """The names of the parameters of a list, `limit` among them."""
        return tuple(parameter.name for parameter in self.operations["listTraces"].parameters)

    @property
    def span_types(self) -> tuple[str, ...]:
        """The types that a span may have."""
        return self.contract.enum("SpanType")

    @property
    def statuses(self) -> tuple[str, str]:
        """The status of a trace or span that went well, and that of one that failed."""
        good, failed = self.contract.enum("Status")
        return str(good), str(failed)

    @property
    def plans(self) -> tuple[str, str]:
        """The plan with the lowest rate and the one with the highest."""
        rates = self.contract.plans
        return min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)

    @property
    def rate_limit_status(self) -> int:
        """The status of a request beyond the rate."""
        return self.contract.error("rate-limit").status

    def example(self, operation: str, name: str) -> Any:
        """A copy of a documented request body."""
        return self.contract.operation(operation).example(name)

    def page(self, traces: int) -> dict[str, Any]:
        """A response to a list with so many traces, each as in the documentation's example."""
        operation = self.operations["listTraces"]
        return _page(operation.response(operation.success).example("page"), traces)

    def write_copy(self, target: Path, traces: int) -> Path:
        """Writes the copy to serve, as JSON (which is YAML), with a list of so many traces.

        It may be the document of an older revision, which the reader of today refuses; so it is read as plain YAML.
        """
        document = yaml.load(self._path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        rates = document["x-plans"]
        rates[max(rates, key=rates.__getitem__)] = UNREACHED
        for example in _examples_of_a_list(document):
            example["value"] = _page(deepcopy(example["value"]), traces)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(document), "utf-8")
        return target

    def ready_answers(self, traces: int) -> Sequence[tuple[Operation, Any]]:
        """Operations with a response each, for peers that answer with what they were given: bodies as documented."""
        accepted, health = (self.contract.at(f"/components/examples/{name}/value") for name in ("Accepted", "Health"))
        return (
            (self.operations["getHealth"], health),
            (self.operations["listTraces"], self.page(traces)),
            (self.operations["ingestTraces"], accepted),
            (self.operations["ingestOtlpTraces"], accepted),
        )


def _page(page: dict[str, Any], traces: int) -> dict[str, Any]:
    (trace,) = page["data"]["traces"]
    page["data"]["traces"] = [trace | {"id": f"{trace['id']}-{number:04}"} for number in range(traces)]
    return page


def _examples_of_a_list(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The example of a page in the success response of listTraces."""
    for item in document["paths"].values():
        for operation in item.values():
            if operation.get("operationId") == "listTraces":
                success = next(response for status, response in operation["responses"].items() if status[0] == "2")
                yield success["content"]["application/json"]["examples"]["page"]
