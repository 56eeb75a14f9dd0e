"""Which clauses of the contract stand behind a refusal: those that the client broke, and those that had it refused.

A test holds every id against the contract, and every cause of the contract against this table.
"""

from __future__ import annotations

from collections.abc import Mapping

from twosignal_mock.engine.api import Refusal

CAUSES: Mapping[str, tuple[str, ...]] = {
    "malformed-request": (),
    "malformed-json": ("client.request.valid", "errors.malformed.refused"),
    "malformed-encoding": ("client.request.valid", "http.gzip.accepted"),
    "invalid-value": ("client.request.valid", "errors.validation.place"),
    "invalid-identifier": ("client.request.valid", "identifiers.any-string"),
    "ambiguous-spelling": ("client.request.valid", "json.aliases.different-values"),
    "missing-key": ("client.auth.bearer", "auth.key.missing"),
    "invalid-key": ("auth.key.invalid",),
    "revoked-key": ("auth.key.revoked",),
    "invalid-credentials": ("sessions.login.same-refusal",),
    "invalid-access-token": ("sessions.logout.invalid",),
    "invalid-refresh-token": ("sessions.refresh.invalid",),
    "unknown-endpoint": ("client.request.known-endpoint", "errors.not-found.status"),
    "unknown-resource": (),
    "method-not-allowed": ("client.request.known-endpoint", "errors.method.refused"),
    "request-timeout": (),
    "body-too-large": (),
    "too-many-events": ("client.batch.max-events", "traces.batch.max-events"),
    "unsupported-media-type": ("client.request.content-type", "errors.media-type.refused"),
    "unsupported-encoding": (),
    "headers-too-large": (),
    "rate-limit": ("rate.window.at-most",),
    "internal": (),
    "bad-gateway": (),
    "unavailable": (),
}
"""By cause, whatever the operation."""

OPERATIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("body-too-large", "ingestTraces"): ("client.batch.max-bytes", "traces.batch.max-bytes"),
    ("body-too-large", "ingestOtlpTraces"): ("client.otlp.max-bytes", "otlp.max-bytes"),
    ("body-too-large", "createScore"): ("client.scores.max-bytes", "scores.max-bytes"),
    ("body-too-large", "routeModel"): ("client.routing.max-bytes", "routing.max-bytes"),
    ("body-too-large", "pushPromptTemplate"): ("templates.push.max-bytes",),
    ("body-too-large", "validateOutput"): ("validate.max-bytes",),
    ("unsupported-media-type", "ingestOtlpTraces"): ("client.request.content-type", "otlp.encoding.protobuf"),
    ("unknown-resource", "createScore"): ("scores.trace.unknown",),
    ("unknown-resource", "routeModel"): ("routing.config.unknown",),
    ("unknown-resource", "getPromptTemplates"): ("templates.resolve.unknown-name",),
    ("missing-key", "logout"): ("sessions.logout.missing",),
}
"""By cause and operation, where the contract says it of the operation itself."""

PLACES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("listTraces", "limit"): ("client.paging.limit",),
    ("createScore", "value"): ("client.scores.range",),
}
"""Further ones, by operation and the place of an invalid value."""

_CLIENT = "client."

RESPELLED = "client.request.camel-case"
"""Broken by a request that was understood only because another spelling of a field is accepted as well."""


def clauses_behind(refusal: Refusal, operation_id: str | None) -> tuple[str, ...]:
    """The ids of the clauses behind a refusal, those that bind clients first."""
    if operation_id is None:
        return CAUSES[refusal.cause]
    found = OPERATIONS.get((refusal.cause, operation_id)) or CAUSES[refusal.cause]
    if refusal.cause == "invalid-value":
        return PLACES.get((operation_id, str(refusal.values["place"])), ()) + found
    return found


def broken(clauses: tuple[str, ...]) -> tuple[str, ...]:
    """Those that a client can break."""
    return tuple(clause for clause in clauses if clause.startswith(_CLIENT))
