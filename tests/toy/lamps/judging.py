"""What the suite's engine is handed: its checks, how servers are spoken to, and how the contract is fuzzed."""

from __future__ import annotations

from pathlib import Path

from twosignal_conformance.engine.api import Api
from twosignal_conformance.engine.api_client import Access, Amount, Profile
from twosignal_conformance.engine.fuzz import Fuzzing
from twosignal_conformance.engine.judgement import Wording

LAMPS = Api(
    name="lamps",
    folders=(Path(__file__).with_name("checks"),),
    access=Access(
        health="exportLamps",
        listing="exportLamps",
        key_refused="bad-card",
        no_operation="unknown-endpoint",
        budgets=dict.fromkeys(Profile, Amount(requests=2_000, created=0, bytes=100_000, kind="lamp")),
    ),
    fuzzing=Fuzzing(invalid="invalid-value", tolerated=("no-lamp",)),
    wording=Wording(product="Lamps", areas={}),
)
"""An entry point of the group twosignal_conformance.apis names it."""
