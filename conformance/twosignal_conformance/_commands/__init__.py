"""The verbs of `twosignal-conformance`, one module each; what is slow to import, a verb imports when it runs."""

from twosignal_conformance._commands._clauses import list_clauses

__all__ = ["list_clauses"]
