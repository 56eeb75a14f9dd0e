"""The engines name nothing of any API: the words are taken from the contracts themselves, and looked for in the code.

An engine is what serves, judges or reads any contract. Its identifiers and strings are searched, not its comments and
docstrings, which may give examples.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from twosignal_contract import Contract, documents, load_contract

ROOT = Path(__file__).parents[2]
CONTRACTS = [load_contract(path) for path in documents()]
ENGINES = [
    "conformance/twosignal_conformance/clients",
    "conformance/twosignal_conformance/engine",
    "contract/twosignal_contract",
    "mock/twosignal_mock/engine",
]

HTTP_AND_JSON = """
    any api auth body boolean call contain csv current delete error field filter get id identifier int internal item
    json key length line link list location member meta metadata name namespace number query request response result
    route row schema scope search service status tag template text timestamp token type uint value variable version
"""
PROGRAMS = """
    action add and attribute by check condition configuration count create created cursor day detail digest done
    edge end event export group in instant keyword log login logout match millisecond month nano no node or out page
    point refresh regex remove resolution rule run saved site source start stat state summary system test time tool
    unix update usage v with
"""
MOCKS_AND_JUDGES = """
    fault health input judge latency metric model order plan project resource revoke validate validation
"""
OWN_WORDS = frozenset(re.findall("[a-z]+", HTTP_AND_JSON + PROGRAMS + MOCKS_AND_JUDGES))
"""Words of contracts that mean something of HTTP, of a library or of the engines' own as well."""

OWN_NAMES = frozenset(
    {"access token", "api key", "error message", "get health", "http status", "key prefix", "project id"}
    | {"status code", "user id"}
)
"""The same for names of several words."""

NAMES_OF_LIBRARIES = frozenset({"start_new_session", "Session", "session", "with_session"})
"""As subprocess, requests and Schemathesis call things."""


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_names_nothing_of_any_api(engine: str) -> None:
    breaches = [
        f"{file.relative_to(ROOT)}:{line} says {text!r}: {found} is a word of a contract"
        for file in modules(ROOT / engine)
        for text, line in words_of_code(ast.parse(file.read_text(encoding="utf-8")))
        if (found := word_of_an_api(text))
    ]
    assert not breaches, "\n".join(["hand it over in engine/api.py, or take it from the contract:", *breaches])


@pytest.mark.parametrize(
    "text",
    ["trace", "Traces", "trace_id", "traceId", "SpanType", "/api/v1/scores", "route-model", "routeModel", "OTLP"],
)
def test_a_word_is_recognised_in_every_spelling(text: str) -> None:
    assert word_of_an_api(text)


@pytest.mark.parametrize("text", ["traceback", "lifespan", "underscore", "contemplate", "route", "promptly", "apiKey"])
def test_a_longer_word_and_a_word_of_the_engine_are_free(text: str) -> None:
    assert not word_of_an_api(text)


def test_docstrings_and_comments_of_the_engine_are_free() -> None:
    source = '"""A trace."""\nlimit = 1  # of a span\ndef f():\n    """A score."""\n    return "plain"'
    assert not [text for text, _ in words_of_code(ast.parse(source)) if word_of_an_api(text)]


def test_every_word_that_is_left_free_is_one_of_a_contract() -> None:
    assert sorted(OWN_WORDS - WORDS) == []
    assert sorted(OWN_NAMES - NAMES) == []


def words(text: str) -> list[str]:
    """The words of a name in any spelling, in lower case and in the singular."""
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", text)
    return [re.sub("(?<=..)ies$", "y", re.sub("(?<=..)(?<![sui])s$", "", word.lower())) for word in found]


def subjects(contract: Contract) -> Iterator[str]:
    """What the contract speaks of: tags, steps of paths, schemas."""
    yield from (str(tag["name"]) for tag in contract.document.get("tags", ()))
    yield from (operation.path for operation in contract.operations.values())
    yield from contract.schemas


def names(contract: Contract) -> Iterator[str]:
    """What the contract calls its operations, parameters, fields, dialects."""
    yield from contract.operations
    yield from contract.dialects
    yield from (row.name for operation in contract.operations.values() for row in operation.parameters)
    yield from fields(contract.document.get("components", {}))


def fields(node: Any) -> Iterator[str]:
    """The names of all properties below a node."""
    if isinstance(node, dict):
        properties = node.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for value in node.values():
            yield from fields(value)
    elif isinstance(node, list):
        for value in node:
            yield from fields(value)


WORDS = frozenset(word for contract in CONTRACTS for subject in subjects(contract) for word in words(subject))
NAMES = frozenset(
    " ".join(parts) for contract in CONTRACTS for name in names(contract) if len(parts := words(name)) > 1
)
LONGEST = max(len(name.split()) for name in NAMES)


def word_of_an_api(text: str) -> str | None:
    """The first word or name of a contract that a text holds, unless it is one of the engines' own."""
    parts = [] if text in NAMES_OF_LIBRARIES else words(text)
    for word in parts:
        if word in WORDS and word not in OWN_WORDS:
            return word
    for length in range(2, LONGEST + 1):
        for start in range(len(parts) - length + 1):
            name = " ".join(parts[start : start + length])
            if name in NAMES and name not in OWN_NAMES:
                return name
    return None


def modules(package: Path) -> list[Path]:
    """All modules below a package; none at all would make the rule hold by accident."""
    found = sorted(package.rglob("*.py"))
    assert found, f"{package.relative_to(ROOT)} has no module"
    return found


def words_of_code(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every identifier and every string that is no docstring, with its line."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 1)
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield text, line
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name, line
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, line
            case ast.alias(name=name, asname=other):
                yield from ((text, line) for text in (name, other) if text)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name, line
            case ast.MatchClass(kwd_attrs=found):
                yield from ((name, line) for name in found)
            case ast.ExceptHandler(name=str(name)):
                yield name, line
