"""Writes the generated folders of all clients from the contracts: the same document gives the same bytes.

    python generated_clients/generate.py [--check] [--contract FILE [--package NAME]] [--output DIR] [LANGUAGE...]

Only files whose content changes are written. `languages.py` lists languages and APIs. A language that this machine
cannot generate is skipped with a line that says why; with CI=true it is a failure.
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
from languages import APIS, LANGUAGES, Api, Language, for_each, named  # noqa: E402
from twosignal_contract import ContractError  # noqa: E402

_WRONG_USE, _WRONG_DOCUMENT = 2, 3
"""Exit codes."""


def main(arguments: list[str] | None = None) -> int:
    """Writes or compares; the exit code."""
    options = _parse(arguments)
    try:
        for api in options.apis:
            _document.load(api.contract)
        if not options.check:
            options.output.mkdir(parents=True, exist_ok=True)
    except ContractError as error:
        print(error, file=sys.stderr)
        return _WRONG_DOCUMENT
    except OSError as error:
        print(f"--output {options.output}: {error.strerror}; expected a folder that can be made", file=sys.stderr)
        return _WRONG_USE

    def failed(name: str, language: Language) -> bool:
        failures = [_api_failed(name, language, api, options) for api in options.apis if name in api.languages]
        return any(failures)

    return for_each(options.languages, failed)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write the generated folders of all clients from the contracts.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a folder is not what comes out")
    parser.add_argument("--contract", type=_file, help="another document instead of ours")
    parser.add_argument("--package", default="", help="the subpackage that is generated from it, such as appsignal")
    parser.add_argument("--output", type=Path, default=HERE, help="another folder that holds python/, typescript/, go/")
    parser.add_argument(
        "languages", nargs="*", metavar="LANGUAGE", help=f"of {', '.join(LANGUAGES)}; all when none is named"
    )
    options = parser.parse_args(arguments)
    asked = tuple(options.languages)
    another = (options.contract, options.package, *([asked] if asked else []))
    options.apis = APIS if options.contract is None else (Api(*another),)
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


def _api_failed(name: str, language: Language, api: Api, options: argparse.Namespace) -> bool:
    """Writes or compares the core of one API in one language; true when it is not as it should be."""
    with tempfile.TemporaryDirectory(prefix=f"twosignal-{name}-") as folder:
        fresh, target = Path(folder), options.output / language.FOLDER
        language.generate(api, fresh)
        differences = dict(_differences(fresh, target, language.generated(api.package)))
        if options.check:
            _report(name, differences, api)
            return bool(differences)
        for path in differences:
            _put(fresh / path, target / path)
        return False


def _differences(fresh: Path, target: Path, generated: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Generated files that are not the same in two folders, in order, and what is wrong with those of `target`."""
    new, old = _files(fresh, generated), _files(target, generated)
    for path in sorted(new | old):
        if path not in old:
            yield path, "is missing"
        elif path not in new:
            yield path, "is no longer generated"
        elif not filecmp.cmp(fresh / path, target / path, shallow=False):
            yield path, "differs"


def _files(folder: Path, generated: tuple[str, ...]) -> set[str]:
    """Paths of all generated files in a folder, without the caches of Python."""
    roots = [folder / name for name in generated]
    found = (path for root in roots for path in (root, *root.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix() for path in found if "__pycache__" not in path.parts}


def _report(language: str, differences: dict[str, str], api: Api) -> None:
    for path, wrong in list(differences.items())[:10]:
        print(f"{language}: {path} {wrong}", file=sys.stderr)
    if differences:
        ours = api in APIS
        name, command = (
            (api.contract.name, "make generate") if ours else (api.contract, f"make generate CONTRACT={api.contract}")
        )
        print(f"{language}: {len(differences)} generated files are not what {name} gives: {command}", file=sys.stderr)


def _put(fresh: Path, target: Path) -> None:
    """Copies a file; deletes one that is no longer generated, and its folder when that is empty."""
    if fresh.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(fresh, target)
        return
    target.unlink()
    if not any(target.parent.iterdir()):
        target.parent.rmdir()


if __name__ == "__main__":
    sys.exit(main())
