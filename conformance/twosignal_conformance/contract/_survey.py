"""One walk over the document, which gathers what is judged afterwards: extensions, references, operations, clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from twosignal_conformance.contract._extensions import Extensions
from twosignal_conformance.contract._grammar import GRAMMAR, Rule
from twosignal_conformance.contract._problems import Notes
from twosignal_conformance.contract._reading import escape
from twosignal_conformance.contract._wording import as_json, choice, indefinite, remedy_for

_FEW = 12
"""Words that a message enumerates; a schema has more than fifty."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it stands in the document."""

    pointer: str
    method: str
    path: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """An item of an x-clauses, with the pointer of the operation around it."""

    pointer: str
    row: Mapping[str, Any]
    operation: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A `$ref`, or a target of a discriminator; it must lead to an object of the same kind."""

    pointer: str
    target: Any
    kind: str


class Survey:
    """What stands where. `sound` is False when an extension is out of order: then `clauses` are not to be trusted."""

    def __init__(self, document: Any, extensions: Extensions, notes: Notes) -> None:
        self.kinds: dict[str, str] = {}
        self.operations: list[Operation] = []
        self.clauses: list[ClauseRow] = []
        self.references: list[Reference] = []
        self.links: list[tuple[str, Any]] = []
        self.sound = True
        self._extensions = extensions
        self._notes = notes
        self._object(document, "root", "", None)

    def _object(self, value: Any, kind: str, pointer: str, operation: str | None) -> None:
        if kind == "schema" and isinstance(value, bool):
            self.kinds[pointer] = kind
            return
        if not isinstance(value, dict):
            self._notes.add(pointer, as_json(value), f"a mapping, {indefinite(GRAMMAR[kind].name)}", "correct it")
            return
        self.kinds[pointer] = kind
        operation = self._record(value, kind, pointer, operation)
        rule = GRAMMAR["reference" if GRAMMAR[kind].referable and "$ref" in value else kind]
        self._carry(value, kind, pointer, operation)
        for word, content in value.items():
            if not word.startswith("x-"):
                self._word(rule, kind, word, content, pointer, operation)

    def _record(self, value: dict[str, Any], kind: str, pointer: str, operation: str | None) -> str | None:
        """Keep what later checks ask for; gives the operation that holds whatever is below."""
        if "$ref" in value and (kind == "schema" or GRAMMAR[kind].referable):
            self.references.append(Reference(f"{pointer}/$ref", value["$ref"], kind))
        elif kind == "operation":
            path, _, method = pointer.removeprefix("/paths/").rpartition("/")
            self.operations.append(Operation(pointer, method, path.replace("~1", "/").replace("~0", "~"), value))
            return pointer
        elif kind == "link":
            self.links.append((f"{pointer}/operationId", value.get("operationId")))
        elif kind == "discriminator" and isinstance(value.get("mapping"), dict):
            for name, target in value["mapping"].items():
                self.references.append(Reference(f"{pointer}/mapping/{escape(name)}", target, "schema"))
        return operation

    def _carry(self, value: dict[str, Any], kind: str, pointer: str, operation: str | None) -> None:
        """Judge the extensions that an object carries, and keep its clauses."""
        found = {word: content for word, content in value.items() if word.startswith("x-")}
        # The root is judged even when it carries nothing, for what it lacks.
        if (found or kind == "root") and not self._extensions.judge(found, kind, pointer, self._notes):
            self.sound = False
            return
        for index, row in enumerate(found.get("x-clauses", ())):
            self.clauses.append(ClauseRow(f"{pointer}/x-clauses/{index}", row, operation))

    def _word(self, rule: Rule, kind: str, word: str, content: Any, pointer: str, operation: str | None) -> None:
        place = f"{pointer}/{escape(word)}"
        if rule.pattern is not None and re.fullmatch(rule.pattern, word):
            holds = rule.words[""]
        elif rule.pattern is None and word in rule.words:
            holds = rule.words[word]
        else:
            self._refuse(rule, kind, word, place)
            return
        if holds.startswith("["):
            self._many(content, list, "a list", holds, place, operation)
        elif holds.startswith("{"):
            self._many(content, dict, "a mapping of names", holds, place, operation)
        elif holds:
            self._object(content, holds, place, operation)

    def _many(self, content: Any, shape: type[Any], noun: str, holds: str, place: str, operation: str | None) -> None:
        if not isinstance(content, shape):
            self._notes.add(place, as_json(content), noun, "correct it")
            return
        members: Iterable[tuple[object, Any]] = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in members:
            self._object(value, holds[1:-1], f"{place}/{escape(str(key))}", operation)

    def _refuse(self, rule: Rule, kind: str, word: str, place: str) -> None:
        name = indefinite(GRAMMAR[kind].name)
        known = sorted(rule.words) if rule.pattern is None else []
        if rule.pattern is not None:
            expected = f"a name like {rule.pattern}"
        elif len(known) > _FEW:
            expected = f"a keyword that OpenAPI 3.1 gives {name}"
        else:
            expected = choice(known)
        came = f"'{word}' is no keyword of {name} that the kit handles"
        self._notes.add(place, came, expected, remedy_for(word, known))
