"""Broken servers of the area model routing."""

from __future__ import annotations

from tests.conformance.apis.rest.broken.combinators import ROUTING, accept, change_response, drop, refuse, restate
from tests.conformance.apis.rest.broken.errors import INVALID, whole
from tests.conformance.apis.rest.broken.messages import Asked, Response, Upstream
from tests.conformance.apis.rest.broken.scores import missing
from tests.conformance.apis.rest.broken.shapes import largest, too_large
from tests.conformance.apis.rest.broken.variants import Table

LONG_INPUT = 2_000
"""Characters."""


async def undecided(asked: Asked, upstream: Upstream) -> Response:
    """Every other decision is for another model."""
    given = await upstream.send(asked)
    if asked.operation != ROUTING or not given.accepted:
        return given
    turn = upstream.memory["turn"] = not upstream.memory.get("turn", False)
    return given.with_json({**given.json, "model": "coin"}) if turn else given


async def drifting(asked: Asked, upstream: Upstream) -> Response:
    """Complexity grows with every question."""
    given = await upstream.send(asked)
    if asked.operation != ROUTING or not given.accepted:
        return given
    count = upstream.memory["count"] = upstream.memory.get("count", 0) + 1
    return given.with_json({**given.json, "complexity": count % 100 / 100})


table = Table()
table.corrupt("routing.status", "a decision is answered with 201", restate(201, ROUTING, accepted=True))
table.corrupt(
    "routing.answer.bare",
    "a decision stands in result",
    whole(lambda body: {"result": body}, accepted=True, on=ROUTING),
)
table.forget("routing.answer.model", "the model is null", change_response("model", lambda _: None, ROUTING))
table.corrupt(
    "routing.answer.model", "the model is an object", change_response("model", lambda name: {"name": name}, ROUTING)
)
table.forget("routing.answer.config-name", "configName is missing", change_response("configName", drop, ROUTING))
table.corrupt(
    "routing.answer.complexity",
    "complexity is in percent",
    change_response("complexity", lambda value: 100 * value + 2, ROUTING),
)
table.corrupt(
    "routing.answer.complexity", "complexity is a word", change_response("complexity", lambda value: "low", ROUTING)
)
table.weaken("routing.input.required", "a decision needs no input", accept(ROUTING, missing("input")))
table.weaken(
    "routing.config.optional", "configName is required", refuse("invalid-value", ROUTING, missing("configName"))
)
table.disorder("routing.deterministic", "every other decision is for another model", undecided)
table.disorder("routing.deterministic", "complexity grows with every question", drifting)
table.corrupt(
    "routing.complexity.order",
    "complexity is turned round",
    change_response("complexity", lambda value: round(1 - value, 2), ROUTING),
)
table.corrupt(
    "routing.complexity.order", "everything is as complex", change_response("complexity", lambda _: 0.5, ROUTING)
)
table.weaken(
    "routing.max-bytes-accepted", "an input of the largest size is refused", refuse("body-too-large", ROUTING, largest)
)
table.weaken("routing.max-bytes", "an input of any size is accepted", accept(ROUTING, too_large))
table.corrupt(
    "routing.max-bytes-status", "an input that is too large is answered with 400", restate(INVALID, ROUTING, too_large)
)
table.corrupt(
    "routing.answer.complexity",
    "long inputs are more than complex",
    change_response(
        "complexity", lambda value: 3 * value, ROUTING, lambda asked: len(str(asked.at("input"))) > LONG_INPUT
    ),
)
