"""Loads a contract: read, walk, check, assemble; or refuse with everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from twosignal_contract._assembly import assemble
from twosignal_contract._contract import Contract
from twosignal_contract._extension_rules import check_extensions
from twosignal_contract._extensions import Extensions
from twosignal_contract._openapi_rules import (
    check_frame,
    check_names,
    check_parameters,
    check_references,
    check_security,
)
from twosignal_contract._problems import ContractError, Notes, Problem, quote
from twosignal_contract._walk import Walk
from twosignal_contract._yaml import Reader, decode, read_bytes

DOCUMENT = "openapi.yaml"
"""The document that is read when none is named."""
_MORE_DOCUMENTS = "contracts/*.openapi.yaml"
_EXTENSIONS = "contracts/extensions.schema.json"
_PACKAGE = Path(__file__).resolve().parent
# In a wheel the documents lie inside of this package, in the repository two folders above it.
_FOLDERS = (_PACKAGE, _PACKAGE.parents[1])


def load_contract(path: Path | None = None) -> Contract:
    """The contract in the file, or the one that came with this package; raises ContractError."""
    path = shipped(DOCUMENT) if path is None else path
    content = read_bytes(path)
    reader = Reader(path, decode(path, content))
    notes, document = reader.notes, reader.value
    if not isinstance(document, dict):
        found = "the document is empty" if document is None else quote(document)
        notes.add("", found, "a mapping", "write an OpenAPI document")
        notes.stop()
    frame = list(check_frame(document))
    if frame:
        # Another format altogether, or a torn file: every further remark would be noise.
        notes.extend(frame)
        notes.stop()
    extensions = Extensions(shipped(_EXTENSIONS), *_extensions_of(document, path, notes))
    walk = Walk(document, extensions, notes)
    _check(document, walk, notes)
    return assemble(path, content, document, reader.lines, walk, extensions)


def documents() -> tuple[Path, ...]:
    """All contracts that came with this package, the one that is read by default first."""
    first = shipped(DOCUMENT)
    return (first, *sorted(first.parent.glob(_MORE_DOCUMENTS)))


def shipped(name: str) -> Path:
    """The path of one of our own files; raises ContractError when there is none."""
    for folder in _FOLDERS:
        if (folder / name).is_file():
            return folder / name
    places = " or ".join(map(str, _FOLDERS))
    raise ContractError([Problem("", "there is no such file", f"it in {places}", "install the package again", name)])


def _check(document: dict[str, Any], walk: Walk, notes: Notes) -> None:
    """Raises everything that is wrong between places of the document."""
    notes.extend(check_names(walk))
    dangling = list(check_references(document, walk))
    notes.extend(dangling)
    if not dangling:
        notes.extend(check_parameters(document, walk))
    notes.extend(check_security(document, walk))
    # A clause that cannot be read would make each mention of it look wrong: only whole extensions are compared.
    if walk.sound:
        notes.extend(check_extensions(document, walk))
    notes.stop()


def _extensions_of(document: Mapping[str, Any], path: Path, notes: Notes) -> Iterator[Path]:
    """The schema of what only the API's own code reads: beside the document, or among our own files."""
    api = document.get("x-api")
    name = api.get("extensions") if isinstance(api, dict) else None
    if not isinstance(name, str):
        return
    for folder in (path.parent, *_FOLDERS):
        if (folder / name).is_file():
            yield folder / name
            return
    notes.add("/x-api/extensions", f"{quote(name)} is no file", "a JSON Schema beside the document", "correct it")
