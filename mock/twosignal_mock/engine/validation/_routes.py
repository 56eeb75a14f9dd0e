"""Finds what serves a request. A literal path is one look-up; templates are asked when no literal path fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import unquote

from twosignal_mock.engine.api import ApiError
from twosignal_mock.engine.validation._descriptions import LONGEST_QUOTE

_T = TypeVar("_T")
_PARAMETER = re.compile(r"\{([^{}]+)\}")
_SLASH = "\udfff"
"""Stands for a slash that was percent-encoded: it divides nothing. No decoded path holds such a character."""


class Match(NamedTuple, Generic[_T]):
    """What a request asks for."""

    target: _T
    path_values: Mapping[str, str] | None = None
    """By the names in the template; None for a path without any."""


class MethodNotAllowedError(ApiError):
    """The path is known, the method is not."""

    def __init__(self, method: str, path: str, allowed: str) -> None:
        super().__init__("method-not-allowed", method=method, path=path, allowed=allowed)
        self.allowed = allowed
        """The value of the header Allow."""


class Routes(Generic[_T]):
    """Targets by path and method."""

    def __init__(self, targets: Iterable[tuple[str, str, _T]]) -> None:
        """`targets`: method, path template and what serves them."""
        self._literal: dict[str, dict[str, Match[_T]]] = {}
        self._templates: list[tuple[re.Pattern[str], tuple[str, ...], dict[str, _T]]] = []
        """Pattern, the names of its groups (which need not be identifiers), and targets by method."""
        templates: dict[str, dict[str, _T]] = {}
        for method, path, target in targets:
            if _PARAMETER.search(path):
                templates.setdefault(path, {})[method] = target
            else:
                self._literal.setdefault(path, {})[method] = Match(target)
        for methods in self._literal.values():
            if "GET" in methods:
                methods.setdefault("HEAD", methods["GET"])
        for path, known in templates.items():
            if "GET" in known:
                known.setdefault("HEAD", known["GET"])
            self._templates.append((_compile(path), tuple(_PARAMETER.findall(path)), known))

    def find(self, method: str, path: str) -> Match[_T]:
        """What serves exactly this path and method; raises ApiError, a MethodNotAllowedError for the method alone."""
        methods = self._literal.get(path)
        if methods is not None:
            match = methods.get(method)
            if match is None:
                raise MethodNotAllowedError(method, _cut(path), ", ".join(sorted(methods)))
            return match
        for pattern, names, known in self._templates:
            if found := pattern.fullmatch(path):
                if method not in known:
                    raise MethodNotAllowedError(method, _cut(path), ", ".join(sorted(known)))
                values = map(restore_slashes, found.groups())
                return Match(known[method], dict(zip(names, values, strict=True)))
        raise ApiError("unknown-endpoint", path=_cut(path))

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods of a path, sorted; empty for an unknown one."""
        if path in self._literal:
            return tuple(sorted(self._literal[path]))
        return next((tuple(sorted(known)) for pattern, _, known in self._templates if pattern.fullmatch(path)), ())


def path_to_divide(scope: Mapping[str, Any]) -> str:
    """The path of an ASGI scope as routes are found by: divided before it is decoded (RFC 3986 section 2.2)."""
    path: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    if not raw or b"%2" not in raw:
        return path
    return "/".join(unquote(part).replace("/", _SLASH) for part in raw.decode("latin-1").split("/"))


def restore_slashes(text: str) -> str:
    """A part of a routing path as it was meant."""
    return text.replace(_SLASH, "/")


def _compile(path: str) -> re.Pattern[str]:
    text, end = "", 0
    for found in _PARAMETER.finditer(path):
        text += re.escape(path[end : found.start()]) + "([^/]+)"
        end = found.end()
    return re.compile(text + re.escape(path[end:]))


def _cut(path: str) -> str:
    path = restore_slashes(path)
    return path if len(path) <= LONGEST_QUOTE else path[: LONGEST_QUOTE - 1] + "…"
