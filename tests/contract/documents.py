"""The real document as a tree to be spoiled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from twosignal_contract import Contract, ContractError, load_contract

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / "openapi.yaml"

Tree = dict[str, Any]
Refusal = tuple[str, str]
"""Pointer and message."""
Spoil = Callable[[Tree], Refusal]
"""Makes one mistake, and gives the problem that must be told."""


def refusal(path: Path) -> list[str]:
    """The lines with which the document is refused."""
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    return [str(problem) for problem in caught.value.problems]


def reload(tree: Tree, folder: Path) -> Contract:
    """The contract of a changed tree."""
    write(tree, folder / "openapi.yaml")
    return load_contract(folder / "openapi.yaml")


def fresh_tree() -> Tree:
    """The real document, to be changed at will."""
    tree: Tree = json.loads(_real_document())
    return tree


@cache
def _real_document() -> str:
    # By way of JSON: nothing in the copy is shared, as it would be after an alias, so one edit changes one place.
    # The reader under test is not asked for it: what it misread, it would not notice.
    return json.dumps(yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=_PlainLoader))  # noqa: S506 - a safe one


class _PlainLoader(yaml.CSafeLoader):
    """YAML without dates: `2026-01-01` in an example is text, as it is in JSON."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def write(tree: Tree, path: Path) -> str:
    """Writes the tree as YAML and gives its text."""
    text: str = yaml.dump(tree, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=200)
    path.write_text(text, encoding="utf-8")
    return text


def line_of(text: str, pointer: str) -> int:
    """The line of a key or an item, counted from the parser's marks and not by the reader."""
    node: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    line = node.start_mark.line
    for step in pointer.split("/")[1:]:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(step)]
            line = node.start_mark.line
        else:
            key = step.replace("~1", "/").replace("~0", "~")
            name, node = next(pair for pair in node.value if pair[0].value == key)
            line = name.start_mark.line
    return int(line) + 1


def pointer_to(*steps: str | int) -> str:
    """The JSON pointer that these steps make."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def operations(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Every operation with its pointer."""
    for path, item in tree["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield pointer_to("paths", path, method), operation


def operation_with(tree: Tree, keyword: str) -> tuple[str, Tree]:
    """The first operation that has the keyword."""
    return next((pointer, operation) for pointer, operation in operations(tree) if keyword in operation)


def schema(tree: Tree) -> tuple[str, Tree]:
    """The first shared schema."""
    name, found = next(iter(tree["components"]["schemas"].items()))
    return pointer_to("components", "schemas", name), found


def links(node: Any) -> Iterator[Tree]:
    """Every link below a node: what has an operationId and no responses."""
    if isinstance(node, dict):
        if isinstance(node.get("operationId"), str) and "responses" not in node:
            yield node
        for value in node.values():
            yield from links(value)
    elif isinstance(node, list):
        for value in node:
            yield from links(value)
