"""One request and its response, whole, as a check reads it; what people are shown of it is made by `_evidence`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Final

import httpx


class Missing(Enum):
    """The type of MISSING."""

    MISSING = "(missing)"

    def __repr__(self) -> str:
        return self.value

    __str__ = __repr__

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING
"""What `Exchange.at` gives for a place that is not there, which is not the same as null."""


@dataclass(frozen=True)
class Exchange:
    """A request as it was sent and what came back. Without a response `status` is None and `problem` says why."""

    number: int
    """1 is the first of the run."""
    operation_id: str | None
    method: str
    url: str
    path: str
    """Path and query, as sent."""
    request_headers: Sequence[tuple[str, str]]
    request_body: bytes
    purpose: str
    """Name of the check."""
    sent: float
    """Seconds of the monotonic clock, before the first byte went out."""
    answered: float
    """Seconds of the monotonic clock, after the last byte came in."""
    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    problem: str | None = None
    poll: int = 0
    """0 for a request of its own; of a `settle` the number of the poll."""

    @property
    def seconds(self) -> float:
        """How long the response took."""
        return self.answered - self.sent

    @property
    def ok(self) -> bool:
        """True when the status is a 2xx."""
        return self.status is not None and httpx.codes.is_success(self.status)

    @cached_property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are shown as replacement characters."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body as JSON (numbers with a fraction as float), MISSING when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return MISSING

    def at(self, *steps: str | int) -> Any:
        """The member at a place of the JSON body, `at("rows", 0, "id")`; MISSING if it is not there."""
        return member(self.json, *steps)

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its case; None when the response has none."""
        value: str | None = self.headers.get(name)
        return value

    @property
    def media_type(self) -> str | None:
        """Content-Type without its parameters, in lower case."""
        value = self.header("content-type")
        return None if value is None else value.partition(";")[0].strip().lower()


def member(value: Any, *steps: str | int) -> Any:
    """The member of a JSON value at a place; MISSING if it is not there. Never raises."""
    for step in steps:
        match value:
            case Mapping() if isinstance(step, str) and step in value:
                value = value[step]
            case list() if isinstance(step, int) and -len(value) <= step < len(value):
                value = value[step]
            case _:
                return MISSING
    return value


def strings(value: Any) -> Iterator[tuple[str, str]]:
    """Every string member of a JSON value with the name under which it stands; items have the name of their list."""
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        name, item = stack.pop()
        if isinstance(item, str):
            yield name, item
        elif isinstance(item, Mapping):
            stack.extend((str(key), inner) for key, inner in item.items())
        elif isinstance(item, list):
            stack.extend((name, inner) for inner in item)
