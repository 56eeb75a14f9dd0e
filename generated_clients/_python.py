"""Generates the core of the Python client with openapi-python-client and our templates (python/templates/).

The templates replace what that generator writes for an operation: we send by ourselves, so one function says what to
send and one reads the response. They also keep enum values that are not known, and write every instant in UTC.
The client for programs that wait comes from the one for asyncio, by unasync.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import unasync  # type: ignore[import-untyped]  # the package ships no types
from _document import bounds, default_base_url, error_codes, header, kinds, load, prefix, prepare, scheme
from languages import Api
from twosignal_contract import Contract, Operation

FOLDER = "python"
CHECKS = {
    "mypy, strict": (
        sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", "--python-version=3.11",
        "twosignal_client", "runner.py",
    ),
    "import-linter, circles of imports": (
        sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()",
        "--config", "imports.toml", "--no-cache", "--no-logo",
    ),
}  # fmt: skip

_CLIENT = Path(__file__).parent / "python"
_PACKAGE = "twosignal_client"
_TEMPLATES = _CLIENT / "templates"
_UNUSED = ("client.py", "errors.py")
"""What the generator writes for the HTTP client that we do not use."""
_CONFIG = {
    # The code of a class with a field of its own name, in small letters, does not type-check.
    "class_overrides": {"Error": {"class_name": "ErrorResponse", "module_name": "error_response"}},
    "post_hooks": [],
}
_WAITING = {
    "AsyncBaseTransport": "BaseTransport",
    "AsyncClient": "Client",
    "AsyncConnections": "Connections",
    "AsyncRetrying": "Retrying",
    "AsyncSleep": "Sleep",
    "aclose": "close",
    "asyncio": "time",
}
"""Names in the client for asyncio, and their counterparts in the one that waits, beside those that unasync knows."""


def generated(package: str) -> tuple[str, ...]:
    """The core of a package, and its client for programs that wait, in the client's folder."""
    folder = Path(_PACKAGE) / package
    return (folder / "generated").as_posix(), (folder / "_client.py").as_posix()


def missing() -> str | None:
    """What this machine lacks."""
    for package in ("importlinter", "mypy", "openapi_python_client", "ruff", "unasync"):
        if find_spec(package) is None:
            return f"the package {package} is not installed: make install, then use .venv/bin/python"
    return None


