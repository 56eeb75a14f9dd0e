"""Brings the other spellings of a field (x-aliases) to the contract's own before anything judges the body.

The schemas are walked once at start and only the branches that hold an aliased field are kept, so that a body is
walked exactly where a spelling can be; and not at all when none of the spellings occurs in its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from twosignal_mock.engine.api import ApiError, Spelling
from twosignal_mock.engine.validation._json import may_escape
from twosignal_mock.engine.validation._schemas import Place, Schema, Schemas, place_text


@dataclass(slots=True)
class _Plan:
    """What to do with one schema's values."""

    aliases: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """(own spelling, other spellings)."""
    properties: dict[str, _Plan] = field(default_factory=dict)
    items: _Plan | None = None
    tag: str = ""
    """The property that tells which of `branches` a value is."""
    branches: dict[str, _Plan] = field(default_factory=dict)

    @property
    def useful(self) -> bool:
        return bool(self.aliases or self.properties or self.items or self.branches)


class Normaliser:
    """Knows the aliased fields of one schema."""

    def __init__(self, schemas: Schemas, schema: Schema, spelling: Spelling = Spelling.BOTH) -> None:
        self._schemas = schemas
        self._spelling = spelling
        self._plan = self._compile(schema, ())
        self._sign, self._tails = _marks(_names(self._plan) if self._plan else set())

    def normalise(self, value: object, raw: bytes) -> bool:
        """Brings `value`, decoded from `raw`, to the contract's spelling, in place; True when another one was used.

        Raises ApiError for two spellings of one field that differ.
        """
        if self._plan is None or (self._spelling is not Spelling.ALIASES and not self._may_occur(raw)):
            return False
        if self._spelling is Spelling.CANONICAL:
            return False
        return self._apply(self._plan, value, ())

    def _may_occur(self, raw: bytes) -> bool:
        # A name may also be written with escapes, as in "trace\\u005fid".
        escaped = may_escape(raw) and b"\\u" in raw
        return escaped or (self._sign in raw and self._tails.search(raw) is not None)

    def _compile(self, schema: Schema, above: tuple[int, ...]) -> _Plan | None:
        schema = self._schemas.follow(schema)
        if id(schema) in above:
            return None  # a recursive schema; below itself it holds nothing that is not found here already
        above = (*above, id(schema))
        plan = _Plan()
        for name, part in schema.get("properties", {}).items():
            if "x-aliases" in part:
                plan.aliases.append((name, tuple(part["x-aliases"])))
            if (inner := self._compile(part, above)) is not None:
                plan.properties[name] = inner
        if "items" in schema:
            plan.items = self._compile(schema["items"], above)
        if "discriminator" in schema:
            plan.tag = schema["discriminator"]["propertyName"]
            for claim, reference in schema["discriminator"]["mapping"].items():
                if (inner := self._compile(self._schemas.lookup(reference), above)) is not None:
                    plan.branches[claim] = inner
        return plan if plan.useful else None

    def _apply(self, plan: _Plan, value: object, place: Place) -> bool:
        met = False
        if isinstance(value, list):
            if plan.items is not None:
                for index, item in enumerate(value):
                    met |= self._apply(plan.items, item, (*place, index))
            return met
        if not isinstance(value, dict):
            return False
        if plan.branches:
            claim = value.get(plan.tag)
            branch = plan.branches.get(claim) if isinstance(claim, str) else None
            met = branch is not None and self._apply(branch, value, place)
        for own, others in plan.aliases:
            met |= self._rename(value, own, others, place)
        for name, inner in plan.properties.items():
            if name in value:
                met |= self._apply(inner, value[name], (*place, name))
        return met

    def _rename(self, value: dict[str, Any], own: str, others: tuple[str, ...], place: Place) -> bool:
        if self._spelling is Spelling.ALIASES:
            value.pop(own, None)
        first = own
        met = False
        for other in others:
            if other not in value:
                continue
            met = True
            sent = value.pop(other)
            if own not in value:
                value[own], first = sent, other
            elif not _same(value[own], sent):
                raise ApiError("ambiguous-spelling", place=place_text(place) or "body", first=first, second=other)
        return met


def _names(plan: _Plan) -> set[str]:
    names = {name for _, others in plan.aliases for name in others}
    inner: list[Mapping[str, _Plan]] = [plan.properties, plan.branches]
    for plans in inner:
        for part in plans.values():
            names |= _names(part)
    return names | _names(plan.items) if plan.items else names


def _marks(names: set[str]) -> tuple[bytes, re.Pattern[bytes]]:
    """A sign that all names have (`_`), looked for first as few bodies have it, and their parts from the sign on."""
    common = set.intersection(*map(set, names)) if names else set()
    sign = min((character for character in common if not character.isalnum()), default="")
    tails = sorted({re.escape(name[name.index(sign) :]) for name in names})
    return sign.encode(), re.compile("|".join(tails).encode())


def _same(first: object, second: object) -> bool:
    """Whether two values are one JSON value; Python's `==` takes true for 1."""
    return orjson.dumps(first, option=orjson.OPT_SORT_KEYS) == orjson.dumps(second, option=orjson.OPT_SORT_KEYS)
