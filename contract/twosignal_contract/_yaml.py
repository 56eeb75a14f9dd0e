"""YAML as JSON: reads a document event by event, and keeps for each place the line on which it is written.

Only what JSON can say is read as something else than text: `true`, `null`, `12`, `0.5`. A date stays the text that it
is, and so do `yes`, `on` and `0777`, which YAML 1.1 would turn into something that nobody meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from twosignal_contract._lookup import escape
from twosignal_contract._problems import ContractError, Notes, Problem, display_name

LARGEST = 8_000_000
"""Bytes of a file. The largest public OpenAPI documents have about as many; ours has 0.2 million."""
DEEPEST = 100
"""Levels of a document. An OpenAPI document has about 20, and Python's own stack ends at a few hundred."""
MOST_PLACES = 500_000
"""Keys and items of a document, aliases written out. Ten nested aliases are enough to write out billions."""

_STANDARD = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NUMERIC = frozenset("-0123456789")
_MOST_DIGITS = 300
"""Python reads integers of up to 4,300 digits; a double, which JSON readers count on, ends at 309."""
_CONSTANTS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_UNFINISHED = object()


class _Anchor(NamedTuple):
    pointer: str
    value: Any
    places: slice
    """Which of the places stand below it."""


def read_bytes(path: Path) -> bytes:
    """The content of a file, or ContractError."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        reasons = {FileNotFoundError: "there is no such file", IsADirectoryError: "it is a directory"}
        found = reasons.get(type(error), f"it cannot be read ({error.strerror})")
        raise _error(path, None, found, "an OpenAPI document", "name another file") from None
    if len(content) > LARGEST:
        found = f"it is larger than {LARGEST} bytes"
        raise _error(path, None, found, "a smaller document", "leave out what nobody needs")
    return content


def decode(path: Path, content: bytes) -> str:
    """The text of a file, or ContractError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise _error(path, line, found, "a YAML document in UTF-8", "save it as UTF-8") from None


class Reader:
    """A document: `value` as plain data, `lines` by JSON pointer, and `notes` on keys that cannot be kept apart."""

    def __init__(self, path: Path, text: str) -> None:
        self.lines: dict[str, int] = {"": 1}
        self.notes = Notes(path, self.lines)
        self.value: Any = None
        self._places: list[str] = []
        self._anchors: dict[str, _Anchor] = {}
        self._depth = 0
        try:
            self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
            self._read_stream()
        except yaml.YAMLError as error:
            line, reason = _syntax_error(error, text)
            raise _error(path, line, f"not YAML ({reason})", "a YAML document", "correct it") from None
        except RecursionError:
            raise _error(path, 1, "it is nested too deeply", "a YAML document", "make it flatter") from None
        except _TooManyPlacesError as error:
            found = f"it has more than {MOST_PLACES} keys and items, those of aliases included"
            raise _error(path, error.line, found, "a smaller document", "use fewer aliases") from None

    def _read_stream(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if len(self.lines) > 1:
                    raise _mistake("but found another document", event)
            elif isinstance(event, yaml.NodeEvent):
                self.lines[""] = _line(event)
                self.value = self._read(event, "")

    def _read(self, event: Any, pointer: str) -> Any:
        """The value that begins with the event."""
        if isinstance(event, yaml.AliasEvent):
            return self._repeat(event, pointer)
        anchor, begin = event.anchor, len(self._places)
        if anchor is not None:
            # It has no value before its last line: an alias inside of it would never end.
            self._anchors[anchor] = _Anchor(pointer, _UNFINISHED, slice(0))
        value = _scalar(event) if isinstance(event, yaml.ScalarEvent) else self._read_collection(event, pointer)
        if anchor is not None:
            self._anchors[anchor] = _Anchor(pointer, value, slice(begin, len(self._places)))
        return value

    def _read_collection(self, event: Any, pointer: str) -> Any:
        self._depth += 1
        if self._depth > DEEPEST:
            raise RecursionError
        is_list = isinstance(event, yaml.SequenceStartEvent)
        value: Any = self._read_list(event, pointer) if is_list else self._read_mapping(event, pointer)
        self._depth -= 1
        return value

    def _read_list(self, start: Any, pointer: str) -> list[Any]:
        _refuse_tag(start, "seq")
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            place = f"{pointer}/{len(values)}"
            self._locate(place, _line(event))
            values.append(self._read(event, place))
        return values

    def _read_mapping(self, start: Any, pointer: str) -> dict[str, Any]:
        _refuse_tag(start, "map")
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._read_key(event, pointer)
            is_text = isinstance(key, str)
            name = key if is_text else getattr(event, "value", None) or str(key)
            place = f"{pointer}/{escape(name)}"
            before = self.lines.get(place) if name in values else None
            self._locate(place, _line(event))
            if not is_text:
                self.notes.add(place, f"the key {name} is not text", "a text", f"write '{name}'")
            elif before is not None:
                self.notes.add(place, f"the key '{name}' came before on line {before}", "each key once", "remove one")
            values[name] = self._read(next(self._events), place)
        return values

    def _read_key(self, event: Any, pointer: str) -> Any:
        return _scalar(event) if type(event) is yaml.ScalarEvent and not event.anchor else self._read(event, pointer)

    def _locate(self, place: str, line: int) -> None:
        # The last of two equal keys wins in the value, so its line is the one that later messages mean.
        self.lines[place] = line
        self._places.append(place)
        if len(self._places) > MOST_PLACES:
            raise _TooManyPlacesError(line)

    def _repeat(self, event: Any, pointer: str) -> Any:
        """What an alias stands for; its lines are those where it is written out."""
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            raise _mistake("found undefined alias", event)
        if anchor.value is _UNFINISHED:
            raise _mistake("found unconstructable recursive node", event)
        if len(self._places) + anchor.places.stop - anchor.places.start > MOST_PLACES:
            raise _TooManyPlacesError(_line(event))
        for place in self._places[anchor.places]:
            self._locate(pointer + place[len(anchor.pointer) :], self.lines[place])
        return anchor.value


class _TooManyPlacesError(Exception):
    """The document has more places than it may, from this line on."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _error(path: Path, line: int | None, found: str, expected: str, remedy: str) -> ContractError:
    return ContractError([Problem("", found, expected, remedy, display_name(path), line)])


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0]:
        if event.tag not in (None, "!"):
            _refuse_tag(event, "str")
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMERIC or not _NUMBER.fullmatch(text):
        return text
    number = (int if _INTEGER.fullmatch(text) else float)(text) if len(text) <= _MOST_DIGITS else float("inf")
    if not isfinite(number):
        raise _mistake("a number too large for JSON readers", event)
    return number


def _refuse_tag(event: Any, allowed: str) -> None:
    if event.tag not in (None, "!", _STANDARD + allowed):
        raise _mistake(f"the tag {event.tag} has no place in JSON", event)


def _mistake(reason: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=reason, problem_mark=event.start_mark)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _syntax_error(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """Line and reason of what the parser met."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return (mark.line + 1 if mark else 1), str(error.problem or error.context)
    # A character that YAML forbids has a position instead of a mark.
    return text.count("\n", 0, getattr(error, "position", 0)) + 1, str(getattr(error, "reason", error))
