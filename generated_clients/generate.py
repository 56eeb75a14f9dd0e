"""Writes the generated folders of all clients from `openapi.yaml`: the same document gives the same bytes.

    python generated_clients/generate.py [--check] [--contract FILE] [--output DIR] [LANGUAGE...]

Each language is a module beside this one, with

    FOLDER: str                                     its generated folder, below generated_clients/ (or --output)
    CHECKS: Mapping[str, Sequence[str]]             commands that judge the client, for check.py
    def missing() -> str | None                     what this machine lacks for both, None when nothing
    def generate(contract: Path, target: Path)      writes everything into `target`, an empty folder that is there

A language that this machine cannot generate is skipped with a line that says why; with CI=true it is a failure.
"""

from __future__ import annotations

import argparse
import filecmp
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import _document  # noqa: E402 - beside this file, wherever Python was started
from _languages import LANGUAGES, for_each, module, named  # noqa: E402
from _reading import DocumentError  # noqa: E402

_CONTRACT = HERE.parent / "openapi.yaml"
_WRONG_USE, _WRONG_DOCUMENT = 2, 3
"""Exit codes."""


def main(arguments: list[str] | None = None) -> int:
    """Writes or compares; the exit code."""
    options = _parse(arguments)
    try:
        _document.policy(_document.load(options.contract))
        if not options.check:
            options.output.mkdir(parents=True, exist_ok=True)
    except DocumentError as error:
        print(error, file=sys.stderr)
        return _WRONG_DOCUMENT
    except OSError as error:
        print(f"--output {options.output}: {error.strerror}; expected a folder that can be made", file=sys.stderr)
        return _WRONG_USE

    def failed(language: str) -> bool:
        generator = module(language)
        with tempfile.TemporaryDirectory(prefix=f"twosignal-{language}-") as folder:
            fresh = Path(folder) / "generated"
            fresh.mkdir()
            generator.generate(options.contract, fresh)
            target = options.output / generator.FOLDER
            if options.check:
                return _differs(language, fresh, target, options.contract)
            _replace(fresh, target)
            return False

    return for_each(options.languages, failed)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write the generated folders of all clients from openapi.yaml.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a folder is not what comes out")
    parser.add_argument("--contract", type=_file, default=_CONTRACT, help="another document")
    parser.add_argument("--output", type=Path, default=HERE, help="another folder that holds python/, typescript/, go/")
    parser.add_argument(
        "languages", nargs="*", metavar="LANGUAGE", help=f"of {', '.join(LANGUAGES)}; all when none is named"
    )
    options = parser.parse_args(arguments)
    try:
        options.languages = [named(language) for language in options.languages or LANGUAGES]
    except ValueError as error:
        parser.error(str(error))
    return options


def _file(text: str) -> Path:
    path = Path(text).resolve()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is no file; expected an OpenAPI document")
    return path


def _differs(language: str, fresh: Path, target: Path, contract: Path) -> bool:
    """Whether the folders differ; says how."""
    differences = sorted(_differences(fresh, target))
    for difference in differences[:10]:
        print(f"{language}: {difference}", file=sys.stderr)
    if differences:
        ours = contract == _CONTRACT
        name, command = ("openapi.yaml", "make generate") if ours else (contract, f"make generate CONTRACT={contract}")
        print(f"{language}: {len(differences)} generated files are not what {name} gives: {command}", file=sys.stderr)
    return bool(differences)


def _differences(fresh: Path, target: Path) -> Iterator[str]:
    new, old = _files(fresh), _files(target)
    yield from (f"{name} is missing" for name in new - old)
    yield from (f"{name} is no longer generated" for name in old - new)
    for name in new & old:
        if not filecmp.cmp(fresh / name, target / name, shallow=False):
            yield f"{name} differs"


def _files(folder: Path) -> set[str]:
    """Paths of all files below a folder; what running Python leaves there is none of ours."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in found}


def _replace(fresh: Path, target: Path) -> None:
    """Put a folder in the place of another."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(fresh, target)


if __name__ == "__main__":
    sys.exit(main())
