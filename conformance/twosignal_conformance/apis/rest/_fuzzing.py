"""How the REST API is fuzzed, and which clause a finding of Schemathesis speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
from twosignal_contract import Contract

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, actions, responses
from twosignal_conformance.engine.fuzz import Failure, Fuzzing

_CURSORS = 5
"""Cursors that the fuzzer is given."""

_STATUS = {
    "getHealth": "health.status",
    "ingestTraces": "traces.batch.status",
    "listTraces": "traces.list.status",
    "ingestOtlpTraces": "otlp.status",
    "createScore": "scores.create.status",
    "routeModel": "routing.status",
    "getPromptTemplates": "templates.resolve.status",
    "pushPromptTemplate": "templates.push.status",
}
"""Operation to the clause of its success status."""

_BODY = {
    "getHealth": "health.body",
    "ingestTraces": "traces.batch.answer",
    "listTraces": "traces.list.envelope",
    "ingestOtlpTraces": "otlp.count",
    "createScore": "scores.create.bare",
    "routeModel": "routing.answer.bare",
    "getPromptTemplates": "templates.resolve.answer",
    "pushPromptTemplate": "templates.push.answer",
}
"""Operation to the clause of its success body."""

_ODD = {
    "object_missing_required_property": "errors.missing-field.refused",
    "incorrect_type": "errors.wrong-type.refused",
}
"""What is odd about a request that was accepted, to the clause that wants it refused."""

_LIMIT = {"value_below_minimum": "traces.list.limit.below", "value_above_maximum": "traces.list.limit.above"}

_KEYS = {
    "no_auth": "auth.key.missing",
    "invalid_auth": "auth.key.invalid",
    "generated_auth": "auth.key.invalid",
}
"""With which key a request went, to the clause that wants it refused. The same clause followed by "-status" wants the
refusal to be a 401: Schemathesis asks for 401 or 403, so what it finds there is right for a part of it."""

MAPPED = frozenset(
    {
        "errors.internal.absent",
        "errors.envelope.error",
        "errors.envelope.content-type",
        "errors.success.content-type",
        "rate.refused.retry-after",
        *_KEYS.values(),
        *(f"{clause}-status" for clause in _KEYS.values()),
        *_STATUS.values(),
        *_BODY.values(),
        *_ODD.values(),
        *_LIMIT.values(),
    }
)
"""Every clause that a finding can name."""


def clause_of(failure: Failure) -> str | None:
    """The clause that the server breaks if the finding is right; None for what no clause says."""
    success = httpx.codes.is_success(failure.status)
    match failure.check:
        case "not_a_server_error":
            return "errors.internal.absent"
        case "status_code_conformance":
            return _STATUS.get(failure.operation) if success else None
        case "content_type_conformance":
            return "errors.success.content-type" if success else "errors.envelope.content-type"
        case "response_schema_conformance":
            return _BODY.get(failure.operation) if success else "errors.envelope.error"
        case "response_headers_conformance":
            return "rate.refused.retry-after" if failure.status == httpx.codes.TOO_MANY_REQUESTS else None
        case "ignored_auth":
            return _about_keys(failure.status, failure.credentials)
        case "missing_required_header":
            return _about_keys(failure.status, "no_auth") if "'Authorization'" in failure.message else None
        case "negative_data_rejection":
            return _LIMIT.get(failure.scenario) if failure.operation == "listTraces" else _ODD.get(failure.scenario)
        case _:
            return None


def _about_keys(status: int, credentials: str) -> str | None:
    """Schemathesis asks again without a key and with a wrong one, and reports whatever is neither 401 nor 403."""
    clause = _KEYS.get(credentials)
    if httpx.codes.is_server_error(status):
        return "errors.internal.absent"
    if clause is None or httpx.codes.is_success(status):
        return clause
    # A limit may stand before the key (auth.key.before-body).
    return None if status == httpx.codes.TOO_MANY_REQUESTS else f"{clause}-status"


def _cursors(client: ApiClient, judge: Judge, data: TestData) -> list[str]:
    """Cursors that the server issued, of traces of our own."""
    tag = data.tag("fuzz")
    traces = [data.trace(tags=[tag]) for _ in range(_CURSORS + 1)]
    actions.ingest(client, judge, data, *traces)
    actions.shown(client, judge, traces[-1])
    pages = actions.pages(client, most=_CURSORS, limit=1)
    return [cursor for page in pages if (cursor := responses.next_cursor(page)) is not None]


def _allow_envelopes(document: dict[str, Any], contract: Contract, operations: Sequence[str]) -> None:
    """Allow a bare response inside of "data", too, where a dialect leaves that open."""
    for dialect in contract.dialects.values():
        operation = contract.clauses[dialect.clause].operation_id
        if operation in operations and {"data", "bare"} <= dialect.values.keys():
            row = contract.operation(str(operation))
            media = document["paths"][row.path][row.method.lower()]["responses"][str(row.success)]["content"]
            for body in media.values():
                inside = {"type": "object", "required": ["data"], "properties": {"data": body["schema"]}}
                body["schema"] = {"anyOf": [body["schema"], inside]}


FUZZING = Fuzzing(
    # Its evaluators may call models and web hooks on the server's account; it has checks of its own.
    left_out=frozenset({"validateOutput"}),
    # A version without a name is refused (templates.resolve.version-alone).
    refusing=frozenset({"getPromptTemplates"}),
    narrow=("identifiers", "span-spelling"),
    invalid="invalid-value",
    tolerated=("missing-key", "unknown-resource", "body-too-large", "rate-limit"),
    issued_format="x-cursor",
    issued=_cursors,
    widen=_allow_envelopes,
    clause_of=clause_of,
)
