"""Log lines as they are kept: what is written as JSON, and what a search looks at."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from twosignal_mock.apis.appsignal._attributes import shallow_attributes
from twosignal_mock.apis.appsignal.store import LogLine


class LogEntry(NamedTuple):
    """What a program logged."""

    source: int
    """The number of its source."""
    time: int
    """Nanoseconds since 1970."""
    severity_text: str
    severity_number: int
    """1 to 24, 0 for none; https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber."""
    hostname: str
    group: str | None
    body: Any
    """Plain JSON."""
    attributes: Mapping[str, Any]
    """Plain JSON by name."""


class LineMaker:
    """Makes lines of what programs logged."""

    def __init__(self, language: Mapping[str, Any]) -> None:
        """`language` is /x-appsignal-log-query."""
        self._severities = frozenset(language["severities"])
        self._own = frozenset(language["fields"])
        self._number = re.compile(language["number"])
        self._separator = language["path-separator"]

    def lines(self, entries: Iterable[LogEntry], next_chunk: int) -> list[LogLine]:
        """Lines in chunks that are numbered from `next_chunk` on; those of a source in the order of their time."""
        ordered = sorted(entries, key=attrgetter("source", "time"))
        groups = [list(group) for _, group in groupby(ordered, attrgetter("source"))]
        chunks = (
            group[start : start + _LINES_OF_CHUNK]
            for group in groups
            for start in range(0, len(group), _LINES_OF_CHUNK)
        )
        return [
            self._line(entry, number, place)
            for number, chunk in enumerate(chunks, next_chunk)
            for place, entry in enumerate(chunk)
        ]

    def _line(self, entry: LogEntry, chunk: int, place: int) -> LogLine:
        structured = shallow_attributes({**(entry.body if isinstance(entry.body, dict) else {}), **entry.attributes})
        line = LogLine(
            source=entry.source,
            time=entry.time,
            chunk=chunk,
            place=place,
            severity=self._severity(entry),
            hostname=_plain(entry.hostname),
            group=None if entry.group is None else _plain(entry.group),
            message=_plain(_message(entry.body)),
            json=orjson.dumps(structured).decode() if structured else None,
            fields="",
        )
        return line._replace(fields=self._fields(line, structured))

    def _severity(self, entry: LogEntry) -> str:
        text = entry.severity_text.casefold()
        text = _SEVERITY_WORDS.get(text, text)
        return text if text in self._severities else _severity_of(entry.severity_number)

    def _fields(self, line: LogLine, structured: Mapping[str, Any]) -> str:
        text: dict[str, str] = {}
        for name, value in islice(self._leaves(structured), _MOST_FIELDS):
            if name not in self._own:
                text.setdefault(name, value)
        own = ((name, getattr(line, name)) for name in self._own)
        everything = {**text, **{name: value for name, value in own if value is not None}}
        folded = {name: value.casefold() for name, value in everything.items() if not value.isascii()}
        numbers = {name: _number(value) for name, value in everything.items() if self._number.fullmatch(value)}
        return orjson.dumps({"text": text, "folded": folded, "number": numbers}).decode()

    def _leaves(self, structured: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Each value by its dotted name, as text; null, objects and arrays have none (operation searchLogLines)."""
        waiting: list[tuple[str, Any]] = list(structured.items())[::-1]
        while waiting:
            name, value = waiting.pop()
            if isinstance(value, dict):
                waiting += [(f"{name}{self._separator}{key}", each) for key, each in value.items()][::-1]
            elif isinstance(value, str):
                yield name, _plain(value)
            elif isinstance(value, bool | int | float):
                yield name, orjson.dumps(value).decode()


_MOST_FIELDS = 1000
"""Attributes of a line that are searched; further ones are only shown. The OpenTelemetry SDKs send at most 128."""
_LINES_OF_CHUNK = 128
"""Few enough to be looked at one by one, and so many that the indexes stay small."""

# What OpenTelemetry, syslog and common loggers call what the contract has another word for.
_SEVERITY_WORDS = {"warning": "warn", "information": "info", "informational": "info", "err": "error"} | dict.fromkeys(
    ("emerg", "emergency", "panic"), "fatal"
)
_SEVERITIES = {10: "notice", 18: "critical", 19: "alert"}
"""https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings"""
_SEVERITY_RANGES = ("trace", "debug", "info", "warn", "error", "fatal")
"""Four numbers each, from 1 on."""


def _severity_of(number: int) -> str:
    if not 1 <= number <= 4 * len(_SEVERITY_RANGES):
        return "unknown"
    return _SEVERITIES.get(number) or _SEVERITY_RANGES[(number - 1) // 4]


def _message(body: Any) -> str:
    """The text of a body: a structured one says it in `message`, or else is written as JSON."""
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return str(body["message"])
    return "" if body is None else body if isinstance(body, str) else orjson.dumps(body).decode()


def _plain(text: str) -> str:
    """SQLite's functions end a text at U+0000."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


_LONGEST_INTEGER = 18
"""Digits that fit into 64 bits, whatever they are."""


def _number(text: str) -> int | float | None:
    if "." not in text and len(text) <= _LONGEST_INTEGER:
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else None
