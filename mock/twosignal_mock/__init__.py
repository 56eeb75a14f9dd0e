"""A stateful mock of the API that `openapi.yaml` describes: it obeys the document and can play every trick in it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twosignal_mock._composition import create_application
    from twosignal_mock._control_client import ControlError, Sandbox, VerificationError
    from twosignal_mock._server import MockServer, MockServerError

__all__ = ["ControlError", "MockServer", "MockServerError", "Sandbox", "VerificationError", "create_application"]

_HOMES = {
    "ControlError": "twosignal_mock._control_client",
    "MockServer": "twosignal_mock._server",
    "MockServerError": "twosignal_mock._server",
    "Sandbox": "twosignal_mock._control_client",
    "VerificationError": "twosignal_mock._control_client",
    "create_application": "twosignal_mock._composition",
}
"""Module of each public name: imported when it is asked for, so that `import twosignal_mock` costs nothing."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
