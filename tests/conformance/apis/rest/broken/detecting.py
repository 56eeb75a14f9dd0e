"""True when the judge catches a broken server: a run for its clause alone has to end in `fail` of that clause."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from twosignal_mock import MockServer

from tests.conformance.apis.rest.broken.messages import People
from tests.conformance.apis.rest.broken.proxy import Proxy
from tests.conformance.apis.rest.broken.runs import FAST, Ruling, judge, people
from tests.conformance.apis.rest.broken.variants import Variant

PROFILES = ("quick", "standard", "thorough")
"""Tried in this order until one catches the server: the smallest is the fastest."""


TRAFFIC: Mapping[str, tuple[str, ...]] = {
    "errors.internal.absent": ("errors", "traces.list", "validate.results.score-range"),
    "errors.success.no-error": ("traces.batch.answer", "routing.answer"),
    "timestamps.out.utc": ("traces.fields",),
}
"""Clauses that are judged in whatever the run sends, and what it has to send for that."""


@dataclass(frozen=True)
class Detection:
    """What a run against a broken server brought."""

    variant: Variant
    seed: int
    caught_by: str | None
    """The profile that caught it."""
    ruling: Ruling
    """Of the last profile that was tried."""
    seconds: float

    @property
    def caught(self) -> bool:
        """True when the very clause was said to be violated."""
        return self.caught_by is not None

    def __str__(self) -> str:
        told = f"caught by {self.caught_by}" if self.caught else f"NOT CAUGHT, {self.ruling.why(self.variant.clause)}"
        return f"{self.variant} (seed {self.seed}): {told} ({self.seconds:.1f} s)"


def detect(variant: Variant, mock: MockServer, proxy: Proxy, seed: int, first: str = PROFILES[0]) -> Detection:
    """Judge one broken server, by the profile `first` and, as long as it is not caught, by larger ones."""
    began = time.monotonic()
    plan = variant.plan or FAST
    for profile in PROFILES[PROFILES.index(first) :]:
        with people(mock, plan if variant.limited else FAST) as found:
            who = People(found.main, found.other, found.revoked, found.email, found.password, plan)
            with proxy.serve(variant.behaviour, mock.url, who) as url:
                ruling = judge(url, who, *arguments(variant, profile, seed))
        if ruling.verdicts.get(variant.clause) == "fail":
            return Detection(variant, seed, profile, ruling, time.monotonic() - began)
        if profile == "standard" and ruling.verdicts.get(variant.clause) != "untested":
            break  # What thorough adds is long, and no directed check
    return Detection(variant, seed, None, ruling, time.monotonic() - began)


def arguments(variant: Variant, profile: str, seed: int) -> list[str]:
    """Options of the run."""
    options = [part for clause in (variant.clause, *TRAFFIC.get(variant.clause, ())) for part in ("--only", clause)]
    options += ["--profile", profile, "--seed", str(seed), "--fail-on", "should"]
    options += ["--settle", str(variant.settle)]
    return [*options, "--allow-burst"] if variant.bursts else options
