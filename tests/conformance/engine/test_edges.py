"""Values at the edges of schemas, and bodies with a wrong type, of any contract: here of the toy's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from twosignal_conformance.engine.edges import filled, json_type, mistyped, numbers, objects, texts, types_of
from twosignal_contract import Contract, load_contract

TOY = Path(__file__).parents[2] / "toy" / "lamps" / "openapi.yaml"

LAMP = {"id": 1, "brightness": 3, "colour": "red"}

CHOICE = {
    "oneOf": [{"type": "object", "properties": {"kind": {"const": "a"}, "size": {"type": "number"}}}, {"type": "null"}]
}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract(TOY)


def test_each_typed_place_gets_every_other_type_once(contract: Contract) -> None:
    found = list(mistyped(contract, contract.schema("Lamp"), LAMP))
    kinds = {(wrong.place, json_type(wrong.value)) for wrong in found}
    assert len(kinds) == len(found)
    assert {kind for place, kind in kinds if place == ("colour",)} == {"number", "boolean", "array", "object", "null"}
    assert {place for place, _ in kinds} == {(name,) for name in LAMP}


def test_a_wrong_type_changes_one_place_and_leaves_the_body_alone(contract: Contract) -> None:
    before = json.dumps(LAMP)
    for wrong in mistyped(contract, contract.schema("Lamp"), LAMP):
        changed = [name for name in LAMP if json.dumps(wrong.body[name]) != json.dumps(LAMP[name])]
        assert changed == [wrong.place[0]]
    assert json.dumps(LAMP) == before


def test_what_may_be_null_or_several_things_is_not_wrong_then(contract: Contract) -> None:
    schema = {"type": "array", "items": CHOICE}
    assert types_of(contract, CHOICE) == {"object", "null"}
    places = {(wrong.place, json_type(wrong.value)) for wrong in mistyped(contract, schema, [{"kind": "a", "size": 1}])}
    assert ((0,), "null") not in places
    assert ((0, "size"), "string") in places
    assert ((0, "size"), "null") not in places, "what need not be there may be null"


def test_a_schema_without_a_type_allows_everything(contract: Contract) -> None:
    assert list(mistyped(contract, {"type": "object", "properties": {"any": {}}}, {"any": 1})) == []


def test_every_member_is_filled_and_known_values_stand_anywhere(contract: Contract) -> None:
    assert filled(contract, contract.schema("Lamp"), {"colour": "blue"}) == {"id": 1, "brightness": 1, "colour": "blue"}


def test_a_schema_that_holds_itself_is_filled_once(contract: Contract) -> None:
    tree: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
    tree["properties"]["branches"] = {"type": "array", "items": tree}
    assert filled(contract, tree, {}) == {"name": "name", "branches": []}


def test_texts_hold_their_core_and_keep_their_bound() -> None:
    found = texts("core", 100)
    assert len(set(found)) == len(found)
    assert all("core" in text and len(text) <= 100 for text in found)
    assert max(map(len, found)) == 100
    assert not any(ord(sign) < 0x20 for text in found for sign in text)


def test_numbers_keep_their_bounds() -> None:
    whole = numbers({"type": "integer", "minimum": 1, "maximum": 9})
    assert (min(whole), max(whole)) == (1, 9)
    assert all(0 <= number <= 1 for number in numbers({"type": "number", "minimum": 0, "maximum": 1}))


def test_objects_survive_json_unchanged() -> None:
    for value in objects("core").values():
        assert json.loads(json.dumps(value)) == value
