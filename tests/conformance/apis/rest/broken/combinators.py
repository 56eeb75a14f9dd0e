"""What rows are made of: each takes what it concerns and gives a behaviour. None knows a clause.

`on` names operations (none: all); `when` is a question to the request. Where a place in JSON is asked for it is
written `data.traces.*.name`; `*` is every item. A function given for a place gets the value there and gives the new
one, or DROP.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from twosignal_contract import Operation

from tests.conformance.apis.rest.broken.messages import (
    CONTRACT,
    NOT_JSON,
    Asked,
    Behaviour,
    Response,
    Upstream,
    json_response,
    refusal,
)

DROP = object()
"""Given by a function for a place: the member goes away."""

When = Callable[[Asked], bool]
Edit = Callable[[Response, Asked, Upstream], Response]
On = str | Sequence[str] | None

LISTING, INGESTION, OTLP, SCORING = "listTraces", "ingestTraces", "ingestOtlpTraces", "createScore"
ROUTING, RESOLVING, PUSHING, VALIDATING = "routeModel", "getPromptTemplates", "pushPromptTemplate", "validateOutput"
KEYED = tuple(row.id for row in CONTRACT.operations.values() if row.keyed)


def always(_asked: Asked) -> bool:
    """Every request."""
    return True


def concerns(asked: Asked, on: On, when: When = always) -> bool:
    """True when a behaviour has to do with a request."""
    names = (on,) if isinstance(on, str) else on
    return (names is None or asked.operation in names) and when(asked)


# --- before the good server ---


def refuse(cause: str, on: On = None, when: When = always) -> Behaviour:
    """Requests are refused that must be accepted."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        return refusal(cause) if concerns(asked, on, when) else await upstream.send(asked)

    return behaviour


def change(edit: Callable[[Asked], Asked], on: On = None, when: When = always) -> Behaviour:
    """The good server gets another request than the one that was sent."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        return await upstream.send(edit(asked) if concerns(asked, on, when) else asked)

    return behaviour


def change_sent(place: str, function: Callable[[Any], Any], on: On = None, when: When = always) -> Behaviour:
    """The good server gets another value at a place of the JSON body."""
    return change(lambda asked: asked.with_json(edited(asked.json, place, function)), on, both(is_json, when))


def ignore_parameter(name: str, on: On = LISTING, when: When = always) -> Behaviour:
    """A query parameter has no effect."""
    return change(lambda asked: asked.with_parameter(name, None), on, when)


def change_parameter(name: str, function: Callable[[str], str | None], on: On = LISTING) -> Behaviour:
    """A query parameter means something else than was sent."""
    return change(
        lambda asked: asked.with_parameter(name, function(asked.parameter(name) or "")),
        on,
        lambda asked: asked.parameter(name) is not None,
    )


def invent(value: Callable[[Asked], Any], on: On, when: When = always) -> Behaviour:
    """The server answers success with a value of its own and does nothing."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        if concerns(asked, on, when):
            return pretended(asked, value(asked))
        return await upstream.send(asked)

    return behaviour


# --- after the good server ---


