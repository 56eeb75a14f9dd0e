"""Generates the core of the `twosignal` command from the dashboard's contract: shapes, procedures, numbers, help texts.

The generator of the Python client does not fit a command line. Its classes refuse a response that lacks a field, so one
field that a server leaves out would end a command; and reading two hundred of them takes longer than a command may.
The shapes here are typed dictionaries, which cost nothing at run time. Envelopes are the business of whoever makes a
call, so neither shapes nor methods have any. The paths of sessions come from the REST contract beside the dashboard's.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from typing import Any

from _document import VERSION, header, load, prefix, reached
from languages import REST, Api
from twosignal_contract import Contract, Operation

FOLDER = "command"
CHECKS = {
    "mypy, strict": (
        sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", "--python-version=3.11",
        "twosignal_command",
    ),
    "import-linter, circles of imports": (
        sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()",
        "--config", "imports.toml", "--no-cache", "--no-logo",
    ),
}  # fmt: skip

_CORE = "twosignal_command/generated"
_SESSIONS = {"HEALTH": "getHealth", "LOGIN": "login", "REFRESH": "refreshSession", "LOGOUT": "logout"}
"""Operations of the REST contract that the command calls, by the name of the constant that holds the path."""
_CAUSES = {
    "UNAUTHORIZED": "invalid-session",
    "FORBIDDEN": "permission-denied",
    "NOT_FOUND": "unknown-resource",
    "RATE_LIMITED": "rate-limit",
}
"""Causes of errors that the command explains, by the name of the constant that holds the code."""
_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, Any]",
}


def generated(package: str) -> tuple[str, ...]:
    """The core, in the command's folder."""
    return ((Path(_CORE) / package).as_posix(),)


def missing() -> str | None:
    """What this machine lacks."""
    for package in ("importlinter", "mypy", "rich", "ruff", "typer", "urllib3"):
        if find_spec(package) is None:
            return f"the package {package} is not installed: make install, then use .venv/bin/python"
    return None


