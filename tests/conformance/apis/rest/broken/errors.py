"""Broken servers of the areas errors, JSON and HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.conformance.apis.rest.broken.combinators import (
    INGESTION,
    KEYED,
    LISTING,
    OTLP,
    PUSHING,
    ROUTING,
    SCORING,
    VALIDATING,
    accept,
    after,
    change,
    change_header,
    change_refusal,
    drop,
    put,
    recode,
    refuse,
    restate,
)
from tests.conformance.apis.rest.broken.messages import (
    CONTRACT,
    NOT_JSON,
    Asked,
    Behaviour,
    Response,
    Upstream,
    json_response,
)
from tests.conformance.apis.rest.broken.shapes import SPAN, TRACE, has_wrong_type, lacks_field, not_json
from tests.conformance.apis.rest.broken.variants import Table

UNPROCESSABLE = 422
"""What many frameworks answer where the documentation says 400."""

DEEPEST = 100
"""Objects in one another."""

INTERNAL = CONTRACT.error("internal").status
INVALID = CONTRACT.error("invalid-value").status

_ASTRAL = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|[\U00010000-\U0010ffff]", re.IGNORECASE)


def whole(edit: Callable[[Any], Any], *, accepted: bool, on: str | None = None) -> Behaviour:
    """The whole JSON body of successes, or of refusals, is another one."""

    def other(given: Response, asked: Asked, _upstream: Upstream) -> Response:
        if given.accepted != accepted or given.json is NOT_JSON or asked.operation is None:
            return given
        return given.with_json(edit(given.json))

    return after(other, on)


def without_astral(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """As a database with three bytes for a character has it."""
    return given.with_body(_ASTRAL.sub("?", given.body.decode("utf-8", "replace")).encode())


def unknown_place(asked: Asked) -> bool:
    """Below the base path, and no path of the document."""
    return asked.path not in {row.path for row in CONTRACT.operations.values()}


def not_utf8(asked: Asked) -> bool:
    """True when the bytes are no UTF-8."""
    try:
        asked.body.decode()
    except UnicodeDecodeError:
        return True
    return False


def not_finite(asked: Asked) -> bool:
    """True when a number is one that JSON does not have."""
    return b"NaN" in asked.body or b"Infinity" in asked.body


async def anything_goes(asked: Asked, upstream: Upstream) -> Response:
    """Places that do not exist are there, and empty."""
    return json_response(200, {}) if unknown_place(asked) else await upstream.send(asked)


def scope_version(asked: Asked) -> Any:
    """The version of the first scope of an export."""
    return asked.at("resourceSpans", 0, "scopeSpans", 0, "scope", "version")


def odd_version(asked: Asked) -> bool:
    """True when the version of a scope is no text."""
    return not isinstance(scope_version(asked), str | None)


def odd_usage(asked: Asked) -> bool:
    """True when a number of tokens is none."""
    usage = asked.at("batch", 0, "body", "usage")
    return isinstance(usage, dict) and any(isinstance(count, bool | str | list | dict) for count in usage.values())


def odd_setting(asked: Asked) -> bool:
    """True when negate of an evaluator is no boolean."""
    rows = asked.at("evaluators")
    configs = [row.get("config") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return any(isinstance(config, dict) and not isinstance(config.get("negate", False), bool) for config in configs)


def keeps(on: str, least: Callable[[Asked], Any]) -> Behaviour:
    """What is refused is stored all the same, with what can be read of it."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        given = await upstream.send(asked)
        if asked.operation == on and given.status == INVALID and (kept := least(asked)) is not None:
            await upstream.send(asked.with_json(kept))
        return given

    return behaviour


def least_event(kind: str, *names: str) -> Callable[[Asked], Any]:
    """A batch of one event of a kind with these fields alone."""

    def least(asked: Asked) -> Any:
        event = asked.at("batch", 0)
        body = event.get("body") if isinstance(event, dict) and event.get("type") == kind else None
        if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in names):
            return None
        return {"batch": [{**event, "body": {name: body[name] for name in names}}]}

    return least


