"""HTTP, a part of the engine: all that touches bytes, and the pipeline from a request to its response."""

from twosignal_mock.engine.http._access_log import AccessLog, AccessRecord, LogFormat
from twosignal_mock.engine.http._application import Application, ApplicationParts
from twosignal_mock.engine.http._asgi import CONTROL, Receive, Response, Scope, Send
from twosignal_mock.engine.http._bounds import KIBIBYTE, MEBIBYTE, Bounds
from twosignal_mock.engine.http._connection import Refuse, bind
from twosignal_mock.engine.http._fault_player import LONGEST_DELAY
from twosignal_mock.engine.http._loop_turns import MOST, Gathering, Outlet, begin
from twosignal_mock.engine.http._records import Observer

__all__ = [
    "CONTROL",
    "KIBIBYTE",
    "LONGEST_DELAY",
    "MEBIBYTE",
    "MOST",
    "AccessLog",
    "AccessRecord",
    "Application",
    "ApplicationParts",
    "Bounds",
    "Gathering",
    "LogFormat",
    "Observer",
    "Outlet",
    "Receive",
    "Refuse",
    "Response",
    "Scope",
    "Send",
    "begin",
    "bind",
]
