"""Gives the Go client the address under which it is published: one command, no other edit.

    python generated_clients/go_module.py PATH [--clients DIR]

In the repository the module is called `twosignal-client`, an address that nobody owns and that Go fetches from nowhere:
the first part of a path that can be fetched is a host. PATH is where you publish it, host first. It is written into
go.mod, go/tools/go.mod, every import, the generator's configuration and the README. `make generate` then puts the
imports of the generated core in order.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

_MODULE = re.compile(r"(?m)^module (\S+)$")
_PLACES = ("**/*.go", "**/go.mod", "*.yaml", "README.md")
"""Files that name the module."""
# As golang.org/ref/mod#go-mod-file-ident has it, parts are made of ASCII letters, digits and -._~ and neither begin nor
# end with a dot. The first one is a host: it has a dot and no capitals.
_PART = r"[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]*[A-Za-z0-9_~-])?"
_PATH = re.compile(rf"(?=[^/]*\.)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/{_PART})*")


def main(arguments: list[str] | None = None) -> int:
    """Renames; the exit code."""
    parser = argparse.ArgumentParser(description="Give the Go client the address under which it is published.")
    parser.add_argument("path", metavar="PATH", type=_path, help="host first, as for go get")
    parser.add_argument("--clients", type=Path, default=HERE, help="another folder that holds go/")
    options = parser.parse_args(arguments)
    folder = options.clients / "go"
    old = module_path(folder)
    changed = 0
    for file in sorted({file for place in _PLACES for file in folder.glob(place) if file.is_file()}):
        text = file.read_text(encoding="utf-8")
        renamed = _renamed(text, old, options.path)
        if renamed != text:
            file.write_text(renamed, encoding="utf-8")
            changed += 1
    print(f"{old} is now {options.path}, in {changed} files; next: make generate")
    return 0


def module_path(folder: Path) -> str:
    """The path of the module in a folder, as its go.mod says."""
    found = _MODULE.search((folder / "go.mod").read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit(f"{folder / 'go.mod'} has no line such as `module {HERE.name}`; it is no module of Go")
    return found[1]


def _path(text: str) -> str:
    if not _PATH.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no path that Go can fetch; expected a host and a path, such as HOST/OWNER/twosignal-client"
        )
    return text


def _renamed(text: str, old: str, new: str) -> str:
    """A text with the module, and its packages, under another path; names that only begin in the same way stay.

    `twosignal-client-go` in a user agent stays, and so does a heading: a path ends with a line, a quote, `/`, `@`, `=`.
    """
    return re.sub(rf"(?m)(?<![\w./-]){re.escape(old)}(?=$|[\"/@=}}])", new, text)


if __name__ == "__main__":
    sys.exit(main())
