"""The dashboard API of 2Signal, as the suite knows it beside its contract."""

from __future__ import annotations

import random
from pathlib import Path

from twosignal_contract import Contract

from twosignal_conformance.apis.dashboard._fuzzing import FUZZING
from twosignal_conformance.apis.dashboard.checks import TestData, people, stage
from twosignal_conformance.apis.dashboard.creations import KIND, creations_of
from twosignal_conformance.apis.dashboard.options import COOKIE, OPTIONS, USER
from twosignal_conformance.engine.api import Api
from twosignal_conformance.engine.api_client import Access, Amount, Profile, SignIn
from twosignal_conformance.engine.judgement import Wording

BUDGETS = {
    # Measured against an honest server on 2026-12-01, with everybody: quick 660 requests, standard 1,250, each with
    # four organizations. The room is for polls of a server that takes its time, and for other seeds of Hypothesis.
    Profile.QUICK: Amount(requests=3_000, created=10, bytes=2_000_000, kind=KIND),
    Profile.STANDARD: Amount(requests=5_000, created=12, bytes=6_000_000, kind=KIND),
    Profile.THOROUGH: Amount(requests=15_000, created=15, bytes=10_000_000, kind=KIND),
}


def _never_issued(_contract: Contract, chance: random.Random) -> str:
    return f"never-issued-{chance.getrandbits(128):032x}"


WORDING = Wording(
    product="2Signal dashboard",
    areas={"keys": "API keys", "envelope": "envelopes", "routing": "model routing"},
)

SECRET_NAMES = ("token", "password", "secret", "key")
"""Ends of the names of fields and parameters whose values are secret."""

DASHBOARD = Api(
    name="dashboard",
    folders=(Path(__file__).with_name("checks"), Path(__file__).with_name("model")),
    access=Access(
        health="organization.list",
        listing="organization.list",
        key_refused="invalid-session",
        no_operation="unknown-endpoint",
        creations_of=creations_of,
        has_run=stage.has_run,
        budgets=BUDGETS,
        unissued_key=_never_issued,
        secret_names=SECRET_NAMES,
        sign_in=SignIn(people.open_sessions, (USER.flag, COOKIE.flag), safe=(COOKIE.flag,)),
        clean_up=stage.clean_up,
        options=OPTIONS,
    ),
    fuzzing=FUZZING,
    wording=WORDING,
    test_data=TestData,
)
