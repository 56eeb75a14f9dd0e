"""The toy API as the suite needs it, and a program that judges a server of it: `python -m ... URL CONTRACT JSON`."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from twosignal_conformance._inputs import Inputs
from twosignal_conformance._judging import Order, carry_out
from twosignal_conformance.engine.api import Api
from twosignal_conformance.engine.api_client import Access, Amount, Profile
from twosignal_conformance.engine.fuzz import Fuzzing
from twosignal_conformance.engine.judgement import Wording
from twosignal_contract import Contract, Level

CARD = "a-card-of-mine"


def _unknown_card(contract: Contract, chance: random.Random) -> str:
    return f"{contract.api.name}-{chance.getrandbits(64):x}"


LAMPS = Api(
    name="lamps",
    folders=(Path(__file__).with_name("checks"),),
    access=Access(
        health="exportLamps",
        listing="exportLamps",
        listing_query={},
        key_refused="bad-card",
        no_operation="unknown-endpoint",
        creations_of=lambda _operation, _body: (),
        budgets=dict.fromkeys(Profile, Amount(100, 10, 10_000, "lamp")),
        burst_windows=1,
        unissued_key=_unknown_card,
        secret_names=(),
    ),
    fuzzing=Fuzzing(
        left_out=frozenset(),
        refusing=frozenset(),
        narrow=(),
        invalid="invalid-value",
        tolerated=("no-card", "no-lamp"),
        issued_format="issued",
        issued=lambda _client, _judge, _data: [],
        widen=lambda _document, _contract, _operations: None,
        clause_of=lambda _failure: None,
    ),
    wording=Wording("Lamps", {}),
    test_data=lambda _client, _check: [1, 2],
)


def main(url: str, contract: str, report: str) -> int:
    """The exit code of a run, whose report is written as JSON."""
    inputs = Inputs(url=url, api_key=CARD, profile=Profile.QUICK.value, seed=1, ledger=Path(report).with_suffix(".led"))
    files = {"json": Path(report)}
    return carry_out(Order(LAMPS, inputs, Path(contract), (), None, Level.MUST, files))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
