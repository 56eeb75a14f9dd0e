"""The runner of each language: its needs, its build, its start. generated_clients/README.md says what a runner is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[2] / "generated_clients"

_BUILD_TIME = 600.0
"""Seconds; the first build of a machine compiles Go's standard library and fetches packages."""


@dataclass(frozen=True)
class Language:
    """A language, and how to get a program from the folder of its client."""

    folder: str
    """In generated_clients/."""
    build: Callable[[Path, Path], list[list[str]]]
    """Commands to be run in the client's folder (first argument); what they make may go into the second."""
    command: Callable[[Path, Path], list[str]]
    """The runner, once built."""


_PYTHON = (sys.executable, "-W", "error")

TABLE = {
    "python": Language("python", lambda client, made: [], lambda client, made: [*_PYTHON, str(client / "runner.py")]),
    "python-async": Language(
        "python", lambda client, made: [], lambda client, made: [*_PYTHON, str(client / "runner.py"), "--async"]
    ),
    "typescript": Language(
        "typescript",
        # What is there already is as locked: `make install` put it there.
        lambda client, made: [
            *([] if (client / "node_modules").is_dir() else [["npm", "ci", "--ignore-scripts", "--loglevel=error"]]),
            ["npm", "run", "--silent", "build", "--", "--outDir", str(made / "dist")],
        ],
        lambda client, made: ["node", str(made / "dist" / "runner.js")],
    ),
    "go": Language(
        "go",
        # A copy of the folder may lie where Git refuses to say which version it is.
        lambda client, made: [["go", "build", "-buildvcs=false", "-o", str(made / "runner"), "./cmd/runner"]],
        lambda client, made: [str(made / "runner")],
    ),
}

LANGUAGES = tuple(TABLE)


def require(language: str) -> None:
    """Skips the test where a language's tools are missing or too old, by the rule of `make check`; in CI it fails."""
    lack = import_module("languages").module(TABLE[language].folder).missing()
    if lack is not None:
        reason = f"the {language} client is not tested: {lack}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def build(language: str, clients: Path, made: Path) -> list[str]:
    """The command that starts a language's runner, built from its folder of `clients` into the folder `made`."""
    require(language)
    client = clients / TABLE[language].folder
    for command in TABLE[language].build(client, made):
        done = subprocess.run(command, cwd=client, capture_output=True, text=True, timeout=_BUILD_TIME, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return TABLE[language].command(client, made)


def copy_client(language: str, folder: Path) -> Path:
    """A copy of a language's client in `folder`, under its name, without what builds left there; tools are shared."""
    name = TABLE[language].folder
    ignored = shutil.ignore_patterns("node_modules", "__pycache__", ".*_cache", "build", "dist")
    shutil.copytree(CLIENTS / name, folder / name, ignore=ignored)
    if (CLIENTS / name / "node_modules").is_dir():
        (folder / name / "node_modules").symlink_to(CLIENTS / name / "node_modules")
    return folder / name
