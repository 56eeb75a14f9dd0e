"""Which line a place stands on. Asked only when there is something to report: a good document never pays for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from twosignal_mock.contract._pointer import join
from twosignal_mock.contract._problem import Problem
from twosignal_mock.contract._yaml import JsonLoader

_TEXT = "tag:yaml.org,2002:str"


@dataclass(slots=True)
class LineMap:
    """Pointer to line (1 is the first) for each key and item, and the keys on which JSON readers would disagree."""

    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, pointer: str) -> int:
        """The line of the place, or of the nearest place above it that the file has."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


def map_lines(text: str) -> LineMap:
    """The lines of a text that was read as YAML before."""
    found = LineMap()
    root = JsonLoader(text).get_single_node()
    if root is not None:
        found.lines[""] = root.start_mark.line + 1
        _visit(root, "", found)
    return found


def _visit(node: yaml.Node, pointer: str, found: LineMap) -> None:
    if isinstance(node, yaml.MappingNode):
        _visit_mapping(node, pointer, found)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            found.lines[join(pointer, index)] = item.start_mark.line + 1
            _visit(item, join(pointer, index), found)


def _visit_mapping(node: yaml.MappingNode, pointer: str, found: LineMap) -> None:
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        place = join(pointer, key)
        if key_node.tag != _TEXT:
            problem = Problem(place, f"the key {key} is not text", "a text", f"write '{key}'", line=line)
            found.problems.append(problem)
        elif key in seen:
            came = f"the key '{key}' came before on line {seen[key]}"
            found.problems.append(Problem(place, came, "each key once", "remove one", line=line))
        # The last one wins in the value that was read, so its line is the one that later messages mean.
        seen[key] = found.lines[place] = line
        _visit(value_node, place, found)
