"""The wire: everything that touches bytes. Takes ASGI in, asks the gate, carries out, and writes answers."""

from twosignal_mock.wire._application import CONTROL, Application
from twosignal_mock.wire._bounds import Bounds
from twosignal_mock.wire._dialects import canonical
from twosignal_mock.wire._exchange import Receive, Scope, Send
from twosignal_mock.wire._line import Refuse
from twosignal_mock.wire._log import AccessLog, LogFormat
from twosignal_mock.wire._parts import Parts
from twosignal_mock.wire._protocol import bind
from twosignal_mock.wire._records import Observer

__all__ = [
    "CONTROL",
    "AccessLog",
    "Application",
    "Bounds",
    "LogFormat",
    "Observer",
    "Parts",
    "Receive",
    "Refuse",
    "Scope",
    "Send",
    "bind",
    "canonical",
]
