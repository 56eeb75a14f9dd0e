"""The commands of `twosignal-mock`. What is slow to import is imported inside the command that needs it."""

from twosignal_mock._commands._prism import MISSING, PRISM_VERSION, run_prism
from twosignal_mock._commands._running import NOT_READY, print_environment, wait_for_mock
from twosignal_mock._commands._serve import check_contracts, serve_mock

__all__ = [
    "MISSING",
    "NOT_READY",
    "PRISM_VERSION",
    "check_contracts",
    "print_environment",
    "run_prism",
    "serve_mock",
    "wait_for_mock",
]
