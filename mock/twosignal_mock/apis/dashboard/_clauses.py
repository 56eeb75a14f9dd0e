"""Which clauses of the contract are behind an error. A test compares ids, causes and operations with the contract."""

from __future__ import annotations

from twosignal_mock.engine.api import ClauseTable

CLAUSES = ClauseTable(
    causes={
        "malformed-request": (),
        "malformed-json": ("client.calls.valid", "envelope.input.malformed"),
        "malformed-encoding": ("client.calls.valid",),
        "invalid-value": ("client.calls.valid", "envelope.input.invalid"),
        "ambiguous-spelling": ("client.calls.valid",),
        "mixed-batch": ("client.calls.known",),
        "too-many-calls": ("envelope.batch.most",),
        "missing-session": ("client.calls.session", "sessions.cookie.missing"),
        "invalid-session": ("sessions.cookie.unknown-token",),
        "permission-denied": ("roles.denied.refused",),
        "owner-stays": ("organizations.members.owner-stays",),
        "unknown-endpoint": ("client.calls.known", "errors.procedure.unknown"),
        "unknown-resource": ("projects.access.not-found",),
        "method-not-allowed": ("client.calls.known", "envelope.method.other"),
        "already-member": ("organizations.members.twice",),
        "name-taken": ("routing.configurations.name-once",),
        "key-revoked": ("keys.rotate.revoked",),
        "request-timeout": (),
        "body-too-large": ("envelope.input.most-bytes",),
        "unsupported-media-type": ("client.calls.valid",),
        "unsupported-encoding": (),
        "headers-too-large": (),
        "rate-limit": ("errors.rate.refused",),
        "internal": (),
        "not-implemented": (),
        "bad-gateway": (),
        "unavailable": (),
    },
    operations={
        ("unknown-resource", "organization.addMember"): ("organizations.members.unknown-person",),
        ("invalid-value", "evaluator.create"): ("client.calls.valid", "evaluators.create.config-checked"),
    },
)
