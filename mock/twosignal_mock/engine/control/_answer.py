"""Answers of the control API as bytes."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from twosignal_mock.engine.control._problem import ControlError


def json_answer(status: int, value: Any) -> Response:
    """The value as JSON."""
    # What tests read must be what is there now, whatever stands between.
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, "application/json")


def problem_answer(problem: ControlError) -> Response:
    """A refusal."""
    return json_answer(problem.refused.value, problem.body)
