"""Error bodies as templates: in each text of a body, `{name}` stands for a value of the case.

A text that is nothing but `{name}` becomes the value itself, a number or a list as well as a text. `{{` and `}}` are
braces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Any

from twosignal_contract._lookup import join, look_up
from twosignal_contract._problems import Problem, quote

Values = Mapping[str, Any]
Render = Callable[[Values], Any]


@dataclass(frozen=True, slots=True)
class ErrorTemplate:
    """How one cause is answered; a member of /x-errors."""

    cause: str
    status: int
    template: Any
    """The body as the document has it; not to be changed."""
    code_at: str | None = None
    """JSON pointer of the code in the body; /x-api/error-code."""
    message_at: str | None = None
    """JSON pointer of the message in the body; /x-api/error-message."""
    body: Render = field(init=False, repr=False, compare=False)
    """Gives the body with the values of a case; KeyError when one is missing."""
    placeholders: frozenset[str] = field(init=False, repr=False, compare=False)
    """Names of the values that the body needs."""

    def __post_init__(self) -> None:
        names = frozenset(name for _, text in _texts(self.template, "") for name in _names(text))
        object.__setattr__(self, "body", _compile(self.template))
        object.__setattr__(self, "placeholders", names)

    @property
    def code(self) -> str:
        """The code; empty when the document does not say where it stands."""
        return "" if self.code_at is None else str(look_up(self.template, self.code_at))

    @property
    def message(self) -> str:
        """The message, a template itself; empty when the document does not say where it stands."""
        return "" if self.message_at is None else str(look_up(self.template, self.message_at))

    def having(
        self, *, status: int | None = None, code: str | None = None, message: str | None = None
    ) -> ErrorTemplate:
        """The same with another status, code or message (as it is to be read: its braces are braces)."""
        template = self.template
        for pointer, text in ((self.code_at, code), (self.message_at, message)):
            if pointer is not None and text is not None:
                template = _replaced(template, pointer.split("/")[1:], text.replace("{", "{{").replace("}", "}}"))
        return replace(self, status=self.status if status is None else status, template=template)


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


def _replaced(template: Any, steps: Sequence[str], text: str) -> Any:
    if not steps:
        return text
    key = steps[0].replace("~1", "/").replace("~0", "~")
    if isinstance(template, list):
        index = int(key)
        return [*template[:index], _replaced(template[index], steps[1:], text), *template[index + 1 :]]
    return {**template, key: _replaced(template[key], steps[1:], text)}


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