def generate(api: Api, target: Path) -> None:
    """Writes the core of an API, and its client for programs that wait, into `target`."""
    contract = load(api.contract)
    core, waiting_client = (target / path for path in generated(api.package))
    core.parent.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        document, config = Path(folder) / "openapi.json", Path(folder) / "config.json"
        document.write_text(json.dumps(_adapted(contract)), encoding="utf-8")
        config.write_text(json.dumps(_CONFIG), encoding="utf-8")
        _run("openapi_python_client", "generate", "--path", document, "--config", config, "--output-path", core,
             "--custom-template-path", _TEMPLATES, "--meta", "none", "--overwrite", "--fail-on-warning")  # fmt: skip
    for name in _UNUSED:
        (core / name).unlink()
    for name, lines in {
        "_document.py": _document_lines(contract, api),
        "operations.py": _operation_lines(core),
        "policy.py": _policy_lines(contract),
        "unions.py": _union_lines(contract),
    }.items():
        (core / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for client in (_CLIENT / _PACKAGE / api.package).glob("_async_client.py"):
        unasync.unasync_files([str(client)], [unasync.Rule(str(client), str(waiting_client), _WAITING)])
    _tidy(target)
    head = "".join(f"# {line}\n" for line in header(_generator()))
    for file in sorted(target.rglob("*.py")):
        file.write_text(f"{head}\n{file.read_text(encoding='utf-8')}".rstrip() + "\n", encoding="utf-8")


def _generator() -> str:
    versions = {name: f"{name} {metadata.version(name)}" for name in ("openapi-python-client", "unasync", "ruff")}
    return "{openapi-python-client} with our templates, {unasync}, formatted by {ruff}".format_map(versions)


def _tidy(target: Path) -> None:
    """Drops unused imports and formats."""
    ours_alone = ("--isolated", "--quiet", "--no-cache")
    _run("ruff", "check", *ours_alone, "--fix-only", "--select", "F401,I", target)
    _run("ruff", "format", *ours_alone, "--line-length", "120", "--target-version", "py311", target)


def _run(module: str, *arguments: str | Path) -> None:
    """A tool of this Python's environment; what it prints is shown when it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _adapted(contract: Contract) -> dict[str, Any]:
    """The document as this generator needs it: without defaults of parameters, which the server applies by itself."""
    document = prepare(contract)
    owners = [owner for item in document["paths"].values() for owner in (item, *item.values())]
    for owner in owners:
        for parameter in owner.get("parameters", ()) if isinstance(owner, Mapping) else ():
            parameter.get("schema", {}).pop("default", None)
    return document


def _document_lines(contract: Contract, api: Api) -> Iterator[str]:
    """The module `_document`: the only one that says which document all this was generated from."""
    yield f'"""The document that this package was generated from: {api.contract.name}."""'
    yield from ("", f"VERSION = {contract.version!r}", f"SHA256 = {contract.sha256!r}")


def _operation_lines(core: Path) -> Iterator[str]:
    """The module `operations`: the module of each operation, by its name."""
    names = {file.stem: file.parent.name for file in sorted(core.glob("api/*/*.py")) if file.stem != "__init__"}
    yield '"""The operations of the document: for each a module with what it sends and how its response is read."""'
    yield from ("", *(f"from .api.{tag} import {name}" for name, tag in names.items()))
    yield from ("", f"__all__ = {sorted(names)!r}")


def _union_lines(contract: Contract) -> Iterator[str]:
    """The module `unions`: names for the unions that have a discriminator; the generator spells them out each time."""
    yield '"""Unions of the document that a field tells apart."""'
    yield from ("", "from typing import TypeAlias", "", "from . import models", "")
    for name, schema in contract.schemas.items():
        if "discriminator" in schema:
            members = (item["$ref"].rsplit("/", 1)[1] for item in schema["oneOf"])
            yield f"{name}: TypeAlias = {' | '.join(f'models.{member}' for member in members)}"
            yield f'"""{schema["description"]}"""'


def _policy_lines(contract: Contract) -> Iterator[str]:
    """The module `policy`: the numbers and words of the policy layer."""
    yield '"""What the document asks of clients, as numbers and words."""'
    yield from ("", "from collections.abc import Mapping", "from typing import Final, NamedTuple", "")
    yield from (
        "class Bounds(NamedTuple):",
        '    """The least and the most of a number, both allowed."""',
        "    least: float",
        "    most: float",
        "    whole: bool",
        "",
        "class Operation(NamedTuple):",
        "    id: str",
        "    scheme: str | None",
        "    bytes: int | None = None",
        "    events: int | None = None",
        "    events_at: str | None = None",
        "    bounds: Mapping[str, Bounds] = {}",
        '    """Of parameters and fields."""',
        "    joined: frozenset[str] = frozenset()",
        '    """Parameters whose values are joined by commas."""',
        "",
    )
    retry = contract.retry
    constants: tuple[tuple[str, str, object], ...] = (
        ("PREFIX", "str", prefix(contract)),
        ("DEFAULT_BASE_URL", "str", default_base_url(contract)),
        ("WAIT_STATUSES", "frozenset[int]", frozenset(retry.wait_statuses)),
        ("WAIT_HEADERS", "tuple[str, ...]", retry.wait_headers),
        ("RESET_HEADER", "str", contract.rate_limit.headers.reset),
        ("BACKOFF_STATUSES", "frozenset[int]", frozenset(retry.backoff_statuses)),
        ("BACKOFF_DELAYS", "tuple[float, ...]", tuple(map(float, retry.delays))),
        ("MOST_RETRIES", "int", retry.most),
        ("NEVER_STATUSES", "frozenset[int]", frozenset(retry.never)),
        ("ERROR_CODES", "Mapping[str, str]", error_codes(contract)),
        ("KINDS", "Mapping[int, str]", kinds(contract)),
    )
    for name, kind, value in constants:
        yield f"{name}: Final[{kind}] = {_literal(value)}"
    yield "OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {"
    for operation in contract.operations.values():
        yield f"    {(operation.method, operation.path)!r}: Operation("
        for field, value in _operation_fields(contract, operation).items():
            yield f"        {field}={_literal(value)},"
        yield "    ),"
    yield "}"


def _operation_fields(contract: Contract, operation: Operation) -> dict[str, object]:
    """What the document says of an operation: the fields of `Operation` that have a value."""
    limit = operation.payload_limit
    joined = (
        parameter.name
        for parameter in operation.parameters
        if parameter.value.get("explode") is False and parameter.schema.get("type") == "array"
    )
    fields: dict[str, object] = {
        "bytes": limit and limit.bytes,
        "events": limit and limit.events,
        "events_at": limit and limit.events_at,
        "bounds": bounds(contract, operation),
        "joined": frozenset(joined),
    }
    return {"id": operation.id, "scheme": scheme(operation)} | {name: value for name, value in fields.items() if value}


def _literal(value: object) -> str:
    """The value as Python code; a set is sorted, so that the bytes are the same each time."""
    return f"frozenset({tuple(sorted(value))!r})" if isinstance(value, frozenset) else repr(value)
