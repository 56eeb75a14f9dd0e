"""The REST API of 2Signal, as the suite knows it beside its contract."""

from __future__ import annotations

import random
from pathlib import Path

from twosignal_contract import Contract

from twosignal_conformance.apis.rest._fuzzing import FUZZING
from twosignal_conformance.apis.rest.checks import TestData
from twosignal_conformance.apis.rest.checks.actions import has_run
from twosignal_conformance.apis.rest.checks.creations import creations_of
from twosignal_conformance.apis.rest.options import OPTIONS
from twosignal_conformance.engine.api import Api
from twosignal_conformance.engine.api_client import Access, Amount, Profile
from twosignal_conformance.engine.judgement import Wording

BUDGETS = {
    # Measured against the mock on 2026-12-01, several seeds: quick 960 requests, 380 traces, 1.6 MB; standard 1,950,
    # 1,720, 43 MB; thorough 8,000, 4,600, 47 MB. The room in requests is for polls (a server that needs nine seconds
    # until what was written shows makes three times as many), in the others for what Hypothesis makes of other seeds.
    # docs/self-hosted.md states these numbers, and a test compares.
    Profile.QUICK: Amount(requests=3_000, created=900, bytes=4_000_000, kind="trace"),
    Profile.STANDARD: Amount(requests=6_000, created=4_000, bytes=60_000_000, kind="trace"),
    Profile.THOROUGH: Amount(requests=25_000, created=12_000, bytes=100_000_000, kind="trace"),
}

BURST_WINDOWS = 20
"""A burst is three windows of the plan's full rate, and several keys, counts and waits are judged: measured on the free
plan, 1,617 requests of 100 a second."""


def _unissued_key(contract: Contract, chance: random.Random) -> str:
    return f"{contract.dialect('api-key-prefix').canonical}{chance.getrandbits(128):032x}"


WORDING = Wording(
    product="2Signal",
    areas={
        "answers": "responses",
        "auth": "authentication",
        "base-url": "base URL",
        "cli": "command line",
        "http": "HTTP",
        "json": "JSON",
        "otlp": "OTLP",
        "rate": "rate limits",
        "retry": "retries",
    },
)
"""Areas whose word in the ids of clauses is short for something have a title of their own."""

SECRET_NAMES = ("token", "password", "secret")
"""Ends of the names of fields and parameters whose values are secret."""

REST = Api(
    name="rest",
    folders=(Path(__file__).with_name("checks"), Path(__file__).with_name("model")),
    access=Access(
        health="getHealth",
        listing="listTraces",
        listing_query={"limit": 1},
        key_refused="invalid-key",
        no_operation="unknown-endpoint",
        creations_of=creations_of,
        has_run=has_run,
        budgets=BUDGETS,
        burst_windows=BURST_WINDOWS,
        unissued_key=_unissued_key,
        secret_names=SECRET_NAMES,
        options=OPTIONS,
    ),
    fuzzing=FUZZING,
    wording=WORDING,
    test_data=TestData,
)
