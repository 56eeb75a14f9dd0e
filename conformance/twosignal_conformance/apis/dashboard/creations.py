"""What a call would create, for the run ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from twosignal_conformance.engine.api_client import MISSING, Creation, member

KIND = "organization"
"""What the budget counts: no call deletes one, so it is what an operator wants to know of."""

_KINDS: Mapping[str, str] = {
    "organization.create": KIND,
    "organization.addMember": "membership",
    "project.create": "project",
    "evaluator.create": "evaluator",
    "dataset.create": "dataset",
    "dataset.addItem": "dataset item",
    "apiKey.create": "API key",
    "apiKey.rotate": "API key",
    "modelRouting.create": "routing configuration",
}
"""Procedure to what it makes."""

_NAMES = ("name", "email", "datasetId", "id")


def creations_of(operation_id: str | None, body: bytes) -> Sequence[Creation]:
    """What a body may create, under its name: the id is the server's."""
    kind = _KINDS.get(operation_id or "")
    if kind is None:
        return ()
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    found = (member(given, "json", name) for name in _NAMES)
    name = str(next((each for each in found if each is not MISSING), "(unnamed)"))
    return (Creation(kind, name, name),)
