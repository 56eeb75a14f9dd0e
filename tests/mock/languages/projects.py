"""Projects of users in other languages: the code of a page as files, and commands that must succeed there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.pages import blocks

BIN = Path(sys.executable).parent
_TIME = 500.0
"""Seconds for one command: the first one of a machine fetches packages and compiles."""
_NAME = re.compile(r"(?://|<!--) (\S+\.\w+)(?: -->)?\n")
"""A page says the file of a block in its first line, as a comment."""


def need(*programs: str) -> None:
    """Skips the test where a program is missing; in CI it fails."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        leave(f"not on this machine: {', '.join(missing)}")


def leave(reason: str) -> None:
    """Skips the test; in CI it fails."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def write_page(page: str, folder: Path) -> list[str]:
    """Writes the files of a page into a folder; their names."""
    names = []
    for block in blocks(page):
        found = _NAME.match(block.text)
        if found is not None:
            file = folder / found[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
            names.append(found[1])
    return names


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """What a command prints, with our commands on the PATH; it must succeed."""
    done = finish(*command, folder=folder, **environment)
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}"
    return done.stdout


def finish(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that has ended."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWOSIGNAL_")}
    return subprocess.run(
        command,
        cwd=folder,
        env=kept | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIME,
        check=False,
    )
