"""The catalogue of errors (x-errors): the one place that turns a refusal into a status, a code and a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twosignal_mock.contract import Contract
from twosignal_mock.engine.api import Refusal


@dataclass(frozen=True, slots=True)
class Failure:
    """A refusal as it is answered."""

    cause: str
    """A key of x-errors."""
    status: int
    code: str
    message: str

    @property
    def body(self) -> dict[str, object]:
        """The envelope of an error."""
        return {"error": {"code": self.code, "message": self.message}}


class Errors:
    """Knows every cause of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._kinds = contract.errors

    def failure(self, refusal: Refusal) -> Failure:
        """How a refusal is answered."""
        kind = self._kinds[refusal.cause]
        return Failure(refusal.cause, kind.status, kind.code, kind.message.format_map(_Values(refusal.values)))

    def refusal_for(self, status: int) -> str | None:
        """The cause that stands for a status when nothing but the status was asked for; None when no cause has it."""
        causes = [cause for cause, kind in self._kinds.items() if kind.status == status]
        # One whose message needs no values reads best.
        return next((cause for cause in causes if "{" not in self._kinds[cause].message), next(iter(causes), None))


class _Values(dict[str, object]):
    """The values of a refusal; one that was not given stays visible as its name, for an error must never fail."""

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__(values)

    def __missing__(self, name: str) -> str:
        return f"({name})"
