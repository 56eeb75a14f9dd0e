"""Who may import whom, and what the engine may name: read from the source, so that it holds where no test runs, too."""

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOCK = ROOT / "mock" / "twosignal_mock"
CONFORMANCE = ROOT / "conformance" / "twosignal_conformance"
READER = ROOT / "contract" / "twosignal_contract"

# The words of 2Signal's resources. The reader (`contract/`) reads any contract, so it names none of them.
RESOURCE_WORDS = frozenset({"trace", "span", "score", "prompt", "otel", "otlp"})
RESOURCE_PHRASES = (("route", "model"),)

FORBIDDEN_IMPORTS = [
    pytest.param(CONFORMANCE, "twosignal_mock", id="the judge does not know the judged"),
    pytest.param(MOCK, "twosignal_conformance", id="the judged does not know the judge"),
    pytest.param(READER, "twosignal_mock", id="the reader does not know the judged"),
    pytest.param(READER, "twosignal_conformance", id="the reader does not know the judge"),
    pytest.param(READER, "tests", id="the reader does not know our tests"),
    pytest.param(CONFORMANCE, "tests", id="the judge does not know our tests"),
    pytest.param(MOCK, "tests", id="the judged does not know our tests"),
]


@pytest.mark.parametrize(("package", "forbidden"), FORBIDDEN_IMPORTS)
def test_no_module_imports(package: Path, forbidden: str) -> None:
    breaches = [
        f"{place(file, line)} imports {name}"
        for file in modules(package)
        for name, line in imports(parse(file))
        if name.split(".")[0] == forbidden
    ]
    assert not breaches, explain(breaches)


@pytest.mark.parametrize("root", [MOCK, CONFORMANCE, READER], ids=["mock", "conformance", "contract"])
def test_a_private_module_is_imported_below_its_own_package_only(root: Path) -> None:
    breaches = []
    for file in modules(root):
        package = file.relative_to(root.parent).parent.parts
        for name, line in imports(parse(file)):
            owner, private, _ = name.partition("._")
            if private and package[: owner.count(".") + 1] != tuple(owner.split(".")) and owner.startswith(root.name):
                breaches.append(f"{place(file, line)} imports {name}")
    assert not breaches, explain(breaches)


def test_the_reader_names_no_resource_of_2signal() -> None:
    breaches = [
        f"{place(file, line)} says {text!r}"
        for file in modules(READER)
        for text, line in words_of_code(parse(file))
        if names_a_resource(text)
    ]
    assert not breaches, explain(breaches)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import a.b\nfrom c import d", ["a.b", "c"]),
        ("def f():\n    import twosignal_mock._x", ["twosignal_mock._x"]),
        ("import importlib\nimportlib.import_module('tests.x')", ["importlib", "tests.x"]),
        ("__import__('tests')", ["tests"]),
    ],
    ids=["plain", "inside a function", "by import_module", "by __import__"],
)
def test_every_way_to_import_is_seen(source: str, found: list[str]) -> None:
    assert [name for name, _ in imports(ast.parse(source))] == found


@pytest.mark.parametrize(
    "text",
    ["trace", "Traces", "trace_id", "traceId", "SpanType", "/api/v1/scores", "route-model", "routeModel", "OTLP"],
)
def test_a_resource_is_recognised_in_every_spelling(text: str) -> None:
    assert names_a_resource(text)


@pytest.mark.parametrize("text", ["traceback", "lifespan", "underscore", "contemplate", "route", "model", "promptly"])
def test_a_longer_word_is_no_resource(text: str) -> None:
    assert not names_a_resource(text)


def test_docstrings_and_comments_of_the_engine_are_free() -> None:
    source = '"""A trace."""\nlimit = 1  # of a span\ndef f():\n    """A score."""\n    return "plain"'
    assert not [text for text, _ in words_of_code(ast.parse(source)) if names_a_resource(text)]


def modules(package: Path) -> list[Path]:
    """All modules below a package; an empty answer would make every rule hold by accident, so it is refused."""
    found = sorted(package.rglob("*.py"))
    assert found, f"{package.relative_to(ROOT)} has no module"
    return found


def parse(file: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every imported module's name with its line, wherever it stands; relative imports stay inside and are left out."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module, node.lineno
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module, node.lineno


def words_of_code(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every identifier and every string that is no docstring, with its line."""
    docstrings = {id(node) for node in docstrings_of(tree)}
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
            case ast.MatchClass(kwd_attrs=names):
                yield from ((name, line) for name in names)
            case ast.ExceptHandler(name=str(name)):
                yield name, line


def docstrings_of(tree: ast.Module) -> Iterator[ast.Constant]:
    """The strings that stand alone as statements: docstrings of modules, classes and functions, and of attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def names_a_resource(text: str) -> bool:
    """Whether a name or a string holds one of the words, in snake_case, camelCase or kebab-case, singular or plural."""
    words = [singular(word.lower()) for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", text)]
    if RESOURCE_WORDS.intersection(words):
        return True
    return any(pair in RESOURCE_PHRASES for pair in pairwise(words))


def singular(word: str) -> str:
    """The word without the `s` of a plural."""
    return word.removesuffix("s")


def place(file: Path, line: int) -> str:
    """The place as an editor opens it, from the root of the repository."""
    return f"{file.relative_to(ROOT)}:{line}"


def explain(breaches: Iterable[str]) -> str:
    """All breaches, one a line."""
    return "\n".join(["broken here:", *breaches])
