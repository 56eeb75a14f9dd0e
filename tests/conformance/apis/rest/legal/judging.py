"""True when the judge leaves a legal server alone: no `fail` of a `must` or `should`, and no `error` of its own."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, replace

from twosignal_mock import MockServer

from tests.conformance.apis.rest.broken.messages import People
from tests.conformance.apis.rest.broken.proxy import Proxy
from tests.conformance.apis.rest.broken.rate import SLOWEST
from tests.conformance.apis.rest.broken.runs import FAST, Ruling, judge, people
from tests.conformance.apis.rest.legal.servers import Legal
from tests.conformance.lines import with_hints

LONGEST = 600.0
"""Seconds for a run of all clauses: a server that settles slowly is waited for again and again."""

RATE_CLAUSES = ("rate", "health", "traces.list.limit")
"""What is judged of a server whose oddity is about rates: bursts take their time."""


@dataclass(frozen=True)
class Verdict:
    """What a run against a legal server brought."""

    server: Legal
    seed: int
    profile: str
    ruling: Ruling
    seconds: float

    @property
    def blamed(self) -> set[str]:
        """Clauses that the judge got wrong."""
        return self.ruling.having("fail") | self.ruling.having("error")

    @property
    def fair(self) -> bool:
        """True when the server was judged, and found without fault."""
        return self.ruling.code == 0 and not self.blamed and bool(self.ruling.having("pass"))

    def __str__(self) -> str:
        told = "fair" if self.fair else f"BLAMED (exit {self.ruling.code})"
        why = "".join(f"\n    {clause}: {self.ruling.why(clause)}" for clause in sorted(self.blamed))
        if not self.fair and not why:
            why = f"\n    {self.ruling.output[-800:]}"
        return f"{self.server} (seed {self.seed}, {self.profile}): {told} ({self.seconds:.1f} s){why}"


def judge_legal(server: Legal, mock: MockServer, proxy: Proxy, seed: int, profile: str = "quick") -> Verdict:
    """Judge one legal server, behind which `mock` runs with the options that it asks for."""
    with people(mock, plan_behind(server)) as who:
        return judge_legal_at(server, mock.url, who, proxy, seed, profile)


def plan_behind(server: Legal) -> str:
    """The plan of what runs behind it."""
    return SLOWEST if server.limited and not server.own_limit else FAST


def judge_legal_at(
    server: Legal, behind: str, known: People, proxy: Proxy, seed: int, profile: str = "quick"
) -> Verdict:
    """The same, behind which any server runs that knows these people."""
    began = time.monotonic()
    options = ["--profile", profile, "--seed", str(seed), "--fail-on", "should"]
    if server.limited:
        options += ["--allow-burst", *(part for clause in RATE_CLAUSES for part in ("--only", clause))]
    who = replace(known, plan=SLOWEST if server.limited else FAST)
    with ExitStack() as stack:
        url = stack.enter_context(
            proxy.serve(server.behaviour, behind, who, chunked=server.chunked, close=server.close)
        )
        if server.hints:
            url = stack.enter_context(with_hints(url))
        ruling = judge(url, who, *options, longest=LONGEST)
    return Verdict(server, seed, profile, ruling, time.monotonic() - began)
