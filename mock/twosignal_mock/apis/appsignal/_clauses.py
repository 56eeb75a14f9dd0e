"""Which clauses of the contract are behind an error. A test compares ids, causes and operations with the contract."""

from __future__ import annotations

from twosignal_mock.engine.api import ClauseTable

CLAUSES = ClauseTable(
    causes={
        "missing-key": ("access.token.missing-status",),
        "invalid-key": ("access.token.invalid-status",),
        "revoked-key": ("access.token.invalid-status",),
        "unknown-endpoint": ("client.request.known-endpoint", "errors.not-found.route"),
        "method-not-allowed": ("client.request.known-endpoint", "errors.not-found.method"),
        "unknown-resource": ("errors.not-found.resource",),
        "unknown-site": ("access.sites.refused", "access.sites.all-or-nothing"),
        "legacy-log-query-syntax": ("logs.query.legacy",),
        "invalid-log-query": ("logs.query.syntax",),
        "ungrouped-wildcard": ("metrics.list.ungrouped-wildcard",),
        "invalid-tag": ("metrics.tags.unknown",),
        "invalid-metric-field": ("metrics.field.other-type",),
        "invalid-value": ("client.request.valid", "errors.unprocessable.status"),
        "ambiguous-spelling": ("client.request.valid", "traces.filter.duration-spelling"),
        "malformed-json": ("client.request.valid", "errors.malformed.refused"),
        "unsupported-media-type": ("client.request.content-type", "errors.media-type.refused"),
        "body-too-large": ("errors.payload.refused",),
        "headers-too-large": ("errors.headers.refused",),
        "malformed-encoding": (),
        "unsupported-encoding": (),
        "malformed-request": (),
        "request-timeout": (),
        "internal": (),
        "not-implemented": (),
        "bad-gateway": (),
        "unavailable": (),
    },
    operations={
        ("missing-key", "searchLogLines"): ("access.token.missing-status", "logs.token.query"),
        ("unknown-resource", "getMetricType"): ("metrics.type.unknown",),
        ("unknown-resource", "searchLogLines"): ("logs.sources.unknown",),
        ("unknown-resource", "getDeployStatistics"): ("deploys.unknown.status",),
        ("unknown-resource", "getSavedVisual"): ("visuals.unknown",),
        ("unknown-resource", "downloadSavedVisual"): ("visuals.csv.unknown",),
    },
)
