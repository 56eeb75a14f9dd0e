"""One walk over the document: finds what stands where, and refuses what may not stand there.

It keeps what later checks ask for: operations, clauses, references, links, security.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from twosignal_contract._extensions import Extensions
from twosignal_contract._grammar import GRAMMAR, Rule
from twosignal_contract._lookup import escape
from twosignal_contract._problems import Notes, one_of, quote, remedy_for, with_article

_FEW = 12
"""Words that a message lists; a schema has more than fifty."""


@dataclass(frozen=True, slots=True)
class OperationSite:
    """An operation as it stands in the document."""

    pointer: str
    method: str
    """Lower case, as in the document."""
    path: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClauseSite:
    """An item of an x-clauses, with the operation around it."""

    pointer: str
    row: Mapping[str, Any]
    operation: str | None
    """Pointer."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A `$ref`, or a target of a discriminator. It must lead to an object of the same kind."""

    pointer: str
    target: Any
    kind: str


class Walk:
    """What stands where. `sound` is False when an extension is out of order: then `clauses` are not whole."""

    def __init__(self, document: Any, extensions: Extensions, notes: Notes) -> None:
        self.kinds: dict[str, str] = {}
        """Pointer of each object to its name in the grammar."""
        self.operations: list[OperationSite] = []
        self.clauses: list[ClauseSite] = []
        self.references: list[Reference] = []
        self.links: list[tuple[str, Any]] = []
        self.security: list[tuple[str, Any]] = []
        self.sound = True
        self._extensions = extensions
        self._notes = notes
        self._visit(document, "root", "", None)

    def _visit(self, value: Any, kind: str, pointer: str, operation: str | None) -> None:
        rule = GRAMMAR[kind]
        if not isinstance(value, dict):
            # `true` and `false` are whole schemas: they allow everything and nothing.
            if kind == "schema" and isinstance(value, bool):
                self.kinds[pointer] = kind
            else:
                self._notes.add(pointer, quote(value), f"a mapping, {with_article(rule.name)}", "correct it")
            return
        self.kinds[pointer] = kind
        is_reference = "$ref" in value and (rule.referable or kind == "schema")
        if is_reference:
            self.references.append(Reference(f"{pointer}/$ref", value["$ref"], kind))
        else:
            operation = self._record(value, kind, pointer, operation)
        self._check_extensions(value, kind, pointer, operation)
        rule = GRAMMAR["reference"] if is_reference and rule.referable else rule
        for word, content in value.items():
            if not word.startswith("x-"):
                self._follow(rule, kind, word, content, pointer, operation)

    def _record(self, value: dict[str, Any], kind: str, pointer: str, operation: str | None) -> str | None:
        """Keeps what later checks ask for; gives the operation that holds whatever is below."""
        if "security" in value and kind in ("root", "operation"):
            self.security.append((f"{pointer}/security", value["security"]))
        if kind == "operation":
            path, _, method = pointer.removeprefix("/paths/").rpartition("/")
            self.operations.append(OperationSite(pointer, method, path.replace("~1", "/").replace("~0", "~"), value))
            return pointer
        if kind == "link":
            self.links.append((f"{pointer}/operationId", value.get("operationId")))
        elif kind == "discriminator" and isinstance(value.get("mapping"), dict):
            for name, target in value["mapping"].items():
                self.references.append(Reference(f"{pointer}/mapping/{escape(name)}", target, "schema"))
        return operation

    def _check_extensions(self, value: dict[str, Any], kind: str, pointer: str, operation: str | None) -> None:
        found = {word: content for word, content in value.items() if word.startswith("x-")}
        # The root is checked even when it has no extension, for what it lacks.
        if (found or kind == "root") and not self._extensions.check(found, kind, pointer, self._notes):
            self.sound = False
            return
        for index, row in enumerate(found.get("x-clauses", ())):
            self.clauses.append(ClauseSite(f"{pointer}/x-clauses/{index}", row, operation))

    def _follow(self, rule: Rule, kind: str, word: str, content: Any, pointer: str, operation: str | None) -> None:
        place = f"{pointer}/{escape(word)}"
        if rule.pattern is not None and re.fullmatch(rule.pattern, word):
            holds = rule.words[""]
        elif rule.pattern is None and word in rule.words:
            holds = rule.words[word]
        else:
            self._refuse(rule, kind, word, place)
            return
        if holds.startswith("["):
            self._visit_many(content, list, "a list", holds, place, operation)
        elif holds.startswith("{"):
            self._visit_many(content, dict, "a mapping of names", holds, place, operation)
        elif holds:
            self._visit(content, holds, place, operation)

    def _visit_many(
        self, content: Any, shape: type[Any], noun: str, holds: str, place: str, operation: str | None
    ) -> None:
        if not isinstance(content, shape):
            self._notes.add(place, quote(content), noun, "correct it")
            return
        members: Iterable[tuple[Any, Any]] = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in members:
            self._visit(value, holds[1:-1], f"{place}/{escape(key)}", operation)

    def _refuse(self, rule: Rule, kind: str, word: str, place: str) -> None:
        name = with_article(GRAMMAR[kind].name)
        known = sorted(rule.words) if rule.pattern is None else []
        if rule.pattern is not None:
            expected = f"a name like {rule.pattern}"
        elif len(known) > _FEW:
            expected = f"a keyword that OpenAPI 3.1 gives {name}"
        else:
            expected = one_of(known)
        found = f"'{word}' is no keyword of {name} that the kit handles"
        self._notes.add(place, found, expected, remedy_for(word, known))
