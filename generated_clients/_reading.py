"""Reads values of a document by their places, and says in one line what is wrong with one that is not as expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import yaml


class DocumentError(ValueError):
    """The document cannot be used; the text says where, what is there, and what was expected."""


@dataclass(frozen=True)
class Place:
    """A value of a document, and where it stands."""

    file: Path
    pointer: str
    """Names of the keys on the way, each after a slash; empty for the whole document."""
    value: Any

    def __getitem__(self, key: str) -> Place:
        """What stands at a key; a DocumentError when this is no object or lacks it."""
        inside = self.object()
        if key not in inside:
            raise DocumentError(f"{self.file} {self.pointer}/{key} is missing; add it")
        return Place(self.file, f"{self.pointer}/{key}", inside[key])

    def object(self) -> Mapping[str, Any]:
        """An object."""
        if not isinstance(self.value, Mapping):
            self._refuse("an object")
        return self.value

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            self._refuse("a text")
        return self.value

    def integer(self, least: int, most: int | None = None) -> int:
        """A whole number; true and false are none."""
        fits = isinstance(self.value, int) and not isinstance(self.value, bool)
        if not fits or self.value < least or (most is not None and self.value > most):
            self._refuse(f"an integer of at least {least}" if most is None else f"an integer of {least} to {most}")
        return int(self.value)

    def number(self, least: float | None = None) -> float:
        """A number, kept as it is written: 1 stays 1."""
        fits = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if not fits or not isfinite(self.value) or (least is not None and self.value < least):
            self._refuse("a number" if least is None else f"a number of at least {least:g}")
        number: float = self.value
        return number

    def items(self) -> tuple[Place, ...]:
        """The items of a list that is not empty."""
        if not isinstance(self.value, list) or not self.value:
            self._refuse("a list that is not empty")
        return tuple(Place(self.file, f"{self.pointer}/{number}", item) for number, item in enumerate(self.value))

    def status(self) -> int:
        """A status of HTTP."""
        return self.integer(100, 599)

    def statuses(self) -> tuple[int, ...]:
        """Some of them."""
        return tuple(item.status() for item in self.items())

    def _refuse(self, expected: str) -> NoReturn:
        raise DocumentError(f"{self.file} {self.pointer or '/'}: {self.value}; expected {expected}; correct it")


def read(file: Path, content: bytes) -> Place:
    """The whole document of a file's bytes; a DocumentError unless it is YAML, in UTF-8, with `paths`."""
    try:
        document = yaml.safe_load(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DocumentError(f"{file}: byte {error.start} is not UTF-8; expected YAML in UTF-8; correct it") from error
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise DocumentError(f"{file}: it is not YAML ({said}); expected an OpenAPI document; correct it") from error
    if not isinstance(document, Mapping):
        came = "nothing" if document is None else f"a {type(document).__name__}"
        raise DocumentError(f"{file}: it holds {came}; expected an OpenAPI document; correct it")
    place = Place(file, "", document)
    place["paths"].object()
    return place
