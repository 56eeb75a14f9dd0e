"""What Schemathesis finds names clauses of the dashboard's contract, each for what it says."""

from __future__ import annotations

import pytest
from twosignal_conformance._apis import api_of
from twosignal_conformance.engine.fuzz import Failure

from tests.conformance.apis.dashboard.broken.behaviours import CONTRACT

FUZZING = api_of("dashboard").fuzzing


@pytest.mark.parametrize(
    ("check", "status", "credentials", "clause"),
    [
        ("not_a_server_error", 500, "", "errors.server.absent"),
        ("status_code_conformance", 201, "", "envelope.result.status"),
        ("status_code_conformance", 418, "", None),
        ("content_type_conformance", 200, "", "envelope.result.json"),
        ("response_schema_conformance", 200, "", "envelope.result.data"),
        ("response_schema_conformance", 404, "", "errors.shape.message"),
        ("negative_data_rejection", 200, "", "envelope.input.invalid"),
        ("ignored_auth", 200, "no_auth", "sessions.cookie.missing"),
        ("ignored_auth", 200, "invalid_auth", "sessions.cookie.unknown-token"),
        ("ignored_auth", 403, "invalid_auth", None),
        ("use_after_free", 200, "", None),
    ],
)
def test_a_finding_speaks_of_a_clause(check: str, status: int, credentials: str, clause: str | None) -> None:
    failure = Failure(check, "", "project.list", status, "", "", "case", credentials=credentials)
    assert FUZZING.clause_of(failure) == clause
    assert clause is None or clause in CONTRACT.clauses


def test_nothing_is_fuzzed_that_changes_something() -> None:
    fuzzed = FUZZING.operations(CONTRACT)
    assert fuzzed
    assert {CONTRACT.operation(name).method for name in fuzzed} == {"GET"}
