"""Checks all clients, generated cores included, by the strictest checkers of their languages.

    python generated_clients/check.py [--clients DIR] [LANGUAGE...]

`make install` has put the tools there; those of Go are fetched by Go, as go/tools pins them. A language that this
machine cannot check is skipped with a line that says why; with CI=true it is a failure.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from languages import LANGUAGES, Language, for_each, named  # noqa: E402 - beside this file, wherever Python was started

_TIME = 600.0
"""Seconds; the first time on a machine Go fetches its checkers and compiles them."""


def main(arguments: list[str] | None = None) -> int:
    """Checks; the exit code."""
    parser = argparse.ArgumentParser(description="Check the clients by the strictest checkers of their languages.")
    parser.add_argument(
        "--clients", type=Path, default=HERE, help="another folder that holds python/, typescript/, go/"
    )
    parser.add_argument(
        "languages", nargs="*", metavar="LANGUAGE", help=f"of {', '.join(LANGUAGES)}; all when none is named"
    )
    options = parser.parse_args(arguments)
    try:
        languages = [named(language) for language in options.languages or LANGUAGES]
    except ValueError as error:
        parser.error(str(error))

    def failed(name: str, language: Language) -> bool:
        folder = options.clients / language.FOLDER
        # Every checker runs, so that one run shows everything that is wrong.
        passed = [_passes(f"{name}, {checker}", command, folder) for checker, command in language.CHECKS.items()]
        return not all(passed)

    return for_each(languages, failed)


def _passes(name: str, command: Sequence[str], folder: Path) -> bool:
    """Whether a checker finds nothing wrong; what it finds is shown."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_TIME, check=False)
    if done.returncode == 0:
        return True
    print(f"{name} ({' '.join(command)} in {folder}) says:\n{done.stdout}{done.stderr}", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main())