def after(edit: Edit, on: On = None, when: When = always) -> Behaviour:
    """The response of the good server is edited."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        given = await upstream.send(asked)
        return edit(given, asked, upstream) if concerns(asked, on, when) else given

    return behaviour


def accept(on: On, when: When = always) -> Behaviour:
    """What is refused is answered as accepted, with the example of the document."""

    def edit(given: Response, asked: Asked, _upstream: Upstream) -> Response:
        return given if given.accepted or asked.operation is None else pretended(asked)

    return after(edit, on, when)


def restate(status: int, on: On = None, when: When = always, *, accepted: bool = False) -> Behaviour:
    """Refusals, or with `accepted` successes, have another status."""

    def edit(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
        return given.with_status(status) if given.accepted == accepted else given

    return after(edit, on, when)


def restate_cause(cause: str, status: int, on: On = None, when: When = always) -> Behaviour:
    """Refusals with the status of a cause have another one."""

    def edit(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
        return given.with_status(status) if given.status == CONTRACT.error(cause).status else given

    return after(edit, on, when)


def recode(status: int, code: str, on: On = None, when: When = always) -> Behaviour:
    """Refusals with this status have another code."""

    def edit(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
        return with_place(given, "error.code", lambda _: code) if given.status == status else given

    return after(edit, on, when)


def change_response(place: str, function: Callable[[Any], Any], on: On = None, when: When = always) -> Behaviour:
    """Success answers have another value at a place."""

    def edit(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
        return with_place(given, place, function) if given.accepted else given

    return after(edit, on, when)


def change_refusal(place: str, function: Callable[[Any], Any], on: On = None, when: When = always) -> Behaviour:
    """Refusals have another value at a place."""

    def edit(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
        return given if given.accepted else with_place(given, place, function)

    return after(edit, on, when)


def change_header(
    name: str, value: str | None, status: int | None = None, *, accepted: bool | None = None
) -> Behaviour:
    """Answers (those of a status, or successes, or refusals) have another header, or lack it."""

    def edit(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
        meant = status in (None, given.status) and accepted in (None, given.accepted)
        return given.with_header(name, value) if meant else given

    return after(edit)


# --- pieces ---


def both(*questions: When) -> When:
    """All of the questions."""
    return lambda asked: all(question(asked) for question in questions)


def is_json(asked: Asked) -> bool:
    """True when the body can be edited."""
    return asked.json is not NOT_JSON


def _last_example(operation: Operation) -> Any:
    """Of pages that is the one on which a walk ends."""
    media = operation.response(operation.success).media_type
    assert media is not None
    return copy.deepcopy([*media.examples.values()][-1])


def pretended(asked: Asked, value: Any = None) -> Response:
    """A success of the operation: with this body, or with the document's example."""
    row = CONTRACT.operation(str(asked.operation))
    return json_response(row.success, _last_example(row) if value is None else value)


def with_place(given: Response, place: str, function: Callable[[Any], Any]) -> Response:
    """The response with another value at a place of its body."""
    return given if given.json is NOT_JSON else given.with_json(edited(given.json, place, function))


def edited(value: Any, place: str, function: Callable[[Any], Any]) -> Any:
    """A copy of plain data with the function applied at each place that is there."""
    copied = copy.deepcopy(value)
    _edit(copied, place.split("."), function)
    return copied


def _edit(value: Any, steps: list[str], function: Callable[[Any], Any]) -> None:
    step, rest = steps[0], steps[1:]
    keys: Sequence[Any]
    if isinstance(value, list):
        keys = range(len(value)) if step == "*" else [int(step)] if step.isdigit() and int(step) < len(value) else []
    elif isinstance(value, dict):
        keys = [step] if step in value else []
    else:
        return
    for key in keys:
        if rest:
            _edit(value[key], rest, function)
        elif (new := function(value[key])) is DROP:
            del value[key]
        else:
            value[key] = new


def put(name: str, value: Any) -> Callable[[Any], Any]:
    """A function for a place that holds an object: sets a member of it."""
    return lambda held: {**held, name: value} if isinstance(held, dict) else held


def drop(_: Any) -> Any:
    """A function for a place: the member goes away."""
    return DROP


def constant(value: Any) -> Callable[[Any], Any]:
    """A function for a place: always this value."""
    return lambda _: value


__all__ = [
    "DROP",
    "INGESTION",
    "KEYED",
    "LISTING",
    "OTLP",
    "PUSHING",
    "RESOLVING",
    "ROUTING",
    "SCORING",
    "VALIDATING",
    "accept",
    "after",
    "always",
    "both",
    "change",
    "change_header",
    "change_parameter",
    "change_refusal",
    "change_response",
    "change_sent",
    "concerns",
    "constant",
    "drop",
    "edited",
    "ignore_parameter",
    "invent",
    "is_json",
    "pretended",
    "put",
    "recode",
    "refuse",
    "restate",
    "restate_cause",
    "with_place",
]
