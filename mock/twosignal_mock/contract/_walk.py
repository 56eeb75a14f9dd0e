"""Walks the document from place to place, and finds what stands where it may not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from twosignal_mock.contract._places import METHODS, PLACES, REFERENCE, Below, Place, Shape
from twosignal_mock.contract._pointer import join
from twosignal_mock.contract._problem import Problem
from twosignal_mock.contract._quote import one_of, quote, with_article

EXTENSION = "x-"
_MOST_NAMED = 12
"""How many keywords a message lists; a schema has over fifty, and a line of them helps nobody."""


@dataclass(frozen=True, slots=True)
class Site:
    """One object of the document."""

    place: str
    pointer: str
    value: Mapping[str, Any]
    operation: str | None
    """Pointer of the operation that the object stands in."""
    is_reference: bool

    @property
    def extensions(self) -> dict[str, Any]:
        """The extension keywords of the object."""
        return {keyword: value for keyword, value in self.value.items() if keyword.startswith(EXTENSION)}


class Walk:
    """All sites of a document in its order, and the problems that were met on the way."""

    def __init__(self, document: Any) -> None:
        self.sites: list[Site] = []
        self.problems: list[Problem] = []
        self._visit(document, "root", "", None)
        self.places = {site.pointer: site.place for site in self.sites}

    def _visit(self, value: Any, name: str, pointer: str, operation: str | None) -> None:
        if not isinstance(value, dict):
            # `true` and `false` are whole schemas: they allow everything and nothing.
            if not (name == "schema" and isinstance(value, bool)):
                self._refuse(pointer, quote(value), f"a mapping, {with_article(name)}", "correct it")
            return
        if name == "operation":
            operation = pointer
        is_reference = "$ref" in value and (PLACES[name].referable or name == "schema")
        self.sites.append(Site(name, pointer, value, operation, is_reference))
        place = PLACES[REFERENCE if is_reference and PLACES[name].referable else name]
        for keyword, content in value.items():
            if not keyword.startswith(EXTENSION):
                self._follow(place, name, keyword, content, pointer, operation)

    def _follow(self, place: Place, name: str, keyword: str, content: Any, pointer: str, operation: str | None) -> None:
        below = place.below.get(keyword)
        if place.names is not None and re.fullmatch(place.names[0], keyword):
            self._visit(content, place.names[1], join(pointer, keyword), operation)
        elif below is not None:
            for value, where in self._unfold(below, content, join(pointer, keyword)):
                self._visit(value, below.place, where, operation)
        elif keyword not in place.leaves:
            self._refuse_keyword(place, name, keyword, pointer)

    def _unfold(self, below: Below, content: Any, pointer: str) -> Iterator[tuple[Any, str]]:
        """Each value that a keyword holds, with its pointer."""
        if below.shape is Shape.ONE:
            yield content, pointer
        elif below.shape is Shape.EACH and isinstance(content, list):
            for index, value in enumerate(content):
                yield value, join(pointer, index)
        elif below.shape is Shape.NAMED and isinstance(content, dict):
            for key, value in content.items():
                yield value, join(pointer, key)
        else:
            self._refuse(pointer, quote(content), below.shape.value, "correct it")

    def _refuse_keyword(self, place: Place, name: str, keyword: str, pointer: str) -> None:
        known = sorted(place.keywords)
        if place.names is not None:
            expected = f"a name like {place.names[0]}"
        elif len(known) > _MOST_NAMED:
            expected = f"a keyword that OpenAPI 3.1 gives {with_article(name)}"
        else:
            expected = one_of(known)
        near = get_close_matches(keyword, known, 1)
        remedy = f"write '{near[0]}'" if near else "remove it"
        came = f"'{keyword}' is no keyword of {with_article(name)} that the kit handles"
        self._refuse(join(pointer, keyword), came, expected, remedy)

    def _refuse(self, pointer: str, came: str, expected: str, remedy: str) -> None:
        self.problems.append(Problem(pointer, came, expected, remedy))


def operations(walk: Walk) -> Iterator[tuple[Site, str, str]]:
    """Each operation with its method and its path, in the order of the document."""
    for site in walk.sites:
        if site.place == "path item":
            path = site.pointer.removeprefix("/paths/").replace("~1", "/").replace("~0", "~")
            for method in METHODS:
                if isinstance(site.value.get(method), dict):
                    pointer = join(site.pointer, method)
                    yield Site("operation", pointer, site.value[method], pointer, False), method, path
