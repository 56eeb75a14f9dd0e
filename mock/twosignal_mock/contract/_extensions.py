"""The `x-*` keywords: each place has a definition of its own in `openapi-extensions.schema.json`, and obeys it."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from twosignal_mock.contract._explain import explain
from twosignal_mock.contract._places import PLACES
from twosignal_mock.contract._pointer import join
from twosignal_mock.contract._problem import Problem
from twosignal_mock.contract._quote import one_of, with_article
from twosignal_mock.contract._walk import Site


class ExtensionSchema:
    """Which extensions may stand where, and what they hold."""

    def __init__(self, path: Path) -> None:
        self._schema = json.loads(path.read_bytes())
        definitions = self._schema["$defs"]
        # A definition that has the name of a place is that place's; the others are parts of them.
        self._known: dict[str, tuple[str, ...]] = {
            name: tuple(definitions[name]["properties"]) for name in PLACES if name in definitions
        }
        self._validators = {
            name: Draft202012Validator(
                {**self._schema, "$ref": f"#/$defs/{name}"}, validate_formats=True, formats={"regex": _compiles}
            )
            for name in self._known
        }

    def default(self, definition: str, name: str) -> Any:
        """What an absent property means."""
        return self._schema["$defs"][definition]["properties"][name]["default"]

    def check(self, site: Site) -> list[Problem]:
        """What is wrong with the extensions of one object."""
        found = site.extensions
        known = () if site.is_reference and PLACES[site.place].referable else self._known.get(site.place, ())
        problems = [self._refuse(site, keyword, known) for keyword in found if keyword not in known]
        if known:
            kept = {keyword: value for keyword, value in found.items() if keyword in known}
            if not self._validators[site.place].is_valid(kept):
                for error in self._validators[site.place].iter_errors(kept):
                    problems += explain(error, self._schema, site.pointer)
        return problems

    def _refuse(self, site: Site, keyword: str, known: tuple[str, ...]) -> Problem:
        homes = [place for place, keywords in self._known.items() if keyword in keywords]
        pointer = join(site.pointer, keyword)
        if homes:
            came = f"'{keyword}' stands in {with_article(site.place)}"
            return Problem(pointer, came, f"it in {' or '.join(map(with_article, homes))} only", "move it there")
        near = get_close_matches(keyword, known, 1)
        remedy = f"write '{near[0]}'" if near else "remove it"
        expected = one_of(sorted(known)) if known else f"no extension in {with_article(site.place)}"
        return Problem(pointer, f"'{keyword}' is no extension of this contract", expected, remedy)


def _compiles(pattern: str) -> bool:
    """Whether Python, which will search by it, takes the pattern: `(?m)` is fine here, though not in ECMAScript."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
