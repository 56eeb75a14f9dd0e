"""Loads the contract: read, walk, check, assemble; or refuse with everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from twosignal_mock.contract._assembly import assemble
from twosignal_mock.contract._consistency import check_consistency, check_frame, check_operations
from twosignal_mock.contract._extensions import ExtensionSchema
from twosignal_mock.contract._lines import map_lines
from twosignal_mock.contract._location import DOCUMENT, display_name, extension_schema, find
from twosignal_mock.contract._model import Contract
from twosignal_mock.contract._problem import ContractError, Problem
from twosignal_mock.contract._quote import quote
from twosignal_mock.contract._references import check_references
from twosignal_mock.contract._walk import Walk
from twosignal_mock.contract._yaml import Reading, read


def load_contract(path: Path | None = None) -> Contract:
    """The contract in the file, or the one that came with this package; raises ContractError."""
    path = find(DOCUMENT) if path is None else path
    reading = read(path)
    document = reading.value
    if not isinstance(document, dict):
        came = "the document is empty" if document is None else quote(document)
        _raise(path, reading, [Problem("", came, "a mapping", "write an OpenAPI document")])
    problems = list(check_frame(document))
    if problems:
        # Another format altogether, or a torn file: every further remark would be noise.
        _raise(path, reading, problems)
    schema = ExtensionSchema(extension_schema())
    walk = Walk(document)
    problems = [*walk.problems, *check_references(document, walk), *check_operations(walk)]
    misshapen = [problem for site in walk.sites for problem in schema.check(site)]
    # A clause that cannot be read would make each mention of it look wrong: only whole extensions are compared.
    problems += misshapen or check_consistency(document, walk)
    if problems or not reading.sound:
        _raise(path, reading, problems)
    return assemble(path, reading.content, document, walk, schema)


def _raise(path: Path, reading: Reading, problems: Iterable[Problem]) -> NoReturn:
    """Refuse the document, with the line of each problem."""
    lines = map_lines(reading.text)
    located = [replace(problem, line=lines.line(problem.pointer)) for problem in problems]
    file = display_name(path)
    raise ContractError(replace(problem, file=file) for problem in [*lines.problems, *located])
