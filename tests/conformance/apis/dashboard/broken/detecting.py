"""True when the judge catches a broken server: a run for its clause alone has to end in `fail` of that clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from twosignal_contract import About, Level
from twosignal_mock import MockServer

from tests.conformance.apis.dashboard.broken import access, evaluators, resources
from tests.conformance.apis.dashboard.broken.behaviours import CONTRACT, Behaviour, Server
from tests.conformance.apis.dashboard.independent.server import Dashboard
from tests.conformance.apis.rest.broken.runs import FAST, Ruling, carry_out
from tests.conformance.judging import erring
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


@dataclass(frozen=True)
class Before:
    """The good server that a broken one stands before: a mock, with who can sign in there."""

    mock: MockServer
    people: tuple[str, ...]


@contextmanager
def before(mock: MockServer) -> Iterator[Before]:
    """A fresh sandbox of a mock with everybody; it goes at the end."""
    with mock.sandbox(plan=FAST) as own:
        users = f"{mock.url}/__mock/v1/users"
        made = [httpx.post(users, params={"sandbox": own.id}, json={}, trust_env=False).json() for _ in FLAGS[1:]]
        people = [(own.email, own.password), *((user["email"], user["password"]) for user in made)]
        yield Before(mock, tuple(f"{email}:{password}" for email, password in people))


def people_options(people: Sequence[str] | None = None) -> list[str]:
    """The options that name everybody: of the honest server, or these."""
    own = [f"{email}:{password}" for email, (_, password) in PEOPLE.items()]
    return [part for pair in zip(FLAGS, people or own, strict=True) for part in pair]


def judge(behaviour: Behaviour, *options: str, good: Before | None = None, longest: float = 100.0) -> Ruling:
    """What the suite says of a server that behaves so, before a mock or an honest server in this process."""
    words = ("--api", "dashboard", "--settle", str(SETTLE), "--fail-on", "should", *options)
    if good is not None:
        with erring(behaviour, good.mock.url) as url:
            return carry_out(url, *words, *people_options(good.people), longest=longest)
    honest = Server(Dashboard(PEOPLE).respond)
    with serving(lambda asked: behaviour(asked, honest)) as server:
        return carry_out(server.url, *words, *people_options(), longest=longest)


def detect(variant: Variant, seed: int, good: Before | None = None) -> Ruling:
    """The run that catches a broken server, else the last one: a larger profile where a smaller has no check."""
    traffic = next((more for begin, more in TRAFFIC.items() if variant.clause.startswith(begin)), ())
    only = [part for clause in (variant.clause, *traffic) for part in ("--only", clause)]
    for profile in PROFILES:
        ruling = judge(variant.behaviour, *only, "--profile", profile, "--seed", str(seed), good=good)
        if ruling.verdicts.get(variant.clause) != "untested":
            break
    return ruling
