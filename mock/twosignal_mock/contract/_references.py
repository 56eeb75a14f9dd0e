"""What the document says about itself by name: references, discriminators, links. Each leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twosignal_mock.contract._pointer import NOTHING, join, look_up, of_reference
from twosignal_mock.contract._problem import Problem
from twosignal_mock.contract._quote import quote, with_article
from twosignal_mock.contract._walk import Walk, operations


def check_references(document: Any, walk: Walk) -> Iterator[Problem]:
    """What is wrong with the references of the document."""
    names = {site.value.get("operationId") for site, _, _ in operations(walk)}
    for site in walk.sites:
        if site.is_reference:
            problem = _check(document, walk, site.value["$ref"], site.place, join(site.pointer, "$ref"))
            if problem is not None:
                yield problem
        elif site.place == "discriminator":
            yield from _check_mapping(document, walk, site.value.get("mapping"), join(site.pointer, "mapping"))
        elif site.place == "link" and site.value.get("operationId") not in names:
            came = f"{quote(site.value.get('operationId'))} names no operation"
            where = join(site.pointer, "operationId")
            yield Problem(where, came, "the operationId of an operation", "correct it")


def _check_mapping(document: Any, walk: Walk, mapping: Any, pointer: str) -> Iterator[Problem]:
    for key, target in mapping.items() if isinstance(mapping, dict) else ():
        problem = _check(document, walk, target, "schema", join(pointer, key))
        if problem is not None:
            yield problem


def _check(document: Any, walk: Walk, reference: Any, place: str, pointer: str) -> Problem | None:
    target = of_reference(reference) if isinstance(reference, str) else None
    wanted = f"a local reference (#/...) to {with_article(place)}"
    if target is None:
        return Problem(pointer, f"{quote(reference)} leads out of the document", wanted, "copy here what it names")
    value = look_up(document, target)
    if value is NOTHING:
        return Problem(pointer, f"{quote(reference)} leads nowhere", wanted, "correct it")
    there = walk.places.get(target)
    # Boolean schemas are places too, but have nothing to visit.
    if there == place or (there is None and place == "schema" and isinstance(value, bool)):
        return None
    came = f"{quote(reference)} leads to {with_article(there) if there else 'no place of its own'}"
    return Problem(pointer, came, wanted, "correct it")
