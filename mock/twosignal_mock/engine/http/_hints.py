"""What a client may have meant: by a query parameter that its operation lacks, or by a path that no API serves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from posixpath import commonpath

from twosignal_contract import Contract

from twosignal_mock.engine.http._asgi import CONTROL
from twosignal_mock.engine.validation import LONGEST_KEPT, MOST_KEPT, CompiledOperation

_LIKENESS = 0.6
"""How alike two names must be, from 0 to 1: `tag` and `tags` are, `page` and `cursor` are not."""
_PATH_LIKENESS = 0.85
_LONGEST = 60
"""Characters of a name or a path that a hint repeats."""
_MOST_NAMES = 5
_ELSEWHERE = ("/", "/docs", "/openapi.json", "/openapi.yaml", "/redoc", "/swagger")
"""Where people look first for what is served."""


def hint_of_parameters(ignored: Sequence[str], known: Sequence[str]) -> str:
    """Which query parameters were ignored, and what each may have meant; `known` are those of the operation."""
    told = [_name(name, known) for name in ignored[:_MOST_NAMES]]
    more = f" and {len(ignored) - _MOST_NAMES} more" if len(ignored) > _MOST_NAMES else ""
    takes = ", ".join(known) or "none"
    return f"ignored: {', '.join(told)}{more}; parameters here: {takes}"


def _name(name: str, known: Sequence[str]) -> str:
    near = _near(name, known)
    return f"{name[:_LONGEST]} (did you mean {near}?)" if near else name[:_LONGEST]


def _near(name: str, known: Iterable[str]) -> str | None:
    """The one that a name is most like, in whatever case it is written and whatever divides its words."""
    plain = {_plain(each): each for each in known}
    found = get_close_matches(_plain(name[:_LONGEST]), plain, 1, _LIKENESS)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return re.sub(r"[-_\[\]]", "", name.lower())


class Hints:
    """What one API says of requests that it takes otherwise than they were meant, or not at all."""

    def __init__(
        self, contract: Contract, operations: Mapping[str, CompiledOperation], directions: Mapping[str, str]
    ) -> None:
        """`directions` by a path, or by the beginning of paths with a `*` behind it."""
        self._credentials = frozenset(
            scheme.parameter for scheme in contract.security_schemes.values() if scheme.where == "query"
        )
        """Query parameters that are no operation's."""
        self._paths = tuple(dict.fromkeys(each.path for each in operations.values()))
        here = f"this is a mock; its API is below {commonpath(self._paths)}, its control API below {CONTROL}"
        self._directions = {**dict.fromkeys(_ELSEWHERE, here), **directions}
        self._of_query: dict[tuple[str, bytes], str] = {}

    def of_query(self, operation: CompiledOperation, query: bytes) -> str:
        """Which parameters in a query string are ignored; empty when the operation has them all."""
        found = self._of_query.get((operation.id, query))
        if found is None:
            names = operation.parameters.unknown(query)
            unknown = [name for name in names if name not in self._credentials]
            found = hint_of_parameters(unknown, operation.parameters.names) if unknown else ""
            if len(query) <= LONGEST_KEPT:
                if len(self._of_query) >= MOST_KEPT:
                    self._of_query.clear()
                self._of_query[operation.id, query] = found
        return found

    def of_path(self, path: str) -> str:
        """Where to go from a path that is no operation's; empty when it is like none."""
        for known, direction in self._directions.items():
            if path == known or (known.endswith("*") and path.startswith(known[:-1])):
                return direction
        end = path.rstrip("/")
        near = [each for each in self._paths if end and each.endswith(end)]
        near += get_close_matches(path[: 2 * _LONGEST].lower(), self._paths, 1, _PATH_LIKENESS)
        return f"did you mean {near[0]}?" if near else ""
