"""Finds the operation of a request. A literal path is one look-up; templates are asked when no literal path fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from twosignal_mock.engine.api import Refusal
from twosignal_mock.engine.validation._operation import CompiledOperation
from twosignal_mock.engine.validation._words import LONGEST_QUOTE

_PARAMETER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """What a request asks for."""

    operation: CompiledOperation
    path_values: Mapping[str, str] = field(default_factory=dict)


class MethodNotAllowed(Refusal):
    """The path is known, the method is not."""

    def __init__(self, method: str, path: str, allowed: str) -> None:
        super().__init__("method-not-allowed", method=method, path=path, allowed=allowed)
        self.allowed = allowed
        """The value of the header Allow."""


class Routes:
    """The operations of a contract by path and method."""

    def __init__(self, operations: Iterable[CompiledOperation]) -> None:
        self._literal: dict[str, dict[str, Match]] = {}
        self._templates: list[tuple[re.Pattern[str], dict[str, CompiledOperation]]] = []
        templates: dict[str, dict[str, CompiledOperation]] = {}
        for operation in operations:
            if _PARAMETER.search(operation.path):
                templates.setdefault(operation.path, {})[operation.method] = operation
            else:
                self._literal.setdefault(operation.path, {})[operation.method] = Match(operation)
        for methods in self._literal.values():
            if "GET" in methods:
                methods.setdefault("HEAD", methods["GET"])
        for path, known in templates.items():
            if "GET" in known:
                known.setdefault("HEAD", known["GET"])
            self._templates.append((_compile(path), known))

    def find(self, method: str, path: str) -> Match:
        """The operation of exactly this path and method; raises Refusal, a MethodNotAllowed for the method alone."""
        methods = self._literal.get(path)
        if methods is not None:
            match = methods.get(method)
            if match is None:
                raise MethodNotAllowed(method, _cut(path), ", ".join(sorted(methods)))
            return match
        for pattern, known in self._templates:
            if found := pattern.fullmatch(path):
                if method not in known:
                    raise MethodNotAllowed(method, _cut(path), ", ".join(sorted(known)))
                return Match(known[method], found.groupdict())
        raise Refusal("unknown-endpoint", path=_cut(path))

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods of a path, sorted; empty for an unknown one."""
        if path in self._literal:
            return tuple(sorted(self._literal[path]))
        return next((tuple(sorted(known)) for pattern, known in self._templates if pattern.fullmatch(path)), ())


def _compile(path: str) -> re.Pattern[str]:
    text, end = "", 0
    for found in _PARAMETER.finditer(path):
        text += re.escape(path[end : found.start()]) + f"(?P<{found.group(1)}>[^/]+)"
        end = found.end()
    return re.compile(text + re.escape(path[end:]))


def _cut(path: str) -> str:
    return path if len(path) <= LONGEST_QUOTE else path[: LONGEST_QUOTE - 1] + "…"
