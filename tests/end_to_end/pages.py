"""Pages as readers take them: fenced blocks to copy, the outputs they promise (`# -> text`), tables."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMISE = re.compile(r" -> (.+)$", re.MULTILINE)

SHELLS = {"sh": ["dash", "-e"], "bash": ["bash", "-eo", "pipefail"]}
"""The shells that readers and CIs have, and how they stop at a line that fails; in Debian's images sh is dash."""

shells = pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=pytest.mark.skipif(
                shutil.which(command[0]) is None and os.environ.get("CI") != "true", reason=f"no {command[0]} here"
            ),
        )
        for name, command in SHELLS.items()
    ],
)
"""Runs a test in each of them."""


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: str
    line: int
    language: str
    text: str

    @property
    def promises(self) -> list[str]:
        """What its output holds, in this order."""
        return _PROMISE.findall(self.text)

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> list[Block]:
    """All fenced blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [Block(page, text.count("\n", 0, match.start()) + 1, match[1], match[2]) for match in _FENCE.finditer(text)]


def pages() -> list[str]:
    """All pages of the repository."""
    found = (file for depth in ("*.md", "*/*.md", "*/*/*.md") for file in ROOT.glob(depth))
    names = (file.relative_to(ROOT).as_posix() for file in found)
    return sorted(name for name in names if not re.search(r"(^|/)(\.|node_modules/)", name))


def commands_of_indented_blocks(page: str) -> list[str]:
    """Lines of a page that begin with four spaces and a program that a reader has; others show output."""
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)
    commands = (re.sub(r"\s+#.*", "", line) for line in lines)
    return [each for each in commands if re.match(r"(make|eval|(\.venv/bin/)?twosignal-\w+)\s", each)]


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table whose first heading is that, without the marks of code."""
    text = (ROOT / page).read_text(encoding="utf-8")
    after = text.split(f"| {head} |", 1)[1].split("\n\n", 1)[0]
    lines = [line for line in after.splitlines()[2:] if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
