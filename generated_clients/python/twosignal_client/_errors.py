"""The errors of the client: one family, with code and message of the response. None holds a header or a key."""

from __future__ import annotations

from typing import ClassVar

from .generated import policy


class TwoSignalError(Exception):
    """A call failed. Its text says what was wrong, and what to do where that is known."""

    kind: ClassVar[str] = "unexpected"

    def __init__(
        self, message: str, *, code: str = "", status: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        """What the server said, or what the client found."""
        self.code = code
        """The error code of the response, also one that nobody knows; empty when it has none."""
        self.status = status
        """The HTTP status; None when no response came, or nothing was sent."""
        self.request_id = request_id
        """The header X-Request-Id of the response, if any."""

    def __str__(self) -> str:
        """Status, code and message, as far as they are there."""
        head = " ".join(str(part) for part in (self.status, self.code) if part)
        tail = f" (request {self.request_id})" if self.request_id else ""
        return f"{head}: {self.message}{tail}" if head else f"{self.message}{tail}"


class ApiError(TwoSignalError):
    """The response is an error, or the client knows that it would be one."""


class ValidationError(ApiError):
    """400: the request breaks the contract. A bound that the client checks by itself has no status."""

    kind = "validation"


class UnauthorizedError(ApiError):
    """401: the key or token is missing, wrong, revoked or expired. Without a key nothing is sent: no status."""

    kind = "unauthorized"


class NotFoundError(ApiError):
    """404: what the request names is not there."""

    kind = "not-found"


class PayloadTooLargeError(ApiError):
    """413: too large. What cannot fit is not sent: no status."""

    kind = "too-large"


class RateLimitedError(ApiError):
    """429, and waiting for it would take longer than the client's `longest_wait`."""

    kind = "rate-limited"


class ServerError(ApiError):
    """5xx, after all retries that the contract allows."""

    kind = "server"


class ResponseError(TwoSignalError):
    """A success whose response cannot be read, or a cursor that comes a second time."""

    kind = "response"


class NetworkError(TwoSignalError):
    """No response: the connection could not be made, broke or took too long, after all retries."""

    kind = "network"


_BY_KIND: dict[str, type[ApiError]] = {
    each.kind: each
    for each in (ValidationError, UnauthorizedError, NotFoundError, PayloadTooLargeError, RateLimitedError)
}


def error_type(status: int) -> type[ApiError]:
    """The error of a status. The contract says which kind that is."""
    return ServerError if status >= 500 else _BY_KIND.get(policy.KINDS.get(status, ""), ApiError)
