"""The clients of generated_clients/, by the runners that they bring.

    python conformance/adapters/generated_client.py python|python-async|typescript|go [--build]

A runner that must be built is built when it is older than its source; `--build` does only that, so that no time limit
of a scenario is spent on it.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CLIENTS = Path(__file__).resolve().parents[2] / "generated_clients"

USAGE = 2
"""Exit code for a wrong command line."""


@dataclass(frozen=True)
class Language:
    """How a client's runner is made and started; all paths are below its folder."""

    folder: str
    start: tuple[str, ...]
    build: tuple[str, ...] = ()
    made: str = ""
    """The file that the build makes."""
    source: str = ""
    """Pattern of what it is made from."""


_PYTHON = (sys.executable, "runner.py")

LANGUAGES: Mapping[str, Language] = {
    "python": Language("python", _PYTHON),
    "python-async": Language("python", (*_PYTHON, "--async")),
    "typescript": Language(
        "typescript", ("node", "dist/runner.js"), ("npm", "run", "--silent", "build"), "dist/runner.js", "src/**/*.ts"
    ),
    "go": Language(
        "go", ("build/runner",), ("go", "build", "-o", "build/runner", "./cmd/runner"), "build/runner", "**/*.go"
    ),
}


def main() -> int:
    """Replaces this process by the runner, which does the scenario; returns an exit code when it cannot."""
    language = LANGUAGES.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if language is None:
        print(f"usage: generated_client.py {'|'.join(LANGUAGES)} [--build]", file=sys.stderr)
        return USAGE
    folder = CLIENTS / language.folder
    if language.build:
        build(language, folder)
    if "--build" in sys.argv[2:]:
        return 0
    command = [str(folder / part) if (folder / part).is_file() else part for part in language.start]
    return os.execvp(command[0], command)  # noqa: S606 - our own; it gets our standard input


def build(language: Language, folder: Path) -> None:
    """Builds the runner unless it is newer than its source; one build at a time, because scenarios run side by side."""
    made = folder / language.made
    (folder / "build").mkdir(exist_ok=True)
    with (folder / "build" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = max(file.stat().st_mtime for file in folder.glob(language.source))
        if not made.is_file() or made.stat().st_mtime < newest:
            subprocess.run(language.build, cwd=folder, stdout=sys.stderr, check=True)  # noqa: S603 - of the table above


if __name__ == "__main__":
    sys.exit(main())
