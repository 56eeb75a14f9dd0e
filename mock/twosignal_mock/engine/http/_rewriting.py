"""Rewrites the body of a success for a dialect: its date-times by the schema, then what is the operation's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from twosignal_mock.engine.api import Deviations
from twosignal_mock.engine.validation import ResponseForm, Schemas

Rewrite = Callable[[Any], Any]

_FORMAT = "date-time"


@dataclass(slots=True)
class _Plan:
    is_timestamp: bool = False
    properties: dict[str, _Plan] = field(default_factory=dict)
    items: _Plan | None = None


def body_rewriter(deviations: Deviations, operation_id: str, form: ResponseForm, schemas: Schemas) -> Rewrite | None:
    """What the chosen dialects do to a body of this form; None for nothing."""
    own = deviations.bodies.get(operation_id)
    text, plan = deviations.timestamps, _compile(schemas, form.schema)
    if text is None or plan is None:
        return own
    return lambda body: (own or _same)(_apply(plan, body, text))


def _same(body: Any) -> Any:
    return body


def _compile(schemas: Schemas, schema: Any) -> _Plan | None:
    """The way to every date-time in a value of a schema; None when there can be none."""
    plan = _Plan()
    for branch in _branches(schemas, schema):
        plan.is_timestamp |= branch.get("format") == _FORMAT
        for name, part in branch.get("properties", {}).items():
            if (inner := _compile(schemas, part)) is not None:
                plan.properties[name] = inner
        if "items" in branch:
            plan.items = _compile(schemas, branch["items"])
    return plan if plan.is_timestamp or plan.properties or plan.items else None


def _branches(schemas: Schemas, schema: Any) -> Iterator[Any]:
    schema = schemas.follow(schema)
    yield schema
    for keyword in ("oneOf", "anyOf", "allOf"):
        for branch in schema.get(keyword, ()):
            yield from _branches(schemas, branch)


def _apply(plan: _Plan, value: Any, rewrite: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return rewrite(value) if plan.is_timestamp else value
    if isinstance(value, dict):
        changed = {
            name: _apply(inner, value[name], rewrite) for name, inner in plan.properties.items() if name in value
        }
        return {**value, **changed}
    if isinstance(value, list | tuple) and plan.items is not None:
        return [_apply(plan.items, item, rewrite) for item in value]
    return value
