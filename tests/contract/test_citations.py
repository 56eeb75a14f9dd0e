"""Documents cite files of the repository alone: what a reader is sent to is there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_PATH = re.compile(
    r"(?<![\w/.:@~$<>{}*\\-])((?:\.{1,2}/)?(?:[\w.-]+/)+[\w.-]+\.(?:md|ya?ml|jsonl?|toml|txt|sql|html|xml|sh|py|go|java|m?[jt]s))"
    r"(?![\w/*{}<>])"
)
"""A file in a folder, as prose, comments and commands name it."""
_LINK = re.compile(r"\]\(([\w./:-][^)#\s]*)")
_READERS_OWN = ("build/", "reports/", ".venv/", "src/test/java/", "test/conformance.mjs", "./mock.setup.mjs")
"""Beginnings of paths that a command of the page writes, or that are in the project of who reads it."""


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


TRACKED = tracked()
FOLDERS = {str(folder) for path in TRACKED for folder in Path(path).parents}
DOCUMENTS = [
    path for path in TRACKED if path.endswith(".md") or re.search(r"(^|/)(.*openapi|control)\.ya?ml$", path) is not None
]


def cited(text: str) -> set[str]:
    links = (found[1] for found in _LINK.finditer(text) if "://" not in found[1] and not found[1].startswith("mailto:"))
    return {*(found[1] for found in _PATH.finditer(text)), *links}


def is_there(path: str, document: str) -> bool:
    """From the root, from the document's folder, or as the end of a path: prose leaves out what is clear."""
    for base in (ROOT, (ROOT / document).parent):
        full = (base / path).resolve()
        if full.is_relative_to(ROOT) and str(full.relative_to(ROOT)) in {*TRACKED, *FOLDERS}:
            return True
    return any(known.endswith(f"/{path}") for known in TRACKED)


def missing(document: str) -> Iterator[str]:
    for path in sorted(cited((ROOT / document).read_text(encoding="utf-8"))):
        if not path.startswith(_READERS_OWN) and not is_there(path, document):
            yield path


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_cites_is_in_the_repository(document: str) -> None:
    assert list(missing(document)) == []


def test_a_file_that_is_nowhere_is_noticed() -> None:
    assert cited("see reference/x.md, [this](docs/y.md#z) and https://host/a/b.md") == {"reference/x.md", "docs/y.md"}
    assert not is_there("reference/x.md", "README.md")
    assert is_there("apis/rest/__init__.py", "README.md")
