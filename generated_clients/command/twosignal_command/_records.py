"""What the command prints as JSON: the API's things with names in snake case, numbers as numbers, as documented.

What people put into the API (inputs, outputs, metadata, configurations) stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ._errors import CommandError
from ._text import number

Record = dict[str, Any]

_RENAMED = {"total_cost": "cost_usd", "cost": "cost_usd", "evaluator_name": "name", "value": "score"}
"""Fields of traces, spans and scores that the command calls otherwise, by their names in snake case."""
_MONEY = "cost_usd"
_FIRST = ("id", "status", "duration_ms", "cost_usd", "created_at")
"""What comes first in a trace, as the documentation shows it."""


def rows(value: Any, name: str) -> list[Record]:
    """The things of a list, which is the array itself or stands under a name."""
    if isinstance(value, Mapping):
        value = value.get(name, value.get("items"))
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise unlike(f"a list of {name}")
    return [dict(item) for item in value]


def thing(value: Any, name: str) -> Record:
    """One thing."""
    if not isinstance(value, Mapping):
        raise unlike(name)
    return dict(value)


def unlike(expected: str) -> CommandError:
    """The error of a result of another shape."""
    cause = f"The server's result is not {expected}"
    return CommandError("Not a 2Signal server", cause, "Check your --url or TWOSIGNAL_URL setting")


def record(value: Mapping[str, Any]) -> Record:
    """A thing with its names in snake case."""
    counts = value.get("_count")
    found = {_snake(name): item for name, item in value.items() if name != "_count"}
    if isinstance(counts, Mapping):
        found |= {f"{name.removesuffix('s')}_count": item for name, item in counts.items()}
    return found


def trace(value: Mapping[str, Any]) -> Record:
    """A trace, with its scores as far as they are known and its spans if it has any here."""
    found = _renamed(value)
    for name, make in _PARTS.items():
        if name in found:
            found[name] = [make(item) for item in _mappings(found[name])]
    return {name: found.get(name) for name in _FIRST} | found


def usage(value: Mapping[str, Any], limit: Any) -> Record:
    """The usage of a month beside the most traces that the plan allows; None is without limit."""
    return {
        "month": value.get("month"),
        "traces_used": value.get("traceCount"),
        "traces_limit": limit,
        "spans_used": value.get("spanCount"),
        "evaluations_used": value.get("evalRunCount"),
        "projects": [
            {
                "project_id": row.get("projectId"),
                "traces_used": row.get("traceCount"),
                "spans_used": row.get("spanCount"),
                "evaluations_used": row.get("evalRunCount"),
            }
            for row in _mappings(value.get("projectBreakdown"))
        ],
    }


def _renamed(value: Mapping[str, Any]) -> Record:
    found = {_RENAMED.get(name, name): item for name, item in record(value).items()}
    if _MONEY in found:
        found[_MONEY] = number(found[_MONEY])
    return found


def _score(value: Mapping[str, Any]) -> Record:
    found = _renamed(value)
    return {name: found.get(name) for name in ("name", "score", "label")} | found


_PARTS: Mapping[str, Callable[[Mapping[str, Any]], Record]] = {"scores": _score, "spans": _renamed}


def _mappings(value: Any) -> Iterable[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
