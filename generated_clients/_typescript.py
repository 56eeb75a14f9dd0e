"""Generates the core of the TypeScript client with @hey-api/openapi-ts, as its package-lock.json pins it.

Types and one function for each operation, over a client of `fetch` that is generated as source: nothing is needed at
run time.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from _document import bounds, default_base_url, error_codes, header, kinds, load, prefix, prepare, scheme
from languages import Api
from twosignal_contract import Contract

FOLDER = "typescript"
CHECKS = {
    "tsc, strict": ("npm", "run", "--silent", "check"),
    "oxlint, circles of imports": ("npm", "run", "--silent", "imports"),
}

_PACKAGE = Path(__file__).parent / "typescript"
_MODULES = _PACKAGE / "node_modules"
_GENERATOR = "@hey-api/openapi-ts"
_OLDEST = (20, 19)
"""The oldest Node that the pinned generator works with."""
_LINK = re.compile(r"\{@link https?://\S*npm\S* (`[^`]+`)\}")
"""Links in comments to pages of a package registry, whose host must stand in no file of ours."""
_POLICY_TYPE = """
/** What the document asks of clients beside the shapes of requests and responses. */
export interface Policy {
  /** What every path begins with. */
  readonly prefix: string;
  readonly defaultBaseUrl: string;
  /** After these a client waits as long as the first header that says so, and sends again. */
  readonly waitStatuses: readonly number[];
  readonly waitHeaders: readonly string[];
  /** The one of them whose number may be a Unix time; empty when there is none. */
  readonly resetHeader: string;
  /** After these it waits for these seconds, one after the other, and sends again, so many times at most. */
  readonly backoffStatuses: readonly number[];
  readonly backoffDelays: readonly number[];
  readonly mostRetries: number;
  readonly errorCodes: Readonly<Record<ErrorCause, string>>;
  /** Kind of error by the status of a response. */
  readonly kinds: Readonly<Record<number, KnownKind>>;
  readonly operations: Readonly<Record<OperationId, Operation>>;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  /** The security scheme that it takes. */
  readonly scheme: string | null;
  /** The largest body, and the most events in it; null: any number. */
  readonly bytes: number | null;
  readonly events: number | null;
  /** Of parameters and of fields of the body. */
  readonly bounds: Readonly<Record<string, Bounds>>;
  /** Parameters that are lists of texts. */
  readonly lists: readonly string[];
}

export interface Bounds {
  /** The least and the most, both allowed. */
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}
"""


def generated(package: str) -> tuple[str, ...]:
    """The folder of a package that is generated, in the client's folder."""
    return ((Path("src") / package / "generated").as_posix(),)


def missing() -> str | None:
    """What this machine lacks."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "Node with npm is not on this machine: install Node 20.19 or newer"
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, told.removeprefix("v").split(".")[:2])) < _OLDEST:
        return f"Node is {told}, and 20.19 or newer is needed: install it"
    return None


def generate(api: Api, target: Path) -> None:
    """Writes the core of an API into `target`."""
    target /= generated(api.package)[0]
    target.mkdir(parents=True)
    if not _MODULES.is_dir():
        _run(["npm", "ci", "--ignore-scripts", "--loglevel=error"])
    installed = json.loads((_MODULES / _GENERATOR / "package.json").read_text(encoding="utf-8"))
    contract = load(api.contract)
    lines = [f"// {line}" for line in header(f"{_GENERATOR} {installed['version']}")]
    with tempfile.TemporaryDirectory() as folder:
        document, config = Path(folder) / "openapi.json", Path(folder) / "config.mjs"
        document.write_text(json.dumps(_closed(prepare(contract))), encoding="utf-8")
        config.write_text(f"export default {json.dumps(_config(document, target, lines))};\n", encoding="utf-8")
        _run(["node", str(_MODULES / _GENERATOR / "bin" / "run.js"), "--file", str(config)])
    for file in sorted(target.rglob("*.ts")):
        written = file.read_text(encoding="utf-8")
        file.write_text(_LINK.sub(r"\1", written), encoding="utf-8")
    for name, content in {
        "document.gen.ts": _document_lines(contract, api),
        "policy.gen.ts": _policy_lines(contract),
    }.items():
        (target / name).write_text("\n".join([*lines, "", *content]) + "\n", encoding="utf-8")


def _config(document: Path, target: Path, lines: list[str]) -> dict[str, Any]:
    return {
        "input": str(document),
        "logs": {"file": False},
        # Names of files end in .js in imports: Node, browsers and Deno ask for that.
        "output": {"path": str(target), "header": lines, "module": {"extension": ".js"}, "entryFile": False},
        "plugins": ["@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-fetch"],
    }


def _closed(value: Any) -> Any:
    """The document without `additionalProperties: true` where properties are named.

    It would become an index signature, and every misspelled field would compile. At run time nothing changes: responses
    keep unknown fields. Objects without named properties stay open.
    """
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    open_object = value.get("additionalProperties") is True and "properties" in value
    return {key: _closed(item) for key, item in value.items() if not (open_object and key == "additionalProperties")}


def _document_lines(contract: Contract, api: Api) -> list[str]:
    """The only file that says which document all this was generated from."""
    return [
        f"/** The document that this folder was generated from: {api.contract.name}. */",
        f"export const document = {json.dumps({'version': contract.version, 'sha256': contract.sha256})} as const;",
    ]


def _policy_lines(contract: Contract) -> list[str]:
    """The numbers as a constant of a wide type, so that other numbers compile with the same hand-written code."""
    operations = {
        name: {
            "method": operation.method,
            "path": operation.path,
            "scheme": scheme(operation),
            "bytes": operation.payload_limit and operation.payload_limit.bytes,
            "events": operation.payload_limit and operation.payload_limit.events,
            "bounds": {field: found._asdict() for field, found in bounds(contract, operation).items()},
            "lists": [parameter.name for parameter in operation.parameters if parameter.schema.get("type") == "array"],
        }
        for name, operation in contract.operations.items()
    }
    retry = contract.retry
    values = {
        "prefix": prefix(contract),
        "defaultBaseUrl": default_base_url(contract),
        "waitStatuses": retry.wait_statuses,
        "waitHeaders": retry.wait_headers,
        "resetHeader": contract.rate_limit.headers.reset,
        "backoffStatuses": retry.backoff_statuses,
        "backoffDelays": retry.delays,
        "mostRetries": retry.most,
        "errorCodes": error_codes(contract),
        "kinds": kinds(contract),
        "operations": operations,
    }
    constant = json.dumps(values, indent=2, ensure_ascii=False)
    return [
        f"export type OperationId = {_union(contract.operations)};",
        f"export type ErrorCause = {_union(sorted(contract.errors))};",
        f"export type KnownKind = {_union(sorted(set(kinds(contract).values())))};",
        _POLICY_TYPE,
        f"export const policy: Policy = {constant};",
    ]


def _union(words: Iterable[str]) -> str:
    return " | ".join(json.dumps(word) for word in words) or "never"


def _run(command: list[str]) -> None:
    """A command in the package's folder; what it prints is shown when it fails."""
    done = subprocess.run(command, cwd=_PACKAGE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
