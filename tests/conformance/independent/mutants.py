"""Mechanical mutants of the independent server: one small mistake each, made in the text of one of its modules.

An AST pass of our own, because neither tool fits (tried on 2026-11-30). cosmic-ray 8.7 makes 2,383 mutants of this
server, 1,056 of them swaps of binary operators, most of those in annotations. It has no dropped statement, wrong key,
order, rounding, cut text, case, prefix, lock or sharing, writes into the working tree, and knows only passed or failed.
mutmut 3.8 changes functions only, not the constants of a module, and runs tests in the mutated process itself.
"""

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SERVER = ("evaluators.py", "otlp.py", "prompts.py", "query.py", "server.py", "sessions.py", "traces.py", "values.py")
WIDTH = 0x7FFFFFFF  # the largest signed 32-bit integer
CUT = 64  # characters
NEARLY_WHOLE = 24  # characters of a key that a prefix comparison looks at

# What a process does around the server, and texts for people, are no behaviour that the contract speaks of.
_NO_BEHAVIOUR = ("main",)
_MESSAGES = ("invalid", "not_found", "_unauthorized", "_binary")


@dataclass(frozen=True)
class Mutant:
    """`name` is stable as long as the line is: file:line:operator, with a number when a line has several."""

    name: str
    file: str
    before: str
    after: str
    source: str


Make = Callable[[ast.AST], Iterator[str]]
_Placed = ast.expr | ast.stmt | ast.excepthandler  # what has a line and a column


# --- comparisons, numbers and logic -----------------------------------------------------------------------------------

_BOUNDS: dict[type[ast.cmpop], str] = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
_OTHERS: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "/",
    ast.Mod: "//",
}


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Compare):
        sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
        signs = [_sign(operator) for operator in node.ops]
        for index, operator in enumerate(node.ops):
            if type(operator) in _BOUNDS:
                changed = [*signs[:index], _BOUNDS[type(operator)], *signs[index + 1 :]]
                yield sides[0] + "".join(f" {sign} {side}" for sign, side in zip(changed, sides[1:], strict=True))


def _sign(operator: ast.cmpop) -> str:
    return ast.unparse(ast.Compare(ast.Name("x"), [operator], [ast.Name("x")])).removeprefix("x ").removesuffix(" x")


def _negated(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Compare):
        yield f"not {ast.unparse(node)}"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield ast.unparse(node.operand)


def _arithmetic(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.BinOp) and type(node.op) in _OTHERS:
        yield f"{ast.unparse(node.left)} {_OTHERS[type(node.op)]} {ast.unparse(node.right)}"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield ast.unparse(node.operand)


def _number(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=bool()):
            return
        case ast.Constant(value=int(value) | float(value)):
            yield repr(value + 1)
            if value > 0:
                yield repr(value - 1 if value >= 1 else value / 2)


def _default(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield repr(not node.value)
    if isinstance(node, ast.IfExp):
        yield ast.unparse(node.body)
        yield ast.unparse(node.orelse)


def _logic(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.BoolOp):
        values = [ast.unparse(value) for value in node.values]
        yield (" or " if isinstance(node.op, ast.And) else " and ").join(f"({value})" for value in values)


def _left_out(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.BoolOp):
        for index in range(len(node.values)):
            yield ast.unparse(ast.BoolOp(node.op, [*node.values[:index], *node.values[index + 1 :]]))


# --- statements -------------------------------------------------------------------------------------------------------


def _dropped(node: ast.AST) -> Iterator[str]:
    """A call, a check that raises or skips, or an assignment into something that lives on."""
    if isinstance(node, (ast.Expr, ast.Raise, ast.AugAssign)):
        yield "pass"
    if isinstance(node, ast.If) and not node.orelse:
        yield "pass"
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Attribute, ast.Subscript)):
        yield "pass"


def _swallowed(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ExceptHandler):
        kind = f"except {ast.unparse(node.type)}" if node.type else "except"
        yield f"{kind}:\n    pass"


def _lock(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.With) and "lock" in ast.unparse(node.items[0]):
        yield "if True:\n" + textwrap.indent("\n".join(ast.unparse(inner) for inner in node.body), "    ")


# --- keys, order and number of things ---------------------------------------------------------------------------------


