"""Broken servers of the area health, and those that break the base path."""

from __future__ import annotations

from tests.conformance.apis.rest.broken.combinators import change_response, refuse, restate
from tests.conformance.apis.rest.broken.variants import Table

table = Table()

HEALTH = "getHealth"

table.weaken(
    "health.no-key", "health asks for a key", refuse("missing-key", HEALTH, lambda asked: asked.credential is None)
)
table.corrupt("health.status", "health is answered with 202", restate(202, HEALTH, accepted=True))
table.corrupt("health.body", "the status of health is up", change_response("status", lambda _: "up", HEALTH))
