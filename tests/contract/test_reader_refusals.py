"""What the reader refuses: one line for each problem, with file, line, pointer and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract import spoiled_extensions, spoiled_openapi
from tests.contract.documents import Spoil, fresh_tree, line_of, refusal, write


@pytest.mark.parametrize(
    "spoil", [*spoiled_extensions.SPOILED, *spoiled_openapi.SPOILED], ids=lambda spoil: spoil.__name__.replace("_", " ")
)
def test_one_mistake_is_one_line(spoil: Spoil, tmp_path: Path) -> None:
    tree = fresh_tree()
    pointer, message = spoil(tree)
    path = tmp_path / "openapi.yaml"
    line = line_of(write(tree, path), pointer)
    place = f"{path}:{line} {pointer}" if pointer else f"{path}:{line}"
    assert refusal(path) == [f"{place}: {message}"]


def test_all_mistakes_are_reported_in_the_order_of_lines(tmp_path: Path) -> None:
    tree = fresh_tree()
    expected = [
        spoil(tree)[0]
        for spoil in (
            spoiled_extensions.unknown_source,
            spoiled_openapi.dangling_reference,
            spoiled_extensions.question_that_names_nothing,
        )
    ]
    text = write(tree, tmp_path / "openapi.yaml")
    problems = refusal(tmp_path / "openapi.yaml")
    expected.sort(key=lambda pointer: line_of(text, pointer))
    assert [problem.split()[1].removesuffix(":") for problem in problems] == expected


# The words of the document are the author's: whatever they hold, a problem stays one line.
def test_a_line_break_in_a_key_does_not_break_the_line(tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["info"]["x-a\nb"] = 1
    write(tree, tmp_path / "openapi.yaml")
    [problem] = refusal(tmp_path / "openapi.yaml")
    assert "\n" not in problem
