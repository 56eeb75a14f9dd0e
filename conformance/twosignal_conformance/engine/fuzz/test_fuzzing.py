"""Schemathesis over every operation that a guest may fuzz. What it finds are findings, never verdicts."""

from __future__ import annotations

import hashlib

from twosignal_conformance.engine.api_client import ApiClient, Creation, Exchange, Key, ReadOnly
from twosignal_conformance.engine.extras import FUZZ_NEEDS, require_installed
from twosignal_conformance.engine.fuzz._door import Door
from twosignal_conformance.engine.fuzz._fuzzing import Failure, Fuzzing, document_of
from twosignal_conformance.engine.judgement import Judge, covers

MOST_REQUESTS = 6_000
"""A document of this size makes some 3,500; the rest is room for more examples."""

MOST_SECONDS = 180.0
"""At the pace of the smallest plan 3,500 requests take 45 s."""


@covers(profile="thorough")
def test_what_schemathesis_finds(client: ApiClient, judge: Judge, data: object, fuzzing: Fuzzing) -> None:
    """The edges of every schema, random values, and links from response to request."""
    require_installed(FUZZ_NEEDS, "layer C")
    if client.settings.read_only:
        raise ReadOnly("POST", "of layer C")
    contract = client.contract
    issued = fuzzing.issued(client, judge, data)
    if client.settings.dry:
        return
    from twosignal_conformance.engine.fuzz._engine import run_engine

    door = Door(client, document_of(fuzzing, contract, issued), most=MOST_REQUESTS, seconds=MOST_SECONDS)
    seed = int.from_bytes(hashlib.sha256(f"{client.settings.seed}/fuzz".encode()).digest()[:4], "big")
    narrow = any(
        client.dialects.seen.get(name) not in (None, contract.dialects[name].canonical) for name in fuzzing.narrow
    )
    with door.unwatched():
        try:
            for failure in run_engine(door, fuzzing, contract, seed, issued, narrow=narrow):
                tell(judge, client, fuzzing, failure, door.exchange(failure.case))
        finally:
            _announce(client, judge, door)
    for exchange in door.unanswered:
        judge.finding(f"no response to {exchange.method} of layer C", str(exchange.problem), evidence=exchange)
    if door.stopped is not None:
        raise door.stopped


def tell(judge: Judge, client: ApiClient, fuzzing: Fuzzing, failure: Failure, exchange: Exchange | None) -> None:
    """Report a finding with the clause that it speaks of, once for each check, operation and status."""
    clause = fuzzing.clause_of(failure)
    where = f"{failure.operation} answered {failure.status}"
    title = f"Schemathesis {failure.code} {failure.check}: {where}"
    message = " ".join(failure.message.split())[:300]
    about = "no clause speaks of it"
    if clause is not None:
        row = client.contract.clauses[clause]
        about = f"about {clause} ({row.level}): {row.says}"
    judge.finding(title, f"{failure.title}. {message} [{about}]", evidence=() if exchange is None else exchange)


def _announce(client: ApiClient, judge: Judge, door: Door) -> None:
    """A line of the ledger: what the fuzzer makes up carries no run id, so how much there was is said once more."""
    name = f"layer C sent {door.sent} requests, {door.creating} of which may have created something"
    client.ledger.creating([Creation("fuzzing", client.settings.run_id, name)], purpose=judge.name, key=str(Key.MAIN))
