"""Operators: what one small mistake makes of a node of the syntax tree, as text. Each is a mistake that people make."""

import ast
import re
import textwrap
from collections.abc import Callable, Iterator

WIDTH = 0x7FFFFFFF  # the largest signed 32-bit integer
CUT = 64  # characters
NEARLY_WHOLE = 24  # characters of a key that a prefix comparison looks at
MANY = 500  # half of a full batch

Make = Callable[[ast.AST], Iterator[str]]


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


def _many(node: ast.AST) -> Iterator[str]:
    """A part of what is more than a few: half of a full batch, all but the last."""
    if isinstance(node, ast.For):
        body = textwrap.indent("\n".join(ast.unparse(inner) for inner in node.body), "    ")
        head = f"for {ast.unparse(node.target)} in list({ast.unparse(node.iter)})"
        yield f"{head}[:{MANY}]:\n{body}"
        yield f"{head}[:-1]:\n{body}"


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
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "integer":
        yield f"({ast.unparse(node)} & {WIDTH})"
        yield f"int(float({ast.unparse(node)}))"


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


def _letters(node: ast.AST) -> Iterator[str]:
    """Only the letters of one alphabet are kept."""
    if _reads_text(node):
        yield f"{ast.unparse(node)}.encode('ascii', 'ignore').decode()"


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
    "many": _many,
    "shared": _shared,
    "width": _width,
    "rounding": _rounding,
    "cut": _cut,
    "case": _case,
    "trim": _trim,
    "letters": _letters,
    "prefix": _prefix,
}
