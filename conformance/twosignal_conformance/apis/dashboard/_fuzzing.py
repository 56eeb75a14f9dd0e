"""How the dashboard API is fuzzed, and which clause a finding of Schemathesis speaks of.

Queries alone: the links of the document lead from what is listed to what changes it, and that may be an operator's.
"""

from __future__ import annotations

import httpx

from twosignal_conformance.engine.fuzz import Failure, Fuzzing

_KEYS = {
    "no_auth": "sessions.cookie.missing",
    "invalid_auth": "sessions.cookie.unknown-token",
    "generated_auth": "sessions.cookie.unknown-token",
}
"""With which session a request went, to the clause that wants it refused."""

_BY_CHECK = {
    "not_a_server_error": "errors.server.absent",
    "content_type_conformance": "envelope.result.json",
    "negative_data_rejection": "envelope.input.invalid",
}
"""Check of Schemathesis to the clause, whatever the status."""


def clause_of(failure: Failure) -> str | None:
    """The clause that the server breaks if the finding is right; None for what no clause says."""
    success = httpx.codes.is_success(failure.status)
    match failure.check:
        case "status_code_conformance":
            return "envelope.result.status" if success else None
        case "response_schema_conformance":
            return "envelope.result.data" if success else "errors.shape.message"
        case "ignored_auth":
            return _KEYS.get(failure.credentials) if success else None
        case _:
            return _BY_CHECK.get(failure.check)


FUZZING = Fuzzing(
    reading_only=True,
    invalid="invalid-value",
    tolerated=("unknown-resource", "permission-denied", "rate-limit", "headers-too-large"),
    issued_format="x-cursor",
    clause_of=clause_of,
)
