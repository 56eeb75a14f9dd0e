"""What the control API refuses, and how it says so: what came, what was expected, what to do next."""

from __future__ import annotations

from enum import Enum
from typing import Any


class Refused(Enum):
    """The codes with their statuses; the enum of the document says the same."""

    INVALID_REQUEST = 400
    UNAUTHORIZED = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    METHOD_NOT_ALLOWED = 405
    CONFLICT = 409
    PAYLOAD_TOO_LARGE = 413
    STORE_ERROR = 500


class ControlError(Exception):
    """A call of the control API that cannot be answered."""

    def __init__(self, refused: Refused, came: str, expected: str, then: str) -> None:
        super().__init__(f"{came}; expected {expected}; {then}")
        self.refused = refused
        self.came = came
        self.expected = expected
        self.then = then

    @property
    def body(self) -> dict[str, Any]:
        """The answer."""
        return {
            "error": {
                "code": self.refused.name,
                "message": str(self),
                "came": self.came,
                "expected": self.expected,
                "next": self.then,
            }
        }
