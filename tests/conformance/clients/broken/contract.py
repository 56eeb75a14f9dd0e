"""What a client has to know of the contract: read from the document, so that no number stands in the clients here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = Any


@dataclass(frozen=True)
class Operation:
    """Where an operation is asked for, and what a request may hold."""

    method: str
    path: str
    credential: str | None
    """Name of the security scheme whose credential it takes."""
    largest: int | None
    """Bytes of the largest body that every server accepts."""
    most: int | None
    """Events of the largest batch."""


@dataclass(frozen=True)
class Contract:
    """The parts of the contract that bind clients."""

    document: Json

    @classmethod
    def read(cls, path: Path) -> Contract:
        """The contract in a file, written as JSON because every start of a client reads it."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def operation(self, name: str) -> Operation:
        """The operation of an operation id."""
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                if isinstance(operation, dict) and operation.get("operationId") == name:
                    limit = operation.get("x-payload-limit", {})
                    schemes = [name for row in operation.get("security", self.document["security"]) for name in row]
                    credential = next(iter(schemes), None)
                    return Operation(method.upper(), path, credential, limit.get("bytes"), limit.get("events"))
        raise KeyError(name)

    @property
    def delays(self) -> list[float]:
        """Seconds before the first retry after a server's error, the second, and so on."""
        backoff = self.document["x-retry"]["backoff"]
        return [float(delay) for delay in backoff["delays"][: backoff["most"]]]

    @property
    def failed(self) -> set[int]:
        """Statuses after which a request is sent again after such a delay."""
        return set(self.document["x-retry"]["backoff"]["statuses"])

    @property
    def limited(self) -> set[int]:
        """Statuses after which it is sent again when the server says."""
        return set(self.document["x-retry"]["wait"]["statuses"])

    @property
    def retry_after(self) -> str:
        """Name of the header that says how long to wait."""
        return str(self.document["x-rate-limit"]["headers"]["retry-after"])

    @property
    def reset(self) -> str:
        """Name of the header that says when there is room again."""
        return str(self.document["x-rate-limit"]["headers"]["reset"])

    @property
    def page(self) -> tuple[int, int]:
        """Fewest and most traces that may be asked for in a page."""
        (schema,) = (row["schema"] for row in self._get("listTraces")["parameters"] if row["name"] == "limit")
        return schema["minimum"], schema["maximum"]

    @property
    def score(self) -> tuple[float, float]:
        """Least and greatest value of a score."""
        schema = self.document["components"]["schemas"]["ScoreValue"]
        return schema["minimum"], schema["maximum"]

    @property
    def prefix(self) -> str:
        """What all paths begin with."""
        return "/".join(self.operation("getHealth").path.split("/")[:-1])

    @property
    def too_large(self) -> int:
        """Status of a request that is refused for its size."""
        return int(self.document["x-errors"]["body-too-large"]["status"])

    def _get(self, name: str) -> Json:
        operation = self.operation(name)
        return self.document["paths"][operation.path][operation.method.lower()]
