"""The options of the suite under plain pytest.

An entry point loads this module into every pytest of its environment, so it imports and gives nothing but options;
`conftest.py` brings the rest when the suite's own tests are collected.
"""

from __future__ import annotations

import pytest

from twosignal_conformance._apis import OPTIONS, names_with
from twosignal_conformance.engine.options import variable

TEXTS = {
    "api": "which API is judged: rest (the default)",
    "url": "address of the server under test",
    "api-key": "API key of the project to judge with; also TWOSIGNAL_API_KEY",
    "other-api-key": "API key of another project",
    "revoked-api-key": "API key that was revoked",
    "plan": "plan of the project",
    "profile": "quick, standard (the default) or thorough",
    "seed": "number from which all data follows",
    "run-id": "mark in everything that is created",
    "now": "instant that the run takes for now",
    "settle": "seconds for what was written to show, 10 by default",
    "max-time": "seconds after which the run is cut",
    "ledger": "file that lists what is created",
    "contract": "document to judge by",
    "fail-on": "must (the default) or should",
}
SWITCHES = {"read-only": "send only what changes nothing", "allow-burst": "also judge rate limits, by bursts"}

API_TEXTS = {
    option.name: f"{option.metavar}: {option.help} (only with api {' or '.join(names_with(option.name))})"
    for options in OPTIONS.values()
    for option in options
}
"""Options that not every API has."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--twosignal-<name>` for each."""
    group = parser.getgroup("twosignal", "2Signal conformance suite")
    for name, text in (TEXTS | API_TEXTS).items():
        group.addoption(f"--twosignal-{name}", help=f"{text} [{variable(name)}]")
    for name, text in SWITCHES.items():
        group.addoption(f"--twosignal-{name}", action="store_true", help=f"{text} [{variable(name)}=1]")
