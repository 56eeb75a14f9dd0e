"""The languages and the APIs that have clients, and what the commands do when this machine lacks a language.

A new language is a module `_NAME.py` beside this one with what `Language` lists, and its name in `LANGUAGES`. A new API
is a row of `APIS`. Neither needs a change of generate.py or check.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

LANGUAGES = ("python", "typescript", "go", "command")
"""Those of `Api.languages`, whatever API."""
_CLIENTS = ("python", "typescript", "go")


@dataclass(frozen=True)
class Api:
    """A contract document, and the part of each client that speaks to its API."""

    contract: Path
    package: str = ""
    """Name of the subpackage, such as `appsignal`; empty for the API that a client's top level speaks to."""
    languages: tuple[str, ...] = _CLIENTS
    """Those that have a client of it. `command` is the `twosignal` command, the one client of the dashboard's API."""


_REPOSITORY = Path(__file__).resolve().parents[1]
REST = _REPOSITORY / "openapi.yaml"
APIS = (Api(REST), Api(_REPOSITORY / "contracts" / "dashboard.openapi.yaml", languages=("command",)))


class Language(Protocol):
    """What the module of a language has."""

    @property
    def FOLDER(self) -> str:  # noqa: N802 - a constant of the module
        """The client's folder, in generated_clients/."""

    @property
    def CHECKS(self) -> Mapping[str, Sequence[str]]:  # noqa: N802 - a constant of the module
        """The checkers by name: commands that run in the client's folder and end with 0 when all is well."""

    def generated(self, package: str) -> tuple[str, ...]:
        """The folders and files of a package that are generated, in the client's folder."""

    def missing(self) -> str | None:
        """What this machine lacks to generate and check, as a sentence; None when nothing."""

    def generate(self, api: Api, target: Path) -> None:
        """Writes all of them into `target`, an empty folder in place of the client's."""


def module(language: str) -> Language:
    """The module of a language."""
    return cast("Language", import_module(f"_{language}"))


def named(language: str) -> str:
    """A language by its name on a command line; ValueError with the names when there is no such language."""
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is no language of ours; expected one of {', '.join(LANGUAGES)}")
    return language


def for_each(languages: Iterable[str], failed: Callable[[str, Language], bool]) -> int:
    """The exit code of doing something with each language; `failed` does it and says whether it failed.

    A language that this machine cannot handle is skipped with a line that says why; with CI=true it is a failure.
    """
    code = False
    for language in languages:
        lack = module(language).missing()
        if lack is not None:
            print(f"{language}: skipped, {lack}", file=sys.stderr)
            code |= os.environ.get("CI") == "true"
        else:
            code |= failed(language, module(language))
    return int(code)
