"""The verbs of `twosignal-mock`, one module each. What is slow to import is imported inside the verb that needs it."""

from twosignal_mock._commands._clauses import print_clauses

__all__ = ["print_clauses"]
