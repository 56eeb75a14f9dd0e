"""Responses of the control API as bytes."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from twosignal_mock.engine.api import ControlError


def json_response(status: int, value: Any) -> Response:
    """The value as JSON."""
    # What tests read must be what is there now, whatever stands between.
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, "application/json")


def error_response(error: ControlError) -> Response:
    """What was sent, what was expected, and what to do next."""
    row = {
        "code": error.kind.name,
        "message": str(error),
        "got": error.got,
        "expected": error.expected,
        "next": error.then,
    }
    return json_response(error.kind.value, {"error": row})
