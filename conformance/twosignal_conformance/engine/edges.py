"""Values at the edges of JSON types, and requests with a field of another type: what the schemas of a contract lead to.

Checks send the first and expect them back unchanged. They send the second and expect a refusal. Everything here is
made of a schema and a few words given to it, so the same arguments give the same values.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from twosignal_contract import Contract

Schema = Mapping[str, Any]
Place = tuple[str | int, ...]
"""Names of members and indexes of items, from the top of a body."""

_LETTERS = "漢ÜжשغéΩ"
"""Letters of several scripts, each of one UTF-16 unit: a length in characters means the same to every language."""

_MANY = 200
"""Members of an object, or items of an array, that is large without being unusual."""

_DEEP = 40
"""Objects in one another: more than flat stores expect, and less than parsers stop at."""

_NULL = "null"

_UNLIKE: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "string": (("number", 7), ("boolean", True), ("array", ["text"]), ("object", {"text": "text"})),
    "number": (("string", "text"), ("boolean", True), ("array", [7]), ("object", {"number": 7})),
    "boolean": (("string", "text"), ("number", 7), ("array", [True]), ("object", {"boolean": True})),
    "array": (("string", "text"), ("number", 7), ("boolean", True), ("object", {"0": "text"})),
    "object": (("string", "text"), ("number", 7), ("boolean", True), ("array", ["text"])),
}
"""For each JSON type values of all others that nobody could take for it: no number as text, no 0 or 1 for a boolean."""

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
    (type(None), _NULL),
)

ANY: Final = frozenset({*_UNLIKE, _NULL})
"""All JSON types; an integer is a number here, since JSON has no other."""


@dataclass(frozen=True, slots=True)
class Mistyped:
    """A body with a value of another JSON type at one place."""

    body: Any
    place: Place
    value: Any

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place))} {self.value!r}"


def json_type(value: object) -> str:
    """The JSON type of plain data."""
    return next(name for kind, name in _KINDS if isinstance(value, kind))


def types_of(contract: Contract, schema: Schema) -> frozenset[str]:
    """The JSON types that a schema lets through; all of them where it says nothing of types."""
    schema = contract.resolve(schema)
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return frozenset().union(*(types_of(contract, choice) for choice in choices))
    named = schema.get("type")
    if named is None:
        return frozenset(map(json_type, schema["enum"])) if "enum" in schema else ANY
    names = [named] if isinstance(named, str) else named
    return frozenset("number" if name == "integer" else name for name in names)


def mistyped(contract: Contract, schema: Schema, body: Any) -> Iterator[Mistyped]:
    """The body with each value whose type the schema states replaced by values of every type that it does not allow.

    Null stands only for what is required: elsewhere many read it as left out.
    """
    for place, found, required in _typed_places(contract, schema, body, (), True):
        allowed = types_of(contract, found)
        if allowed == ANY or not place:
            continue
        # In a fixed order: the same seed sends the same.
        own = next(iter(sorted(allowed - {_NULL})), None)
        wrong = [value for kind, value in _UNLIKE.get(own or "", ()) if kind not in allowed]
        if required and _NULL not in allowed:
            wrong.append(None)
        for value in wrong:
            yield Mistyped(_replaced(body, place, value), place, value)


def filled(contract: Contract, schema: Schema, known: Mapping[str, Any], *, name: str = "") -> Any:
    """A value that has every member its schema states. `known` gives values of members by name, wherever they stand.

    Of several allowed types the first is taken, of an enumeration the first value; an array has one item. What a schema
    says of itself again, such as a tree of its branches, is left out.
    """
    return _Filling(contract, known).value(schema, name, ())


def texts(core: str, longest: int | None = None) -> tuple[str, ...]:
    """Texts that contain `core`, at the edges of what a text can be: the longest one comes last, if there is a bound.

    None has control characters, U+0000 or halves of pairs, which a server may refuse.
    """
    found = [
        f"  {core} ",
        f"{core}  twice  ",
        f"{core} e\u0301 \u00e9 \ufb01 \u0130 ß",
        f"{core} \U0001f469\u200d\U0001f4bb \U00020000",
        f"{core} %41+&=#?;/\\ \"'`<b>&lt;</b> ${{x}} {{{{y}}}}",
        f"{core} \u202eabc \u200bx\u00a0",
        f"null {core} 0",
    ]
    if longest is not None:
        filling = _LETTERS * (longest // len(_LETTERS) + 1)
        found.append(f"{core} {filling}"[: longest - 1] + "Z")
    return tuple(found)


def objects(core: str) -> Mapping[str, dict[str, Any]]:
    """Objects at the edges of what an object can be, by what is odd about them."""
    deep: Any = {core: [1]}
    for level in range(_DEEP):
        deep = {"in": deep} if level % 2 else {"in": [deep, level]}
    return {
        "odd keys": {
            **{key: f"{core} {key}" for key in ("a.b", "$set", "$", "a b", "a/b", "~0", "0", "-1", "__proto__", "id")},
            **dict.fromkeys(("constructor", "toString", "Ä", "🙂", "A", "a", "'", '"', "\\", "%2E"), core),
            "": core,
            " ": [core],
        },
        "very many keys": {f"key {number}": number for number in range(_MANY)},
        "a long array in order": {"list": [(number * 7919) % 1009 for number in range(_MANY)]},
        "arrays that repeat": {"list": [2, 1, 1, 2, [], [[]], {}, [{}], "", None, [None, None]]},
        "deep": deep,
        "numbers": {
            "large": [2**31 - 1, 2**31, 2**32, -(2**31) - 1, 2**53 - 1, 1 - 2**53],
            "small": [0.1, 0.0001, 0.000001, 1.5e-07, -0.5, 0.30000000000000004, 123456.654321, 1e100],
            "kinds": [0, False, 1, True, "1", "true", "0", None],
        },
        "texts": {"list": [core, *texts(core), "", " ", "2026-03-14T10:00:00+00:00", "1e3", "NaN"]},
        "a long text": {"text": (core + _LETTERS) * _MANY},
    }


def numbers(schema: Schema) -> tuple[float, ...]:
    """Numbers that a schema allows, at its bounds and of many digits between them; of integers whole ones."""
    least, most = schema.get("minimum", 0), schema.get("maximum", schema.get("minimum", 0) + 1)
    if schema.get("type") == "integer":
        return (least, least + 1, most - 1, most)
    inner = (0.1, 0.1234, 0.00001, 1 / 3, 0.123456789012, 0.5, 0.9999, 1 - 1e-6)
    return (least, *(least + part * (most - least) for part in inner), most)


# --- inside ---


def _typed_places(
    contract: Contract, schema: Schema, value: Any, place: Place, required: bool
) -> Iterator[tuple[Place, Schema, bool]]:
    """Every place of a value of which the schema says something, with what it says and whether it has to be there."""
    yield place, schema, required
    schema = _fitting(contract, schema, value)
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                needed = name in schema.get("required", ())
                yield from _typed_places(contract, inner, value[name], (*place, name), needed)
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _typed_places(contract, schema["items"], item, (*place, index), True)


def _fitting(contract: Contract, schema: Schema, value: Any) -> Schema:
    """The schema, or the one of its choices that a value is meant for, told by its type and its constants."""
    schema = contract.resolve(schema)
    choices = schema.get("oneOf") or schema.get("anyOf")
    if not choices:
        return schema
    meant = (_fitting(contract, choice, value) for choice in choices if _fits(contract, choice, value))
    return next(meant, {})


def _fits(contract: Contract, schema: Schema, value: Any) -> bool:
    schema = contract.resolve(schema)
    if json_type(value) not in types_of(contract, schema):
        return False
    constants = {
        name: inner["const"]
        for name, inner in schema.get("properties", {}).items()
        if "const" in contract.resolve(inner)
    }
    return not isinstance(value, dict) or all(value.get(name) == constant for name, constant in constants.items())


def _replaced(body: Any, place: Place, value: Any) -> Any:
    copied = copy.deepcopy(body)
    held = copied
    for step in place[:-1]:
        held = held[step]
    held[place[-1]] = copy.deepcopy(value)
    return copied


@dataclass(frozen=True, slots=True)
class _Filling:
    """Makes values of schemas. `within` names the schemas that a place stands in."""

    contract: Contract
    known: Mapping[str, Any]

    def value(self, schema: Schema, name: str, within: tuple[int, ...]) -> Any:
        if name in self.known:
            return copy.deepcopy(self.known[name])
        schema = self.contract.resolve(schema)
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices:
            return self.value(choices[0], name, within)
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        named = schema.get("type", "string")
        kinds = [named] if isinstance(named, str) else named
        match next((kind for kind in kinds if kind != _NULL), _NULL):
            case "object":
                return self._members(schema, (*within, id(schema)))
            case "array":
                items = schema.get("items", {})
                return [] if self._is_open(items, within) else [self.value(items, "", within)]
            case "number" | "integer":
                return schema.get("default", schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
            case "boolean":
                return schema.get("default", False)
            case "string":
                text = str(schema.get("default", name or "text"))
                return text if re.search(schema.get("pattern", ""), text) else ""
        return None

    def _members(self, schema: Schema, within: tuple[int, ...]) -> dict[str, Any]:
        rows = schema.get("properties", {}).items()
        return {name: self.value(inner, name, within) for name, inner in rows if not self._is_open(inner, within)}

    def _is_open(self, schema: Schema, within: tuple[int, ...]) -> bool:
        return id(self.contract.resolve(schema)) in within
