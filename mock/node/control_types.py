"""Writes the types of the control API, src/control.gen.ts, from its document: the same document gives the same bytes.

    python mock/node/control_types.py [--check]

The generator is that of the TypeScript client, as its package-lock.json pins it. `--contract` is taken as the
other generators take it and changes nothing: the control API is the same whatever contract is served.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
_DOCUMENT = _HERE.parent / "twosignal_mock" / "engine" / "control" / "openapi.yaml"
_TARGET = _HERE / "src" / "control.gen.ts"
_GENERATOR = _ROOT / "generated_clients" / "typescript" / "node_modules" / "@hey-api" / "openapi-ts"
_CONDITIONS = ("allOf", "if", "then", "else", "dependentRequired")
"""Which fields go together. The server says so with a sentence; a type would be a union that nobody can fill in."""


def main() -> int:
    """Writes or compares; the exit code."""
    parser = argparse.ArgumentParser(description="Write the types of the control API for the npm package.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is not what comes out")
    parser.add_argument("--contract", help="changes nothing here")
    options = parser.parse_args()
    if shutil.which("node") is None or not _GENERATOR.is_dir():
        print("mock/node: skipped, Node or the generator is not here: install Node, then make install", file=sys.stderr)
        return int(os.environ.get("CI") == "true")
    fresh = _types()
    old = _TARGET.read_text(encoding="utf-8") if _TARGET.is_file() else None
    if fresh != old and options.check:
        print(f"{_TARGET.relative_to(_ROOT)} is not what comes out of the control document: make generate")
        return 1
    if fresh != old:
        _TARGET.write_text(fresh, encoding="utf-8")
    return 0


def _types() -> str:
    document = _plain(yaml.safe_load(_DOCUMENT.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as folder:
        source, config, out = Path(folder, "openapi.json"), Path(folder, "config.mjs"), Path(folder, "out")
        source.write_text(json.dumps(document), encoding="utf-8")
        settings = {
            "input": str(source),
            "logs": {"file": False},
            "output": {"path": str(out), "header": [_header()], "entryFile": False},
            "plugins": ["@hey-api/typescript"],
        }
        config.write_text(f"export default {json.dumps(settings)};\n", encoding="utf-8")
        command = ["node", str(_GENERATOR / "bin" / "run.js"), "--file", str(config)]
        done = subprocess.run(command, cwd=_HERE, capture_output=True, text=True, check=False)  # noqa: S603 - as locked
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return (out / "types.gen.ts").read_text(encoding="utf-8")


def _header() -> str:
    version = json.loads((_GENERATOR / "package.json").read_text(encoding="utf-8"))["version"]
    source = _DOCUMENT.relative_to(_ROOT).as_posix()
    return f"// From {source} by @hey-api/openapi-ts {version}, mock/node/control_types.py; do not edit."


def _plain(value: Any) -> Any:
    """The schemas without conditions between fields."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _plain(item) for key, item in value.items() if key not in _CONDITIONS}


if __name__ == "__main__":
    sys.exit(main())
