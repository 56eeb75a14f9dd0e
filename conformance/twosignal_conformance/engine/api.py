"""What an API hands over to the suite: the one file to read before adding one.

The engine judges by any contract and names nothing of any. What only one API knows comes in one frozen value, an `Api`,
which `apis/<name>` or another package makes; `_apis.py` finds it. Its parts stand where they are used: `Access` is how
its servers are spoken to, `Fuzzing` how its contract is fuzzed, `Wording` what reports call its things, and `ApiOption`
an option of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from twosignal_conformance.engine.api_client import Access, ApiClient
from twosignal_conformance.engine.fuzz import Fuzzing
from twosignal_conformance.engine.judgement import Wording

_ENGINE_CHECKS = Path(__file__).with_name("fuzz")
"""The folder of the checks that every API has: they run after those of its own."""


def _no_data(_client: ApiClient, _check: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Api:
    """One API that servers can be judged by."""

    name: str
    """/x-api/name of its contract."""
    folders: tuple[Path, ...]
    """Folders with its checks, modules `test_*.py` of a package, in the order in which they run."""
    access: Access
    fuzzing: Fuzzing
    wording: Wording
    test_data: Callable[[ApiClient, str], object] = _no_data
    """Builders of what a check sends, fresh for the check of this name; the fixture `data` of checks."""

    @property
    def layers(self) -> tuple[Path, ...]:
        """All folders with checks for a run of this API."""
        return (*self.folders, _ENGINE_CHECKS)
