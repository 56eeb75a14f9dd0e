"""Which checks decide a clause, read from the markers of their modules without running any."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable
from pathlib import Path

import pytest

from twosignal_conformance.engine.judgement._marks import MARK, plan_of, watchers

LAYERS = ("apis/rest/checks", "apis/rest/model", "engine/fuzz")
"""Folders of this package with checks in them, in the order in which they run."""

_PACKAGE = "twosignal_conformance"


def citations(layers: Iterable[str]) -> dict[str, list[str]]:
    """Clause id to the names of its checks, of the layers that are named by the folders of the suite."""
    found: dict[str, list[str]] = {}
    for layer in layers:
        for file in sorted((Path(__file__).parents[2] / layer).glob("test_*.py")):
            module = importlib.import_module(f"{_PACKAGE}.{layer.replace('/', '.')}.{file.stem}")
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and name.startswith("test"):
                    for clause in _cited(function):
                        found.setdefault(clause, []).append(f"{file.stem}::{name}")
    for watcher in watchers():
        for clause in watcher.clauses:
            found.setdefault(clause, []).append(watcher.name)
    return found


def _cited(function: object) -> tuple[str, ...]:
    marks: list[pytest.Mark] = getattr(function, "pytestmark", [])
    plan = plan_of(mark for mark in marks if mark.name == MARK)
    return () if plan is None else plan.clauses