def generate(api: Api, target: Path) -> None:
    """Writes the core into `target`."""
    contract, rest = load(api.contract), load(REST)
    (core,) = (target / path for path in generated(api.package))
    core.mkdir(parents=True)
    generator = f"_command.py {VERSION}, formatted by ruff {metadata.version('ruff')}"
    head = "".join(f"# {line}\n" for line in header(generator))
    for name, lines in {
        "__init__.py": ['"""The generated core: `shapes`, `procedures`, and `policy`, the numbers and texts."""'],
        "_document.py": _document_lines(contract, rest),
        "policy.py": _policy_lines(contract, rest),
        "procedures.py": _procedure_lines(contract),
        "shapes.py": _shape_lines(contract),
    }.items():
        (core / name).write_text(f"{head}\n" + "\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--quiet", "--no-cache", "--line-length", "120"]
    done = subprocess.run([*command, str(core)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _document_lines(contract: Contract, rest: Contract) -> Iterator[str]:
    """The module `_document`: the only one that says which documents all this was generated from."""
    yield f'"""What this package was generated from: {contract.path.name}, and {rest.path.name} for sessions."""'
    yield from ("", f"VERSION = {contract.version!r}", f"SHA256 = {contract.sha256!r}")
    yield f"SESSIONS_SHA256 = {rest.sha256!r}"


# --- shapes ---------------------------------------------------------------------------------------------------------


def _shape_lines(contract: Contract) -> Iterator[str]:
    """The module `shapes`: what results are made of."""
    yield '"""What results are made of. A server may leave any field out, and may send more."""'
    yield from ("", "from __future__ import annotations", "", "from typing import Any, TypedDict", "")
    results = [_result(contract, operation) for operation in contract.operations.values()]
    used = set(reached(results, contract.document["components"]["schemas"]))
    for name, schema in contract.schemas.items():
        if name in used and _is_shape(schema):
            yield from _shape(contract, name, schema)


def _shape(contract: Contract, name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"class {name}(TypedDict, total=False):"
    yield f'    """{schema["description"]}"""'
    yield ""
    for field, value in schema["properties"].items():
        if not field.isidentifier() or iskeyword(field):
            raise SystemExit(f"{contract.path.name}: {field!r} of {name} is no name of Python's; teach _command.py")
        yield f"    {field}: {_type(contract, value)}"
    yield ""


def _is_shape(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("properties"))


def _type(contract: Contract, node: Any, module: str = "") -> str:
    """A schema as a type of Python; `module` stands before the names of shapes."""
    if "$ref" in node and _is_shape(contract.resolve(node)):
        return module + str(node["$ref"]).rsplit("/", 1)[-1]
    schema = contract.resolve(node)
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches:
        found = [part for branch in branches for part in _type(contract, branch, module).split(" | ")]
    else:
        kinds = schema.get("type", "any")
        found = [_simple(contract, schema, kind, module) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    if "Any" in found:
        return "Any"
    return " | ".join(sorted(dict.fromkeys(found), key="None".__eq__))


def _simple(contract: Contract, schema: Mapping[str, Any], kind: str, module: str) -> str:
    if kind == "array":
        return f"list[{_type(contract, schema.get('items', {}), module)}]"
    return _TYPES.get(kind, "Any")


# --- procedures -----------------------------------------------------------------------------------------------------


def _procedure_lines(contract: Contract) -> Iterator[str]:
    """The module `procedures`: a method for each."""
    yield '"""A method for each procedure. What is None is left out of the input."""'
    yield from ("", "from __future__ import annotations", "", "from collections.abc import Mapping")
    yield from ("from typing import Any, Protocol, cast", "", "from . import shapes", "")
    yield from (
        "class Call(Protocol):",
        '    """Calls a procedure and gives its result, both without envelopes."""',
        "",
        "    def __call__(self, procedure: str, needed: Mapping[str, Any], optional: Mapping[str, Any]) -> Any:",
        '        """`needed` is sent as it is; of `optional`, what is not None."""',
        "",
        "class Procedures:",
        '    """The procedures of the dashboard\'s API."""',
        "",
        "    def __init__(self, call: Call) -> None:",
        "        self._call = call",
        "",
    )
    for operation in contract.operations.values():
        yield from _procedure(contract, operation)


def _procedure(contract: Contract, operation: Operation) -> Iterator[str]:
    schema = _input(contract, operation)
    fields = schema.get("properties", {})
    needed = [field for field in fields if field in schema.get("required", ())]
    optional = [field for field in fields if field not in needed]
    arguments = [f"{_snake(field)}: {_type(contract, fields[field], 'shapes.')}" for field in needed]
    for field in optional:
        kind = _type(contract, fields[field], "shapes.").removesuffix(" | None")
        arguments.append(f"{_snake(field)}: {kind if kind == 'Any' else f'{kind} | None'} = None")
    result = _type(contract, _result(contract, operation), "shapes.")
    signature = ", ".join(["self", *(["*", *arguments] if arguments else [])])
    sent = [", ".join(_sent(field, fields[field]) for field in names) for names in (needed, optional)]
    call = f'self._call("{operation.id}", {{{sent[0]}}}, {{{sent[1]}}})'
    yield f"    def {_snake(operation.id)}({signature}) -> {result}:"
    yield f'        """{operation.value["summary"]}."""'
    yield f"        return {call}" if result == "Any" else f'        return cast("{result}", {call})'
    yield ""


def _sent(field: str, node: Mapping[str, Any]) -> str:
    """The entries of a field, one for each of its spellings: a server may know only one of them."""
    return ", ".join(f'"{name}": {_snake(field)}' for name in (field, *node.get("x-aliases", ())))


def _snake(name: str) -> str:
    """`trace.getById` as `trace_get_by_id`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace(".", "_")).lower()


def _input(contract: Contract, operation: Operation) -> Mapping[str, Any]:
    """The schema of what stands in the envelope of an input."""
    if operation.request_body is not None:
        envelope = operation.request_body.media_type.schema
    else:
        (parameter,) = operation.parameters
        (content,) = parameter.value["content"].values()
        envelope = contract.resolve(content["schema"])
    found: Mapping[str, Any] = contract.resolve(envelope["properties"]["json"])
    return found


def _result(contract: Contract, operation: Operation) -> Any:
    """The schema of what stands in the envelope of a result."""
    media_type = operation.response(operation.success).media_type
    if media_type is None:
        raise SystemExit(f"{contract.path.name}: {operation.id} has no result; teach _command.py")
    node: Any = media_type.schema
    for name in ("result", "data", "json"):
        node = contract.resolve(node)["properties"][name]
    return node


# --- numbers and texts ----------------------------------------------------------------------------------------------


def _policy_lines(contract: Contract, rest: Contract) -> Iterator[str]:
    """The module `policy`."""
    yield '"""What the documents say beside shapes: paths, numbers, codes, and texts for people."""'
    yield from ("", "from __future__ import annotations", "", "from collections.abc import Mapping")
    yield from ("from typing import Final, NamedTuple", "")
    yield from (
        "class Field(NamedTuple):",
        '    """A field of an input."""',
        "",
        "    text: str",
        "    values: tuple[str, ...] = ()",
        '    """Those that it may have; empty when any will do."""',
        "    least: int | None = None",
        "    most: int | None = None",
        "    default: int | None = None",
        "",
        "class Procedure(NamedTuple):",
        "    method: str",
        "    summary: str",
        "    description: str",
        "    fields: Mapping[str, Field] = {}",
        "",
    )
    session, servers = contract.extension("x-dashboard-session"), contract.document["servers"]
    constants: tuple[tuple[str, str, object], ...] = (
        ("TITLE", "str", contract.document["info"]["summary"]),
        ("DEFAULT_URL", "str", next(row["url"] for row in servers if row["url"].startswith("https:"))),
        ("PREFIX", "str", prefix(contract)),
        ("REST_PREFIX", "str", prefix(rest)),
        ("COOKIE", "str", session["cookie"]),
        ("COOKIE_PIECE", "str", session["piece"]),
        ("COOKIE_PIECE_CHARACTERS", "int", session["piece-characters"]),
        *((name, "str", rest.operation(operation).path) for name, operation in _SESSIONS.items()),
        *((name, "str", contract.error(cause).code) for name, cause in _CAUSES.items()),
        ("WAIT_HEADER", "str", rest.rate_limit.headers.retry_after),
        ("PLAN_TRACES", "Mapping[str, int | None]", _plan_traces(contract)),
        ("OTHER_SPELLING", "Mapping[str, str]", _spellings(contract)),
    )
    for name, kind, value in constants:
        yield f"{name}: Final[{kind}] = {value!r}"
    yield "PROCEDURES: Final[Mapping[str, Procedure]] = {"
    for operation in contract.operations.values():
        yield f"    {operation.id!r}: Procedure("
        description = " ".join(operation.value["description"].split())
        yield f"        {operation.method!r}, {operation.value['summary']!r}, {description!r}, {{"
        thing = _snake(operation.id.split(".")[0])
        for field, node in _input(contract, operation).get("properties", {}).items():
            yield f"            {field!r}: Field({', '.join(_field(contract, thing, field, node))}),"
        yield "        },"
        yield "    ),"
    yield "}"


def _spellings(contract: Contract) -> dict[str, str]:
    """Procedures that have a second name, with that name."""
    rows = contract.extension("x-dashboard-procedures")
    return {row["same-as"]: procedure for procedure, row in rows.items() if "same-as" in row}


def _plan_traces(contract: Contract) -> dict[str, int | None]:
    return {plan: row["traces"] for plan, row in contract.extension("x-dashboard-plans").items()}


def _field(contract: Contract, thing: str, field: str, node: Mapping[str, Any]) -> Iterator[str]:
    """The arguments of `Field`. `thing` is what its procedure is about, in snake case."""
    schema = contract.resolve(node)
    whose = re.fullmatch(r"(?:(\w+)_)?id", _snake(field))
    words = f"ID of the {(whose[1] or thing).replace('_', ' ')}".replace(" api ", " API ") if whose else ""
    yield repr(node.get("description") or words or schema["description"])
    values = tuple(value for value in schema.get("enum", ()) if value is not None)
    if values:
        yield f"values={values!r}"
    for name, keyword in {"least": "minimum", "most": "maximum", "default": "default"}.items():
        if isinstance(schema.get(keyword), int) and not isinstance(schema[keyword], bool):
            yield f"{name}={schema[keyword]!r}"
