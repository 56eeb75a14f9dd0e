"""The optional packages of the extra `fuzz`: what needs which, and the plain line for a machine without them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from twosignal_conformance.engine.api_client import CheckSkipped, Profile, Settings

EXTRA = "twosignal-contract[fuzz]"

MODEL_NEEDS = ("hypothesis",)
FUZZ_NEEDS = ("schemathesis", "hypothesis")
SECOND_OPINION_NEEDS = ("openapi_core",)

_LAYERS = (
    ("layer B, the state machine,", MODEL_NEEDS, Profile.STANDARD, True),
    ("layer C, Schemathesis,", FUZZ_NEEDS, Profile.THOROUGH, True),
    ("the second opinion of openapi-core", SECOND_OPINION_NEEDS, Profile.STANDARD, False),
)
"""Name, packages, the smallest profile that has it, and whether it writes, which a read-only run does not."""


def missing(packages: tuple[str, ...]) -> str:
    """The first package that is not installed; empty when all are."""
    return next((name for name in packages if find_spec(name) is None), "")


def require_installed(packages: tuple[str, ...], what: str) -> None:
    """End a check whose packages are not installed."""
    if name := missing(packages):
        raise CheckSkipped(f"{what} did not run: {name} is not installed", f"pip install '{EXTRA}'")


def left_out(settings: Settings) -> Iterator[str]:
    """A line for each part of the suite that this run would have and that is not installed."""
    for what, packages, smallest, writes in _LAYERS:
        if settings.profile.includes(smallest) and not (writes and settings.read_only) and (name := missing(packages)):
            yield f"{what} does not run: {name} is not installed (pip install '{EXTRA}')"
