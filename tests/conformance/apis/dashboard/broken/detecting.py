"""True when the judge catches a broken server: a run for its clause alone has to end in `fail` of that clause."""

from __future__ import annotations

import re
from dataclasses import dataclass

from twosignal_contract import About, Level

from tests.conformance.apis.dashboard.broken import access, evaluators, resources
from tests.conformance.apis.dashboard.broken.behaviours import CONTRACT, Behaviour, Server
from tests.conformance.apis.dashboard.independent.server import Dashboard
from tests.conformance.apis.rest.broken.runs import Ruling, carry_out
from tests.conformance.servers import serving

PEOPLE = {f"{name}@independent.example": (f"user-{name}", f"a password of {name}") for name in ("ann", "bob", "cleo")}
"""E-mail to id and password: who judges, the other one and the third."""

FLAGS = ("--user", "--other-user", "--third-user")

PROFILES = ("quick", "standard", "thorough")

SETTLE = 1.0
"""Seconds given to the server until what was written shows: it never needs more, unless it is broken so."""

TRAFFIC = {
    "envelope.result": ("datasets", "projects.access.unknown"),
    "envelope.dates": ("datasets",),
    "errors.shape": ("projects.access.unknown",),
}
"""Begin of clauses that are judged in whatever the run sends, and what it has to send for that."""


@dataclass(frozen=True)
class Variant:
    """One broken server."""

    clause: str
    says: str
    behaviour: Behaviour

    def __post_init__(self) -> None:
        if self.clause not in CONTRACT.clauses:
            raise KeyError(f"there is no clause {self.clause}")

    def __str__(self) -> str:
        return re.sub(r"\W+", "-", f"{self.clause} {self.says}")


VARIANTS = tuple(Variant(*row) for table in (access, resources, evaluators) for row in table.TABLE)

WANTED = tuple(
    clause.id
    for clause in CONTRACT.clauses.values()
    if clause.about is About.SERVER and clause.level is not Level.MAY and clause.untestable is None
)
"""The clauses that need a row: every `must` and `should` about servers that can be tested at all."""


def people_options() -> list[str]:
    """The options that name everybody."""
    return [
        part
        for flag, (email, (_, password)) in zip(FLAGS, PEOPLE.items(), strict=True)
        for part in (flag, f"{email}:{password}")
    ]


def judge(behaviour: Behaviour, *options: str, longest: float = 100.0) -> Ruling:
    """What the suite says of a server that behaves so, before an honest one."""
    good = Server(Dashboard(PEOPLE).respond)
    with serving(lambda asked: behaviour(asked, good)) as server:
        words = ("--api", "dashboard", *people_options(), "--settle", str(SETTLE), "--fail-on", "should", *options)
        return carry_out(server.url, *words, longest=longest)


def detect(variant: Variant, seed: int) -> Ruling:
    """The run that catches a broken server, else the last one: a larger profile where a smaller has no check."""
    traffic = next((more for begin, more in TRAFFIC.items() if variant.clause.startswith(begin)), ())
    only = [part for clause in (variant.clause, *traffic) for part in ("--only", clause)]
    for profile in PROFILES:
        ruling = judge(variant.behaviour, *only, "--profile", profile, "--seed", str(seed))
        if ruling.verdicts.get(variant.clause) != "untested":
            break
    return ruling
