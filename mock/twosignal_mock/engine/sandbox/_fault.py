"""What a fault is, and which errors of a contract it can pretend. Values only; `_fault_rules` decides when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from enum import StrEnum
from typing import Any

from twosignal_contract import ErrorTemplate

from twosignal_mock.engine.sandbox._rate import SECOND


class FaultPhase(StrEnum):
    """When it strikes."""

    BEFORE = "before"
    """Nothing of the request is stored."""
    AFTER_COMMIT = "after-commit"
    """The request is stored; its response is lost."""


class FaultKind(StrEnum):
    """What the client meets."""

    STATUS = "status"
    """A response of that status: an error of the contract, or what a gateway gives."""
    DELAY = "delay"
    """The right response, late."""
    RESET = "reset"
    """The connection is cut without a response."""
    TRUNCATE = "truncate"
    """The right response, cut in its body; then the connection is cut."""
    GARBAGE = "garbage"
    """The right status with a body that is not what the contract says."""


class RetryAfterForm(StrEnum):
    """The two spellings of Retry-After (RFC 9110 section 10.2.3), or none."""

    SECONDS = "seconds"
    HTTP_DATE = "http-date"
    NONE = "none"
    """No such header: the one that tells the end of the window says it alone."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request."""

    rule: str
    """The id of the rule that ordered it."""
    kind: FaultKind
    phase: FaultPhase = FaultPhase.BEFORE
    status: int | None = None
    """Of an error; of kind `status` alone."""
    cause: str | None = None
    """The cause of that error; a contract that does not have it gives its own for the status. None: no error of any."""
    retry_after: int | None = None
    """Seconds; None sends no such header."""
    retry_after_form: RetryAfterForm = RetryAfterForm.SECONDS
    delay: float = 0.0
    """Seconds of real time before the response, with every kind."""
    keep: int | None = None
    """Bytes of the body that a truncated response still holds; None: half of it."""
    body: str | None = None
    """The body of a garbage response; None: the server's choice. With a status, it takes the place of the error's."""
    content_type: bytes | None = None
    """Of that page; None: HTML."""

    def retry_after_value(self, now: int) -> str | None:
        """The value of the header Retry-After; `now` in microseconds, by the clock that Date is written by."""
        if self.retry_after is None or self.retry_after_form is RetryAfterForm.NONE:
            return None
        if self.retry_after_form is RetryAfterForm.HTTP_DATE:
            # A date has no fraction: cutting it would make the wait shorter than was ordered.
            return formatdate(-(-now // SECOND) + self.retry_after, usegmt=True)
        return str(self.retry_after)


class ErrorCatalogue:
    """The errors of one contract by cause, and the cause that stands for a status."""

    __slots__ = ("_by_status", "_errors")

    def __init__(self, errors: Mapping[str, ErrorTemplate]) -> None:
        self._errors = errors
        self._by_status: dict[int, str] = {}
        for cause, error in errors.items():
            first = self._by_status.setdefault(error.status, cause)
            # A body without placeholders needs no values that nobody has, so it is the better one of its status.
            if errors[first].placeholders and not error.placeholders:
                self._by_status[error.status] = cause

    def __contains__(self, cause: str) -> bool:
        return cause in self._errors

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status of an error, ascending."""
        return tuple(sorted(self._by_status))

    @property
    def causes(self) -> tuple[str, ...]:
        """Every cause, in the contract's order."""
        return tuple(self._errors)

    def status(self, cause: str) -> int:
        """The status of a cause."""
        return self._errors[cause].status

    def cause_for(self, status: int) -> str | None:
        """The cause that stands for a status when only the status is asked for; None when no cause has it."""
        return self._by_status.get(status)

    def body(self, cause: str, values: Mapping[str, object]) -> Any:
        """The error body of a cause. A value that is missing shows as its name: an error must never fail."""
        return self._errors[cause].body(_Values(values))

    def message(self, cause: str, values: Mapping[str, object]) -> str:
        """What that body says in words; empty when the document does not say where it does."""
        return self._errors[cause].message.format_map(_Values(values))

    def fault_body(self, cause: str, retry_after: int | None, operation: str = "") -> Any:
        """The error body for a fault: there is no case, so its values say who ordered it."""
        values = {"operation": operation, **wait_values(1 if retry_after is None else retry_after)}
        return self._errors[cause].body(_FaultValues(values))


def wait_values(seconds: int) -> dict[str, object]:
    """The values that an error for the rate is filled with."""
    return {"seconds": seconds, "wait": f"{seconds} second" if seconds == 1 else f"{seconds} seconds"}


class _Values(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return f"({name})"


class _FaultValues(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "(ordered by a fault)"
