"""Rewrites the timestamps of an answer, and nothing that only looks like one: what is a timestamp, the schema says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from twosignal_mock.engine.validation import Schemas

Rewrite = Callable[[str], str]

_FORMAT = "date-time"


@dataclass(slots=True)
class _Plan:
    is_timestamp: bool = False
    properties: dict[str, _Plan] = field(default_factory=dict)
    items: _Plan | None = None


def timestamp_rewriter(schemas: Schemas, schema: Any, rewrite: Rewrite) -> Callable[[Any], Any] | None:
    """A function that gives a value of `schema` with its timestamps rewritten; None when it can hold none."""
    plan = _compile(schemas, schema)
    return None if plan is None else lambda value: _apply(plan, value, rewrite)


def _compile(schemas: Schemas, schema: Any) -> _Plan | None:
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


def _apply(plan: _Plan, value: Any, rewrite: Rewrite) -> Any:
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
