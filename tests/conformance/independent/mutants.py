"""Mechanical mutants of the independent server: one small mistake each, made in the text of one of its modules.

An AST pass of our own, because neither tool fits (tried on 2026-11-30). cosmic-ray 8.7 makes 2,383 mutants of this
server, 1,056 of them swaps of binary operators, most of those in annotations. It has no dropped statement, wrong key,
order, rounding, cut text, case, prefix, lock or sharing, writes into the working tree, and knows only passed or failed.
mutmut 3.8 changes functions only, not the constants of a module, and runs tests in the mutated process itself.
"""

import ast
import hashlib
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .operators import OPERATORS

HERE = Path(__file__).parent
SERVER = ("evaluators.py", "otlp.py", "prompts.py", "query.py", "server.py", "sessions.py", "traces.py", "values.py")
RESERVE = 3  # of so many mutants one is never looked at

# What a process does around the server, and texts for people, are no behaviour that the contract speaks of.
_NO_BEHAVIOUR = ("main",)
_MESSAGES = ("invalid", "not_found", "_unauthorized", "_binary")


@dataclass(frozen=True)
class Mutant:
    """`name` is for people: file:line:operator, with a number when a line has several. `id` outlives other lines."""

    id: str
    name: str
    file: str
    before: str
    after: str
    source: str

    @property
    def reserved(self) -> bool:
        """True for one of those by which no check was ever written: they show what the suite does with the unseen."""
        return int(self.id, 16) % RESERVE == 0


_Placed = ast.expr | ast.stmt | ast.excepthandler  # what has a line and a column


# --- making them ------------------------------------------------------------------------------------------------------


def make_mutants() -> Iterator[Mutant]:
    """Every mutant of the server, in the order of its files and lines."""
    for file in SERVER:
        source = (HERE / file).read_text(encoding="utf-8")
        lines = source.splitlines(keepends=True)
        seen: Counter[str] = Counter()
        texts: Counter[str] = Counter()
        for node in _behaviour(ast.parse(source)):
            for operator, make in OPERATORS.items():
                for after in make(node):
                    name = f"{file}:{node.lineno}:{operator}"
                    seen[name] += 1
                    number = f":{seen[name]}" if seen[name] > 1 else ""
                    before, changed = _replace(lines, node, after)
                    text = "\0".join((file, operator, lines[node.lineno - 1].strip(), before, after))
                    texts[text] += 1
                    identity = hashlib.sha256(f"{text}\0{texts[text]}".encode()).hexdigest()[:10]
                    yield Mutant(identity, name + number, file, before, after, changed)


def _behaviour(node: ast.AST) -> Iterator[_Placed]:
    """The nodes below that say what the server does: no annotation, message, docstring or import."""
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in ("annotation", "returns") and not _is_silent(child):
                if isinstance(child, _Placed):
                    yield child
                yield from _behaviour(child)


def _is_silent(node: ast.AST) -> bool:
    match node:
        case ast.JoinedStr() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.FunctionDef(name=name) if name in _NO_BEHAVIOUR:
            return True
        case ast.Call(func=ast.Name(id=name)) if name in _MESSAGES:
            return True
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in ("Handler", "Reader", "Endpoint", "Json", "Read")
    return False


def _replace(lines: list[str], node: _Placed, after: str) -> tuple[str, str]:
    """What the node was, and the whole text with `after` in its place."""
    first, last, left = node.lineno - 1, (node.end_lineno or node.lineno) - 1, node.col_offset
    head, tail = lines[first][:left], lines[last][node.end_col_offset :]
    placed = f"({after})" if isinstance(node, ast.expr) else textwrap.indent(after, " " * left).strip()
    whole = "".join(lines[first : last + 1])
    before = whole[left : len(whole) - len(tail)]
    return before, "".join([*lines[:first], head + placed + tail, *lines[last + 1 :]])
