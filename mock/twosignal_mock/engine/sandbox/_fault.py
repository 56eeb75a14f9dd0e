"""What a fault is, and which causes of the contract's catalogue it may pretend. Values only; `_faults` decides when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from enum import StrEnum

from twosignal_contract import Contract, ErrorTemplate

from twosignal_mock.engine.sandbox._rate import SECOND


class FaultPhase(StrEnum):
    """When it strikes."""

    BEFORE = "before"
    """Nothing of the request is stored."""
    AFTER_COMMIT = "after-commit"
    """The request is stored; its answer is lost."""


class FaultKind(StrEnum):
    """What the client meets."""

    STATUS = "status"
    """An answer of the catalogue of errors."""
    DELAY = "delay"
    """The right answer, late."""
    RESET = "reset"
    """The connection is cut without an answer."""
    TRUNCATE = "truncate"
    """The right answer, cut in its body; then the connection is cut."""
    GARBAGE = "garbage"
    """The right status with a body that is not what the contract says."""


class RetryAfterForm(StrEnum):
    """The two spellings of Retry-After (RFC 9110 section 10.2.3)."""

    SECONDS = "seconds"
    HTTP_DATE = "http-date"


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble for one request."""

    rule: str
    """The id of the rule that ordered it."""
    kind: FaultKind
    phase: FaultPhase = FaultPhase.BEFORE
    status: int | None = None
    cause: str | None = None
    """A key of Contract.errors; stands with `status`."""
    values: Mapping[str, object] | None = None
    """What the body of the answer is filled in with; stands with `status`."""
    retry_after: int | None = None
    """Seconds; None sends no such header."""
    retry_after_form: RetryAfterForm = RetryAfterForm.SECONDS
    delay: float = 0.0
    """Seconds of real time before the answer, with every kind."""
    keep: int | None = None
    """Bytes of the body that a truncated answer still holds; None: half of it."""
    body: str | None = None
    """What a garbage answer holds; None: the server's choice. With a status, HTML in the place of the error object."""

    def retry_after_value(self, now: int) -> str | None:
        """The value of the header Retry-After; `now` in microseconds, by the clock that Date is written by."""
        if self.retry_after is None:
            return None
        if self.retry_after_form is RetryAfterForm.HTTP_DATE:
            # A date has no fraction: cutting it would make the wait shorter than was ordered.
            return formatdate(-(-now // SECOND) + self.retry_after, usegmt=True)
        return str(self.retry_after)


class ErrorCatalogue:
    """The causes of the contract by status: which answer a fault gives that orders only a status."""

    __slots__ = ("_by_status", "_errors")

    def __init__(self, contract: Contract) -> None:
        self._errors: Mapping[str, ErrorTemplate] = contract.errors
        self._by_status: dict[int, str] = {}
        for cause, row in contract.errors.items():
            first = self._by_status.setdefault(row.status, cause)
            # A body without gaps needs no value made up, so it is the better one of its status.
            if contract.errors[first].placeholders and not row.placeholders:
                self._by_status[row.status] = cause

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that the catalogue has, ascending."""
        return tuple(sorted(self._by_status))

    @property
    def causes(self) -> tuple[str, ...]:
        """Every cause, in the contract's order."""
        return tuple(self._errors)

    def status(self, cause: str) -> int:
        """The status of a cause."""
        return self._errors[cause].status

    def cause(self, status: int) -> str:
        """The cause that stands for a status."""
        return self._by_status[status]

    def values(self, cause: str, retry_after: int | None) -> Mapping[str, object]:
        """Values for the body of a cause; they show that a fault made them up."""
        seconds = 1 if retry_after is None else retry_after
        values: dict[str, object] = dict.fromkeys(self._errors[cause].placeholders, "(ordered by a fault)")
        return values | {"wait": f"{seconds} second" + ("" if seconds == 1 else "s")}
