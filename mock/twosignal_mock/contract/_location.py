"""Where the document and the schema of its extensions are: in an installed wheel or in the repository."""

from __future__ import annotations

from pathlib import Path

from twosignal_mock.contract._problem import ContractError, Problem

DOCUMENT = "openapi.yaml"
_EXTENSION_SCHEMA = "openapi-extensions.schema.json"

_PACKAGE = Path(__file__).resolve().parents[1]
# An installed copy comes first: in a wheel both files lie in a folder beside this package, in site-packages.
_FOLDERS = (_PACKAGE.parent / "twosignal_contract", _PACKAGE.parents[1])


def find(name: str) -> Path:
    """The path of one of our own files, such as DOCUMENT; raises ContractError when there is none."""
    for folder in _FOLDERS:
        if (folder / name).is_file():
            return folder / name
    places = " or ".join(str(folder) for folder in _FOLDERS)
    raise ContractError([Problem("", "there is no such file", f"it in {places}", "install the package again", name)])


def extension_schema() -> Path:
    """The JSON Schema of all extensions."""
    return find(_EXTENSION_SCHEMA)


def display_name(path: Path) -> str:
    """The path as messages show it: relative below the working directory, so that an editor finds `path:line`."""
    if not path.is_absolute():
        return str(path)
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
