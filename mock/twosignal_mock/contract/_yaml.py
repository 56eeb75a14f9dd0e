"""YAML as JSON: reads the document quickly, with the C parser, into dictionaries, lists and plain scalars.

Only what JSON can say is read as something else than text: `true`, `null`, `12`, `0.5`. A date stays the text that it
is, and so do `yes`, `on` and `0777`, which YAML 1.1 would turn into something nobody meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar

import yaml

from twosignal_mock.contract._location import display_name
from twosignal_mock.contract._problem import ContractError, Problem

DEEPEST = 1000
"""Levels of a document; Python's own recursion ends about here, an OpenAPI document at about 20."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file held: its bytes, its text and the value that the text describes."""

    content: bytes
    text: str
    value: Any
    sound: bool
    """False when a key was repeated or was not text: the value is then only good for finding further problems."""


def read(path: Path) -> Reading:
    """The document at the path, or ContractError when it is no readable YAML."""
    file = display_name(path)
    content = _read_bytes(path, file)
    text = _decode(content, file)
    try:
        _check_depth(text)
        loader = JsonLoader(text)
        value = loader.get_single_data()
    except yaml.YAMLError as error:
        line, why = _syntax_error(error, text)
        raise ContractError([Problem("", f"not YAML ({why})", "a YAML document", "correct it", file, line)]) from None
    except RecursionError:
        problem = Problem("", "it is nested too deeply", "a YAML document", "make it flatter", file, 1)
        raise ContractError([problem]) from None
    return Reading(content, text, value, loader.sound)


def _check_depth(text: str) -> None:
    """Refuses what would overflow the stack of the C composer, which counts no levels: 200,000 brackets crash it."""
    steps = (1 if bracket in "[{" else -1 for bracket in re.findall(r"[\[\]{}]", text))
    if max(accumulate(steps), default=0) > DEEPEST or "- " * DEEPEST in text:
        raise RecursionError


class JsonLoader(yaml.CSafeLoader):
    """A YAML loader that knows JSON's values only, and notes keys that a JSON reader could not agree on."""

    yaml_constructors: ClassVar[dict[Any, Any]] = {}
    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - the stubs of PyYAML say so

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.sound = True


def _construct_mapping(loader: JsonLoader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if type(key) is not str or key in mapping:
            loader.sound = False
        mapping[key if type(key) is str else str(key_node.value)] = loader.construct_object(value_node, deep=True)
    return mapping


def _construct_sequence(loader: JsonLoader, node: yaml.SequenceNode) -> list[Any]:
    return [loader.construct_object(item, deep=True) for item in node.value]


def _refuse(_: JsonLoader, node: yaml.Node) -> None:
    raise yaml.constructor.ConstructorError(None, None, f"the tag {node.tag} has no place in JSON", node.start_mark)


def _teach() -> None:
    """Give the loader its scalars: tag, pattern, first characters (the index of PyYAML), constructor."""
    scalars: list[tuple[str, str, list[str], Any]] = [
        ("null", r"(?:null|~|)$", ["n", "~", ""], lambda loader, node: None),
        ("bool", r"(?:true|false)$", ["t", "f"], lambda loader, node: node.value == "true"),
        ("int", r"-?(?:0|[1-9][0-9]*)$", [*"-0123456789"], lambda loader, node: int(node.value)),
        (
            "float",
            r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$",
            [*"-0123456789"],
            lambda loader, node: float(node.value),
        ),
        ("str", r"(?!)", [], lambda loader, node: node.value),
    ]
    for name, pattern, first, construct in scalars:
        tag = f"tag:yaml.org,2002:{name}"
        JsonLoader.add_constructor(tag, construct)
        if first:
            JsonLoader.add_implicit_resolver(tag, re.compile(pattern), first)
    JsonLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
    JsonLoader.add_constructor("tag:yaml.org,2002:seq", _construct_sequence)
    JsonLoader.add_constructor(None, _refuse)


_teach()


def _read_bytes(path: Path, file: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        came = "there is no such file"
    except IsADirectoryError:
        came = "it is a directory"
    except OSError as error:
        came = f"it cannot be read ({error.strerror})"
    raise ContractError([Problem("", came, "an OpenAPI document", "name another file with --contract", file)])


def _decode(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        came = f"byte 0x{content[error.start]:02x} is not UTF-8"
        line = content.count(b"\n", 0, error.start) + 1
    raise ContractError([Problem("", came, "a YAML document in UTF-8", "save it as UTF-8", file, line)])


def _syntax_error(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """Line and reason of what the parser met."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return (mark.line + 1 if mark else 1), str(error.problem or error.context)
    # A character that YAML forbids has a position instead of a mark.
    return text.count("\n", 0, getattr(error, "position", 0)) + 1, str(getattr(error, "reason", error))
