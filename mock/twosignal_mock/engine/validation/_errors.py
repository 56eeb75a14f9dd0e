"""The catalogue of errors (x-errors): the one place that turns a refusal into a status and a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twosignal_contract import Contract, ErrorTemplate

from twosignal_mock.engine.api import Refusal


@dataclass(frozen=True, slots=True)
class Failure:
    """A refusal as it is answered."""

    row: ErrorTemplate
    values: Mapping[str, object]

    @property
    def cause(self) -> str:
        """A key of x-errors."""
        return self.row.cause

    @property
    def status(self) -> int:
        """Of the answer."""
        return self.row.status

    @property
    def body(self) -> Any:
        """Of the answer. A value that was not given stays visible as its name, for an error must never fail."""
        return self.row.body(_Values(self.values))


class Errors:
    """Knows every cause of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._rows = contract.errors

    def failure(self, refusal: Refusal) -> Failure:
        """How a refusal is answered."""
        return Failure(self._rows[refusal.cause], refusal.values)

    def refusal_for(self, status: int) -> str | None:
        """The cause that stands for a status when nothing but the status was asked for; None when no cause has it."""
        causes = [cause for cause, row in self._rows.items() if row.status == status]
        # One whose body needs no values reads best.
        return next((cause for cause in causes if not self._rows[cause].placeholders), next(iter(causes), None))


class _Values(dict[str, object]):
    """The values of a refusal, and the name of each that was not given."""

    def __missing__(self, name: str) -> str:
        return f"({name})"
