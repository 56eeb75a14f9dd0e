"""Loads the document to judge by, or raises everything that is wrong with it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from twosignal_conformance.contract._build import build
from twosignal_conformance.contract._extensions import Extensions
from twosignal_conformance.contract._files import CONTRACT, own_file, read_text, shown
from twosignal_conformance.contract._problems import Notes
from twosignal_conformance.contract._reading import Reader
from twosignal_conformance.contract._rules import judge_extensions, judge_head, judge_operations, judge_references
from twosignal_conformance.contract._survey import Survey
from twosignal_conformance.contract._types import Contract
from twosignal_conformance.contract._wording import as_json


def load_contract(path: Path | None = None) -> Contract:
    """The contract of the given file, else our own; ContractError when it cannot be judged by."""
    path = path or own_file(CONTRACT)
    content, text = read_text(path)
    reader = Reader(text, shown(path))
    notes, document = reader.notes, reader.value
    _judge_kind(document, notes)
    extensions = Extensions()
    survey = Survey(document, extensions, notes)
    judge_operations(survey, notes)
    judge_references(survey, document, notes)
    if survey.sound:
        # Otherwise a clause with a slip would be missing for all that mention it: one slip, many problems.
        judge_extensions(survey, document, notes)
    notes.stop()
    digest = hashlib.sha256(content).hexdigest()
    return build(path, digest, document, reader.lines, survey, extensions)


def _judge_kind(document: object, notes: Notes) -> None:
    """Stop at once for what is no OpenAPI 3.1: more remarks would be noise."""
    before = len(notes.problems)
    if isinstance(document, dict):
        judge_head(document, notes)
    else:
        came = "the document is empty" if document is None else as_json(document)
        notes.add("", came, "a mapping", "write an OpenAPI document")
    if len(notes.problems) > before:
        notes.stop()
