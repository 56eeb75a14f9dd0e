"""The verbs of `twosignal-conformance`, one module each; what is slow to import, a verb imports when it runs."""

from twosignal_conformance._commands._client import CLIENT_EXIT_CODES, judge_client
from twosignal_conformance._commands._journal import judge_journal
from twosignal_conformance._commands._left import list_left
from twosignal_conformance._commands._server import EXIT_CODES, judge_server

__all__ = [
    "CLIENT_EXIT_CODES",
    "EXIT_CODES",
    "judge_client",
    "judge_journal",
    "judge_server",
    "list_left",
]
