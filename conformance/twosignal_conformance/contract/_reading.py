"""Reads YAML event by event, and keeps for each place the line on which it is written.

The suite points at lines (a report names the line of each clause), so they are gathered in the same pass. Scalars are
JSON's: text is text, unless it is `null`, `true`, `false` or a number as JSON writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from twosignal_conformance.contract._problems import ContractError, Notes, Problem

_STANDARD = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_CONSTANTS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}


class Reader:
    """A document: `value` as plain data, `lines` by JSON pointer, and `notes` on keys that cannot be kept apart."""

    def __init__(self, text: str, file: str) -> None:
        self.lines: dict[str, int] = {"": 1}
        self.notes = Notes(file, self.lines)
        self.value: Any = None
        self._anchors: dict[str, tuple[str, Any]] = {}
        try:
            self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
            self._read_stream()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else text[: getattr(error, "position", 0)].count("\n") + 1
            reason = getattr(error, "problem", None) or getattr(error, "reason", None) or error
            message = f"not YAML ({reason}); expected a YAML document; correct it"
            raise ContractError(Problem(file, line, "", message)) from None
        except RecursionError:
            message = "it is nested too deeply; expected a YAML document; make it flatter"
            raise ContractError(Problem(file, 1, "", message)) from None

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
        if event.anchor is not None:
            # Known from its first line on, and without a value until its last: an alias in between would never end.
            self._anchors[event.anchor] = (pointer, _UNFINISHED)
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._read_list(event, pointer)
        else:
            value = self._read_mapping(event, pointer)
        if event.anchor is not None:
            self._anchors[event.anchor] = (pointer, value)
        return value

    def _read_list(self, start: Any, pointer: str) -> list[Any]:
        _refuse_tag(start, "seq")
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            place = f"{pointer}/{len(values)}"
            self.lines[place] = _line(event)
            values.append(self._read(event, place))
        return values

    def _read_mapping(self, start: Any, pointer: str) -> dict[str, Any]:
        _refuse_tag(start, "map")
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, is_text = self._read_key(event, pointer)
            place = f"{pointer}/{escape(key)}"
            before = self.lines.get(place) if key in values else None
            self.lines[place] = _line(event)
            if not is_text:
                self.notes.add(place, f"the key {key} is not text", "a text", f"write '{key}'")
            elif before is not None:
                self.notes.add(place, f"the key '{key}' came before on line {before}", "each key once", "remove one")
            values[key] = self._read(next(self._events), place)
        return values

    def _read_key(self, event: Any, pointer: str) -> tuple[str, bool]:
        key = self._read(event, pointer)
        if isinstance(key, str):
            return key, True
        return (event.value if isinstance(event, yaml.ScalarEvent) else str(key)), False

    def _repeat(self, event: Any, pointer: str) -> Any:
        """What an alias stands for; its lines are those where it is written out."""
        if event.anchor not in self._anchors:
            raise _mistake("found undefined alias", event)
        origin, value = self._anchors[event.anchor]
        if value is _UNFINISHED:
            raise _mistake("found unconstructable recursive node", event)
        inside = {place: line for place, line in self.lines.items() if place.startswith(f"{origin}/")}
        self.lines.update({pointer + place[len(origin) :]: line for place, line in inside.items()})
        return value


def escape(key: str) -> str:
    """A key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


_UNFINISHED = object()


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0]:
        if event.tag not in (None, "!"):
            _refuse_tag(event, "str")
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _refuse_tag(event: Any, allowed: str) -> None:
    if event.tag not in (None, "!", _STANDARD + allowed):
        raise _mistake(f"the tag {event.tag} has no place in JSON", event)


def _mistake(reason: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=reason, problem_mark=event.start_mark)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
