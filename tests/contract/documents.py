"""The real document as a tree to be spoiled, and both loaders: each test runs for the mock and for the judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import twosignal_conformance.contract
import twosignal_mock.contract
import yaml

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / "openapi.yaml"

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loader:
    """One of the two loaders, as its package offers it."""

    package: str
    load: Callable[[Path | None], Any]
    error: type[Exception]

    def refusal(self, path: Path) -> list[str]:
        """The lines with which the loader refuses the document."""
        with pytest.raises(self.error) as caught:
            self.load(path)
        return [str(problem) for problem in caught.value.problems]  # type: ignore[attr-defined]


LOADERS = [
    Loader("twosignal_mock", twosignal_mock.contract.load_contract, twosignal_mock.contract.ContractError),
    Loader(
        "twosignal_conformance",
        twosignal_conformance.contract.load_contract,
        twosignal_conformance.contract.ContractError,
    ),
]
both_loaders = pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.package)


def fresh_tree() -> Tree:
    """The real document, to be changed at will."""
    tree: Tree = json.loads(_real_document())
    return tree


@cache
def _real_document() -> str:
    # By way of JSON: nothing in the copy is shared, as it would be after an alias, so one edit changes one place.
    # Neither loader under test is asked for it: what they misread, they would not notice.
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
    """The line of a key or an item, counted from the parser's marks and not from either loader's."""
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
