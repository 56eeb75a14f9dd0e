"""The wire: everything that touches bytes. Takes ASGI in, asks the gate, carries out, and writes answers."""

from twosignal_mock.engine.http._application import CONTROL, Application
from twosignal_mock.engine.http._bounds import Bounds
from twosignal_mock.engine.http._dialects import canonical
from twosignal_mock.engine.http._exchange import Receive, Scope, Send
from twosignal_mock.engine.http._line import Refuse
from twosignal_mock.engine.http._log import AccessLog, LogFormat
from twosignal_mock.engine.http._parts import Parts
from twosignal_mock.engine.http._protocol import bind
from twosignal_mock.engine.http._records import Observer

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
