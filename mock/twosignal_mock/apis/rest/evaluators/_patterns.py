"""Regular expressions, run by RE2 in time that grows with the text alone: a user's, and those of our own rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import re2  # type: ignore[import-untyped] # it ships no types

from twosignal_mock.apis.rest.evaluators._values import EvaluatorError, Subject

_MOST_MEMORY = 1 << 20
"""Bytes for a compiled pattern and what it remembers while it runs; a pattern that needs more is refused."""
_MOST_CHARACTERS = 1000
"""Of one of the several patterns of a configuration, as of the only one of REGEX_MATCH, which the contract bounds."""
_COMPILE_STEPS = 10_000
"""What it costs to compile a short pattern, 40 us (2026)."""
_FLAGS = "ims"
"""Letters that mean something here. g and y tell where a next match begins, and u is always on."""


def compile_pattern(subject: Subject, pattern: str, flags: str, place: str) -> Any:
    """A user's pattern; raises EvaluatorError with its place in the configuration when RE2 does not run it."""
    if len(pattern) > _MOST_CHARACTERS:
        raise EvaluatorError(f".config.{place}", f"is longer than {_MOST_CHARACTERS} characters")
    subject.spend(_COMPILE_STEPS)
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    options.log_errors = False
    letters = "".join(letter for letter in _FLAGS if letter in flags)
    try:
        return re2.compile(f"{f'(?{letters})' if letters else ''}{pattern}".encode(errors="surrogatepass"), options)
    except re2.error as error:
        problem = f"is not a regular expression of RE2: {_message(error)}; backreferences and lookaround are not run"
        raise EvaluatorError(f".config.{place}", problem) from error


def compile_phrase(subject: Subject, phrase: str, place: str) -> Any:
    """A user's phrase as a pattern that finds it as whole words, whatever their case."""
    first, last = phrase[:1], phrase[-1:]
    edges = tuple(r"\b" if edge.isascii() and edge.isalnum() else "" for edge in (first, last))
    return compile_pattern(subject, f"{edges[0]}{re2.escape(phrase)}{edges[1]}", "i", place)


def stands_in(subject: Subject, text: str, pattern: Any) -> bool:
    """Whether a user's pattern matches anywhere in a text."""
    encoded = _encode(subject, text)
    subject.spend(pattern.programsize * (len(encoded) + 1))
    return pattern.search(encoded) is not None


def count_matches(subject: Subject, text: str, pattern: Any, most: int) -> int:
    """How often a user's pattern matches in a text, counted up to `most`."""
    encoded = _encode(subject, text)
    subject.spend(most * pattern.programsize + pattern.programsize * (len(encoded) + 1))
    return sum(1 for match in islice(pattern.finditer(encoded), most) if match.end() > match.start())


class Patterns:
    """Patterns of our own, compiled once. They are known to run as fast as a text is read."""

    def __init__(self, *patterns: str) -> None:
        self._patterns = tuple(re2.compile(f"(?i){pattern}".encode()) for pattern in patterns)

    def __len__(self) -> int:
        return len(self._patterns)

    def found(self, subject: Subject, text: str) -> Iterator[str]:
        """Of each pattern that matches in the text, what it matches first."""
        encoded = _encode(subject, text)
        subject.spend(len(self._patterns) * (len(encoded) + 1))
        for pattern in self._patterns:
            if (match := pattern.search(encoded)) is not None:
                yield match.group().decode(errors="replace")

    def count(self, subject: Subject, text: str, most: int) -> int:
        """How many matches all patterns have in the text together, counted up to `most` for each."""
        encoded = _encode(subject, text)
        subject.spend(len(self._patterns) * (len(encoded) + 1))
        return sum(1 for pattern in self._patterns for _ in islice(pattern.finditer(encoded), most))


def forget_patterns() -> None:
    """Frees what RE2's Python wrapper keeps of every pattern: they are from outside and must not pile up."""
    re2.purge()


def _encode(subject: Subject, text: str) -> bytes:
    return subject.remember(("bytes", text), lambda: text.encode(errors="surrogatepass"))


def _message(error: Exception) -> str:
    text = error.args[0] if error.args else "no reason"
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