def broken_by_depth(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """A page that holds objects in one another, deeper than a writer of JSON goes, is an error."""
    return given.with_status(INTERNAL) if b"}" * DEEPEST in given.body else given


def least_template(asked: Asked) -> Any:
    """A template of this name."""
    name = asked.at("name")
    return {"name": name, "content": ""} if isinstance(name, str) else None


table = Table()
table.corrupt(
    "errors.envelope.error", "code and message stand at the top", whole(lambda body: body["error"], accepted=False)
)
table.corrupt(
    "errors.envelope.error",
    "the error is a text",
    whole(lambda body: {"error": body["error"]["message"]}, accepted=False),
)
table.forget("errors.envelope.code", "errors have no code", change_refusal("error.code", drop))
table.corrupt("errors.envelope.code", "codes are numbers", change_refusal("error.code", lambda _: INVALID))
table.forget("errors.envelope.message", "errors have no message", change_refusal("error.message", drop))
table.corrupt("errors.envelope.message", "messages are lists", change_refusal("error.message", lambda text: [text]))
table.corrupt(
    "errors.envelope.content-type", "errors are text/html", change_header("content-type", "text/html", accepted=False)
)
table.corrupt(
    "errors.success.content-type",
    "successes are text/plain",
    change_header("content-type", "text/plain", accepted=True),
)
table.corrupt(
    "errors.success.no-error",
    "a routing decision comes with an error",
    whole(put("error", {"code": "NONE"}), accepted=True, on=ROUTING),
)
table.corrupt(
    "errors.success.no-error",
    "an accepted batch comes with error false",
    whole(put("error", False), accepted=True, on=INGESTION),
)
table.weaken("errors.malformed.refused", "a body that is not JSON is taken for an empty one", accept(None, not_json))
table.weaken("errors.malformed.refused", "scores that are not JSON are accepted", accept(SCORING, not_json))
table.corrupt(
    "errors.malformed.status", "a body that is not JSON is answered with 422", restate(UNPROCESSABLE, None, not_json)
)
table.weaken("errors.missing-field.refused", "required fields are not required", accept(None, lacks_field))
table.weaken("errors.missing-field.refused", "a validation needs no fields", accept(VALIDATING, lacks_field))
table.corrupt(
    "errors.missing-field.status", "a missing field is answered with 422", restate(UNPROCESSABLE, None, lacks_field)
)
table.weaken("errors.wrong-type.refused", "types are not looked at", accept(None, has_wrong_type))
table.weaken("errors.wrong-type.refused", "the version of a scope may be anything", accept(OTLP, odd_version))
table.weaken("errors.wrong-type.refused", "tokens may be anything", accept(INGESTION, odd_usage))
table.weaken("errors.wrong-type.refused", "settings of evaluators may be anything", accept(VALIDATING, odd_setting))
table.forget(
    "errors.wrong-type.refused",
    "a trace that is refused is stored",
    keeps(INGESTION, least_event(TRACE, "id", "name")),
)
table.corrupt(
    "traces.fields.span-count",
    "a span that is refused counts",
    keeps(INGESTION, least_event(SPAN, "id", "name", "traceId", "type")),
)
table.forget("templates.resolve.unknown-name", "a template that is refused is listed", keeps(PUSHING, least_template))
table.corrupt(
    "errors.wrong-type.status", "a wrong type is answered with 422", restate(UNPROCESSABLE, None, has_wrong_type)
)
table.corrupt("errors.validation.code", "a 400 has the code BAD_REQUEST", recode(INVALID, "BAD_REQUEST"))
table.weaken("errors.not-found.status", "unknown places are there", anything_goes)
table.corrupt("errors.not-found.status", "unknown places are answered with 400", restate(INVALID, None, unknown_place))
table.corrupt(
    "errors.internal.absent", "a body that is not JSON is answered with 500", restate(INTERNAL, None, not_json)
)
table.corrupt(
    "errors.internal.absent",
    "an odd parameter is answered with 500",
    restate(INTERNAL, LISTING, lambda asked: bool(asked.query)),
)
table.corrupt("errors.internal.absent", "deep metadata breaks the list", after(broken_by_depth, LISTING))
table.weaken("json.numbers.finite", "NaN and Infinity are read as 0", accept(None, not_finite))
table.weaken("json.encoding.utf-8", "bytes that are no UTF-8 are accepted", accept(None, not_utf8))
table.weaken(
    "json.encoding.utf-8",
    "bytes that are no UTF-8 are replaced",
    change(lambda asked: asked.with_body(asked.body.decode("utf-8", "replace").encode()), None, not_utf8),
)
table.corrupt("json.text.unicode", "astral characters become question marks", after(without_astral))
table.forget("http.base-path.origin", "nothing but health is under the base path", refuse("unknown-endpoint", KEYED))
