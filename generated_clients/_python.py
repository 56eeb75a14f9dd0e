"""Generates the core of the Python client with openapi-python-client and our templates (python/templates/).

The templates replace what that generator writes for an operation (we send by ourselves, so one function says what to
send and one reads the answer), keep enum values that are not known, and write every instant in UTC.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from _document import Policy, Source, header, load, policy, prepare

FOLDER = "python/twosignal_client/generated"
CHECKS = {
    "mypy, strict": (
        sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", "--python-version=3.11",
        "twosignal_client", "runner.py",
    ),
}  # fmt: skip

_TEMPLATES = Path(__file__).parent / "python" / "templates"
_UNUSED = ("client.py", "errors.py")
"""What the generator writes for the HTTP client that we do not use."""
_CONFIG = {
    # A class that holds a field of its own name, in small letters, gets code that does not type-check.
    "class_overrides": {"Error": {"class_name": "ErrorAnswer", "module_name": "error_answer"}},
    "post_hooks": [],
}


def missing() -> str | None:
    """What this machine lacks."""
    for package in ("mypy", "openapi_python_client", "ruff"):
        if find_spec(package) is None:
            return f"the package {package} is not installed: make install, then use .venv/bin/python"
    return None


def generate(contract: Path, target: Path) -> None:
    """Writes the core into `target`."""
    source = load(contract)
    with tempfile.TemporaryDirectory() as folder:
        document, config = Path(folder) / "openapi.json", Path(folder) / "config.json"
        document.write_text(json.dumps(_adapted(source)), encoding="utf-8")
        config.write_text(json.dumps(_CONFIG), encoding="utf-8")
        _run("openapi_python_client", "generate", "--path", document, "--config", config, "--output-path", target,
             "--custom-template-path", _TEMPLATES, "--meta", "none", "--overwrite", "--fail-on-warning")  # fmt: skip
    for name in _UNUSED:
        (target / name).unlink()
    for name, lines in (("policy.py", _policy_lines(policy(source))), ("unions.py", _union_lines(source))):
        (target / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    _run("ruff", "check", "--isolated", "--quiet", "--no-cache", "--fix-only", "--select", "F401,I", target)
    _run(
        "ruff",
        "format",
        "--isolated",
        "--quiet",
        "--no-cache",
        "--line-length",
        "120",
        "--target-version",
        "py311",
        target,
    )
    head = "".join(f"# {line}\n" for line in header(source, _generator()))
    for file in sorted(target.rglob("*.py")):
        file.write_text(f"{head}\n{file.read_text(encoding='utf-8')}".rstrip() + "\n", encoding="utf-8")


def _generator() -> str:
    versions = (f"{name} {metadata.version(name)}" for name in ("openapi-python-client", "ruff"))
    return f"{' with our templates, formatted by '.join(versions)}"


def _run(module: str, *arguments: str | Path) -> None:
    """A tool of this Python's environment; what it prints is shown when it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _adapted(source: Source) -> dict[str, Any]:
    """The document as this generator needs it."""
    document = prepare(source)
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                parameter["schema"].pop("default", None)  # the server's to apply, not to be sent each time
                if parameter.get("explode") is False and parameter["schema"]["type"] == "array":
                    # Not supported: it would be sent as tags=a&tags=b. The policy layer joins the values by commas.
                    parameter["schema"] = {"type": "string"}
    return document


def _union_lines(source: Source) -> Iterator[str]:
    """The module `unions`: names for the unions that have a discriminator; the generator spells them out each time."""
    yield '"""Unions of the document that are told apart by a field."""'
    yield from ("", "from typing import TypeAlias", "", "from . import models", "")
    for name, schema in source.document["components"]["schemas"].items():
        if "discriminator" in schema:
            members = (item["$ref"].rsplit("/", 1)[1] for item in schema["oneOf"])
            yield f"{name}: TypeAlias = {' | '.join(f'models.{member}' for member in members)}"
            yield f'"""{schema["description"]}"""'


def _policy_lines(numbers: Policy) -> Iterator[str]:
    """The module `policy`: the numbers and words of the policy layer."""
    yield '"""What the document asks of clients, as numbers and words."""'
    yield from ("", "from collections.abc import Mapping", "from typing import Final, NamedTuple", "")
    yield from (
        "class Operation(NamedTuple):",
        "    id: str",
        "    scheme: str | None",
        "    bytes: int | None",
        "    events: int | None",
        "    events_at: str | None",
        "",
    )
    constants: tuple[tuple[str, str, object], ...] = (
        ("PREFIX", "str", numbers.prefix),
        ("DEFAULT_BASE_URL", "str", numbers.default_base_url),
        ("WAIT_STATUSES", "frozenset[int]", numbers.wait_statuses),
        ("WAIT_HEADERS", "tuple[str, ...]", numbers.wait_headers),
        ("BACKOFF_STATUSES", "frozenset[int]", numbers.backoff_statuses),
        ("BACKOFF_DELAYS", "tuple[float, ...]", tuple(map(float, numbers.backoff_delays))),
        ("MOST_RETRIES", "int", numbers.most_retries),
        ("NEVER_STATUSES", "frozenset[int]", numbers.never_statuses),
        ("PAGE_LIMIT_SMALLEST", "int", numbers.page_limit_smallest),
        ("PAGE_LIMIT_LARGEST", "int", numbers.page_limit_largest),
        ("SCORE_SMALLEST", "float", float(numbers.score_smallest)),
        ("SCORE_LARGEST", "float", float(numbers.score_largest)),
        ("ERROR_CODES", "Mapping[str, str]", dict(numbers.error_codes)),
        ("KINDS", "Mapping[int, str]", dict(numbers.kinds)),
    )
    for name, kind, value in constants:
        yield f"{name}: Final[{kind}] = {f'frozenset({value!r})' if kind.startswith('frozenset') else repr(value)}"
    yield "OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {"
    for name, operation in numbers.operations.items():
        limit = numbers.payload_limits.get(name)
        bounds = (None, None, None) if limit is None else (limit.bytes, limit.events, limit.events_at)
        yield f"    {(operation.method, operation.path)!r}: Operation{(name, operation.scheme, *bounds)!r},"
    yield "}"
