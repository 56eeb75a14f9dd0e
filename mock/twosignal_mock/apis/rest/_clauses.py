"""Which clauses of the contract are behind an error. A test compares ids, causes and operations with the contract."""

from __future__ import annotations

from twosignal_mock.engine.api import ClauseTable

CLAUSES = ClauseTable(
    causes={
        "malformed-request": (),
        "not-implemented": (),
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
    },
    operations={
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
    },
    places={
        ("listTraces", "limit"): ("client.paging.limit",),
        ("createScore", "value"): ("client.scores.range",),
    },
    respelled=("client.request.camel-case",),
)
