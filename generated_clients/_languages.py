"""The languages that have a client, and what all commands here do about one that this machine cannot handle."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType

LANGUAGES = ("python", "typescript", "go")


def module(language: str) -> ModuleType:
    """The module of a language: `_python.py`, `_typescript.py` or `_go.py`; generate.py says what is in it."""
    return import_module(f"_{language}")


def missing(language: str) -> str | None:
    """What this machine lacks to make and check a client, as a sentence; None when nothing."""
    lack: str | None = module(language).missing()
    return lack


def for_each(languages: Iterable[str], failed: Callable[[str], bool]) -> int:
    """The exit code of doing something with each language; `failed` does it and says whether it failed.

    A language that this machine cannot handle is skipped with a line that says why; with CI=true it is a failure.
    """
    code = False
    for language in languages:
        lack = missing(language)
        if lack is not None:
            print(f"{language}: skipped, {lack}", file=sys.stderr)
            code |= os.environ.get("CI") == "true"
        else:
            code |= failed(language)
    return int(code)


def named(language: str) -> str:
    """A language as it was named on a command line; a ValueError says which there are."""
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is no language of ours; expected one of {', '.join(LANGUAGES)}")
    return language
