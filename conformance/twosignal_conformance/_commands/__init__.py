"""The verbs of `twosignal-conformance`, one module each; what is slow to import, a verb imports when it runs."""

from twosignal_conformance._commands._clauses import list_clauses
from twosignal_conformance._commands._left import list_left
from twosignal_conformance._commands._server import EXIT_CODES, judge_server

__all__ = ["EXIT_CODES", "judge_server", "list_clauses", "list_left"]