def _key(node: ast.AST) -> Iterator[str]:
    """The text that names a field is misspelt, or two fields of one object change places."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        name = node.args[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and re.fullmatch(r"[\w.-]+", name.value):
            yield ast.unparse(node).replace(repr(name.value), repr(name.value + "_"), 1)
    if isinstance(node, ast.Dict) and len(node.keys) > 1 and all(node.keys):
        keys = [ast.unparse(key) for key in node.keys if key]
        values = [ast.unparse(value) for value in node.values]
        for index in range(len(keys) - 1):
            swapped = [*values[:index], values[index + 1], values[index], *values[index + 2 :]]
            yield "{" + ", ".join(f"{key}: {value}" for key, value in zip(keys, swapped, strict=True)) + "}"


_SWAPPED_CALLS = {"max": "min", "min": "max", "all": "any", "any": "all"}


def _order(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _SWAPPED_CALLS:
            yield ast.unparse(node).replace(name, _SWAPPED_CALLS[name], 1)
        case ast.Call(func=ast.Name(id="sorted"), args=[first, *_]):
            yield f"list({ast.unparse(first)})"
            yield f"list(reversed({ast.unparse(node)}))"
        case ast.Return(value=ast.Tuple(elts=[one, other])):
            yield f"return {ast.unparse(other)}, {ast.unparse(one)}"
        case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[first]):
            yield f"sorted({ast.unparse(first)})"
            yield f"list({ast.unparse(first)})"


def _first(node: ast.AST) -> Iterator[str]:
    """The first of several instead of all."""
    if isinstance(node, ast.For):
        body = textwrap.indent("\n".join(ast.unparse(inner) for inner in node.body), "    ")
        yield f"for {ast.unparse(node.target)} in list({ast.unparse(node.iter)})[:1]:\n{body}"
    if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.DictComp)):
        loop = node.generators[0]
        whole = ast.unparse(node)
        found = ast.unparse(loop.iter)
        yield re.sub(rf" in {re.escape(found)}", lambda _: f" in list({found})[:1]", whole, count=1)


def _shared(node: ast.AST) -> Iterator[str]:
    """One thing for all instead of one for each."""
    match node:
        case ast.Call(
            func=ast.Name(id="field"), keywords=[ast.keyword(arg="default_factory", value=ast.Name(id=kind))]
        ):
            yield f"field(default_factory=(lambda shared: lambda: shared)({kind}()))"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="traces"), attr="Project")):
            yield "(globals().setdefault('_shared', traces.Project('shared')))"


# --- numbers and texts that lose something ----------------------------------------------------------------------------


def _width(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        whole = ast.unparse(node)
        if node.func.id in ("int", "sum"):
            yield f"({whole} & {WIDTH})"
        if node.func.id == "Decimal" and node.args and not isinstance(node.args[0], ast.Constant):
            yield f"Decimal(repr(float({ast.unparse(node.args[0])})))"


def _rounding(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id="round"), args=[value, ast.Constant(value=int(digits))]):
            yield ast.unparse(value)
            yield f"round({ast.unparse(value)}, {digits - 1})"
        case ast.Call(func=ast.Name(id="ceil"), args=[value]):
            yield f"int({ast.unparse(value)})"
        case ast.BinOp(op=ast.FloorDiv(), left=left, right=right):
            yield f"round({ast.unparse(left)} / {ast.unparse(right)})"


_TEXTS = ("text", "name", "short_text", "identifier", "choice")


def _cut(node: ast.AST) -> Iterator[str]:
    if _reads_text(node):
        yield f"{ast.unparse(node)}[:{CUT}]"


def _case(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("lower", "casefold"):
        yield ast.unparse(node.func.value)
    if _reads_text(node):
        yield f"{ast.unparse(node)}.lower()"


def _trim(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and "strip" in node.func.attr:
        yield ast.unparse(node.func.value)
    if _reads_text(node):
        yield f"{ast.unparse(node)}.strip()"


def _reads_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _TEXTS


def _prefix(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="fullmatch"), args=args):
            yield f"{ast.unparse(owner)}.match({', '.join(ast.unparse(argument) for argument in args)})"
        case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[ast.Name(id=name)]):
            near = f"key[:{NEARLY_WHOLE}] == {name}[:{NEARLY_WHOLE}]"
            yield f"next((value for key, value in {ast.unparse(owner)}.items() if {near}), None)"
        case ast.Compare(ops=[ast.In()], left=ast.Name(id=name), comparators=[whole]):
            yield f"any(str(item).startswith(str({name})) for item in {ast.unparse(whole)})"


OPERATORS: dict[str, Make] = {
    "bound": _bound,
    "negated": _negated,
    "arithmetic": _arithmetic,
    "number": _number,
    "default": _default,
    "and-or": _logic,
    "left-out": _left_out,
    "dropped": _dropped,
    "swallowed": _swallowed,
    "lock": _lock,
    "key": _key,
    "order": _order,
    "first": _first,
    "shared": _shared,
    "width": _width,
    "rounding": _rounding,
    "cut": _cut,
    "case": _case,
    "trim": _trim,
    "prefix": _prefix,
}


# --- making them ------------------------------------------------------------------------------------------------------


def make_mutants() -> Iterator[Mutant]:
    """Every mutant of the server, in the order of its files and lines."""
    for file in SERVER:
        source = (HERE / file).read_text(encoding="utf-8")
        lines = source.splitlines(keepends=True)
        seen: Counter[str] = Counter()
        for node in _behaviour(ast.parse(source)):
            for operator, make in OPERATORS.items():
                for after in make(node):
                    name = f"{file}:{node.lineno}:{operator}"
                    seen[name] += 1
                    number = f":{seen[name]}" if seen[name] > 1 else ""
                    before, changed = _replace(lines, node, after)
                    yield Mutant(name + number, file, before, after, changed)


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
