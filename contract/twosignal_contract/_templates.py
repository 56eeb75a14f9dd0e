"""Error bodies as templates: in each text of a body, `{name}` stands for a value of the case.

A text that is nothing but `{name}` becomes the value itself, a number or a list as well as a text. `{{` and `}}` are
braces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from twosignal_contract._lookup import join
from twosignal_contract._problems import Problem, quote

Values = Mapping[str, Any]
Render = Callable[[Values], Any]


@dataclass(frozen=True, slots=True)
class ErrorTemplate:
    """How one cause is answered; a member of /x-errors."""

    cause: str
    status: int
    template: Any
    """The body as the document has it."""
    body: Render
    """The body with the values of a case; KeyError when one is missing. It may share parts with other bodies."""
    placeholders: frozenset[str]
    """Names of the values that the body needs."""
    code: str | None
    """The text at /x-api/error-code of the template; None when the document names no such place."""
    message: str | None
    """The text at /x-api/error-message of the template: a template itself."""


def check_template(template: Any, pointer: str) -> Iterator[Problem]:
    """What is wrong with the texts of a template."""
    for place, text in _texts(template, pointer):
        try:
            names = list(_names(text))
        except ValueError as error:
            yield Problem(place, f"{quote(text)} ({error})", "a template", "write {{ or }} for a brace")
            continue
        for name in names:
            if not name.isidentifier():
                yield Problem(place, f"{quote('{' + name + '}')} in a template", "a name in braces", "correct it")


def compile_template(template: Any) -> tuple[Render, frozenset[str]]:
    """A function that fills in the template, and the names of the values that it needs."""
    names = frozenset(name for _, text in _texts(template, "") for name in _names(text))
    return _compile(template), names


def _compile(template: Any) -> Render:
    if isinstance(template, str):
        return _compile_text(template)
    if isinstance(template, Mapping):
        members = [(key, _compile(value)) for key, value in template.items()]
        return lambda values: {key: render(values) for key, render in members}
    if isinstance(template, list):
        items = [_compile(value) for value in template]
        return lambda values: [render(values) for render in items]
    return lambda _: template


def _compile_text(text: str) -> Render:
    names = list(_names(text))
    if not names:
        plain = text.format()
        return lambda _: plain
    if text == f"{{{names[0]}}}":
        return lambda values: values[names[0]]
    return text.format_map


def _texts(template: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Each text of a template with its place."""
    if isinstance(template, str):
        yield pointer, template
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from _texts(value, join(pointer, key))
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from _texts(value, join(pointer, index))


def _names(text: str) -> Iterator[str]:
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            yield name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
