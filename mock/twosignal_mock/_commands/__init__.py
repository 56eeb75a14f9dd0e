"""The verbs of `twosignal-mock`, one module each. What is slow to import is imported inside the verb that needs it."""

from twosignal_mock._commands._env import print_environment
from twosignal_mock._commands._prism import run_prism
from twosignal_mock._commands._serve import serve_mock
from twosignal_mock._commands._wait import wait_for_mock

__all__ = ["print_environment", "run_prism", "serve_mock", "wait_for_mock"]
