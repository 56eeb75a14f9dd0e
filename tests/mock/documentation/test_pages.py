"""Each example stands verbatim on its page, and none of a page is missing. Needs the pages beside the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.mock.documentation.pages import SNIPPETS, Snippet

EXAMPLE = re.compile(r'\bcurl (?=["-]|http)|^(?:import|from) \w|\{', re.MULTILINE)
"""Where a command, a program or JSON begins, or goes on: whatever it finds must lie within an example."""


@pytest.fixture(scope="module")
def pages(repository: Path) -> dict[str, str]:
    """Number of a page to its text."""
    folder = repository.parent / "shared" / "seeds"
    if not folder.is_dir():
        pytest.skip(f"the documentation's pages are not in {folder}")
    wanted = sorted({snippet.seed for snippet in SNIPPETS.values()})
    return {seed: next(folder.glob(f"{seed}_*.txt")).read_text(encoding="utf-8") for seed in wanted}


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
def test_an_example_stands_verbatim_on_its_page(pages: dict[str, str], snippet: Snippet) -> None:
    assert snippet.stored in pages[snippet.seed]


@pytest.mark.parametrize("seed", sorted({snippet.seed for snippet in SNIPPETS.values()}))
def test_no_example_of_a_page_is_missing(pages: dict[str, str], seed: str) -> None:
    page = pages[seed]
    covered = [
        range(found.start(), found.end())
        for snippet in SNIPPETS.values()
        if snippet.seed == seed
        for found in re.finditer(re.escape(snippet.stored), page)
    ]
    missing = [
        page[found.start() : found.start() + 60]
        for found in EXAMPLE.finditer(page)
        if not any(found.start() in places for places in covered)
    ]
    assert missing == []


@pytest.mark.parametrize(("seed", "kind", "count"), [("000", "curl", 2), ("001", "curl", 3), ("003", "curl", 1)])
def test_every_command_of_a_page_is_run_by_a_test(seed: str, kind: str, count: int) -> None:
    assert sum((snippet.seed, snippet.kind) == (seed, kind) for snippet in SNIPPETS.values()) == count
