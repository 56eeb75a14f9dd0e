"""Every file and folder that ARCHITECTURE, CONTRIBUTING and the READMEs name is there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("mock/twosignal_mock", "conformance/twosignal_conformance", "generated_clients/typescript")
"""A name may begin in one of these, where a page is about it."""

MADE = ("build/", "/", ".venv/", "node_modules/", "generated_clients/go/v")
"""Beginnings of names of what is made, of addresses, and of tags."""


def pages() -> list[str]:
    command = ["git", "ls-files", "--", "ARCHITECTURE.md", "CONTRIBUTING.md", "*README.md"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def places(page: str) -> list[Path]:
    """The folders that a name on a page may begin in."""
    return [ROOT, (ROOT / page).parent, *(ROOT / package for package in PACKAGES)]


def named(page: str) -> Iterator[str]:
    """What is linked, and what looks like a path of the repository: it has a known ending, or begins in a folder."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text)
    for name in re.findall(r"`([\w.*/-]+)`", text):
        ours = any((place / name.split("/")[0]).is_dir() for place in places(page))
        if not name.startswith(MADE) and (("/" in name and ours) or re.search(r"\w\.(py|md|go|ts)$", name)):
            yield name


def is_there(page: str, name: str) -> bool:
    """A name without a folder is one of the page's own room, wherever it stands there."""
    deeper = [(ROOT / page).parent.rglob(name)] if "/" not in name else []
    return any(any(found) for found in (*(place.glob(name) for place in places(page)), *deeper))


@pytest.mark.parametrize("page", pages())
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    missing = [name for name in named(page) if not is_there(page, name)]
    assert not missing, f"{page} names {', '.join(missing)}"


def test_the_pages_for_contributors_name_many() -> None:
    """Or the patterns above would find nothing, and hold nothing."""
    for page in ("ARCHITECTURE.md", "CONTRIBUTING.md"):
        assert len(set(named(page))) > 30
