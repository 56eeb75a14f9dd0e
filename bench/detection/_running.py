"""Runs the judge, and the control, against every server; a few at a time, and bursts apart, at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby

from twosignal_mock import MockServer

from bench.detection._control import concerned, control
from bench.detection._digest import digest_of_the_contract, digest_of_the_judge
from bench.detection._mutants import control_mutant
from bench.detection._results import Result, Results
from tests.conformance.apis.rest.broken.detecting import PROFILES, detect
from tests.conformance.apis.rest.broken.proxy import Proxy
from tests.conformance.apis.rest.broken.variants import Variant
from tests.conformance.apis.rest.legal.judging import Verdict, judge_legal
from tests.conformance.apis.rest.legal.servers import Legal
from tests.conformance.independent.legal import judge_odd

INDEPENDENT = "independent"
"""Kind of the runs against legal servers with the independent one behind them."""

BURSTS = 6
"""Runs at the same time that burst against legal servers: most of their time is a wait for quiet windows."""


@dataclass(frozen=True)
class Task:
    """One run that is wanted."""

    kind: str
    server: str
    seed: int
    run: Callable[[], Result]
    bursts: int = 0
    """Runs of this sort that may burst at the same time, on a machine that does nothing else; 0: it sends no bursts."""

    @property
    def key(self) -> tuple[str, str, int]:
        """What it gives a result of."""
        return self.kind, self.server, self.seed

    @property
    def digest(self) -> str:
        """Of what judges it."""
        return digest_of_the_contract() if self.kind.startswith("control") else digest_of_the_judge()


class Bench:
    """One proxy and one mock for all; legal servers with options of the mock get one of their own."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._proxy = Proxy()
        self._mock = MockServer(seed=1)

    def broken(self, variants: Sequence[Variant], seeds: Sequence[int]) -> list[Task]:
        """Every broken server on every seed."""
        return [
            Task("broken", str(variant), seed, partial(self._broken, variant, seed), _bursts(variant))
            for seed in seeds
            for variant in variants
        ]

    def legal(self, servers: Sequence[Legal], seeds: Sequence[int]) -> list[Task]:
        """Every legal server on every seed, by the quick profile; on the first seed by the standard one, too."""
        return [
            Task("legal", f"{server.name} ({profile})", seed, partial(self._legal, server, seed, profile),
                 BURSTS if server.limited else 0)
            for number, seed in enumerate(seeds)
            for server in servers
            for profile in (("quick", "standard") if number == 0 else ("quick",))
        ]  # fmt: skip

    def independent(self, servers: Sequence[Legal], seeds: Sequence[int]) -> list[Task]:
        """Every legal server with the independent one behind it, in the same way."""
        return [
            Task(INDEPENDENT, f"{server.name} ({profile})", seed, partial(self._independent, server, seed, profile),
                 BURSTS if server.limited else 0)
            for number, seed in enumerate(seeds)
            for server in servers
            for profile in (("quick", "standard") if number == 0 else ("quick",))
        ]  # fmt: skip

    def control(self, variants: Sequence[Variant], seeds: Sequence[int]) -> list[Task]:
        """Schemathesis on every broken server."""
        return [
            Task("control", str(variant), seed, partial(self._control, variant, seed))
            for seed in seeds
            for variant in variants
        ]

    def control_of_legal(self, servers: Sequence[Legal], seeds: Sequence[int]) -> list[Task]:
        """Schemathesis on every legal server; its bursts are none, so neither are limits."""
        return [
            Task("control-legal", server.name, seed, partial(self._control_of_legal, server, seed))
            for seed in seeds
            for server in servers
        ]

    def control_of_mutants(self, names: Sequence[str], seeds: Sequence[int]) -> list[Task]:
        """Schemathesis on mutants of the independent server, by their ids."""
        return [
            Task("control-mutant", name, seed, partial(control_mutant, name, seed)) for seed in seeds for name in names
        ]

    def run(self, tasks: Sequence[Task], *, workers: int, again: bool) -> None:
        """Carry out what has no result yet, or all of it."""
        todo = [task for task in tasks if again or self._results.get(*task.key, task.digest) is None]
        # The quiet ones first, then those that burst together, then those that burst alone.
        todo.sort(key=_order)
        began = time.monotonic()
        with ExitStack() as stack:
            stack.enter_context(self._proxy)
            stack.enter_context(self._mock)
            for bursts, group in groupby(todo, key=lambda task: task.bursts):
                rows = list(group)
                pool = stack.enter_context(ThreadPoolExecutor(bursts or workers))
                for number, row in enumerate(pool.map(_carry_out, rows), start=1):
                    self._results.add(row)
                    _show(number, len(rows), row, began)
        print(file=sys.stderr)

    def _broken(self, variant: Variant, seed: int) -> Result:
        before = next(
            (row.by for row in self._results.of("broken") if row.server == str(variant) and row.good), PROFILES[0]
        )
        found = detect(variant, self._mock, self._proxy, seed, before)
        told = "" if found.caught else found.ruling.why(variant.clause)[:300]
        return Result("broken", str(variant), seed, found.caught, found.caught_by or "", round(found.seconds, 2), told)

    def _legal(self, server: Legal, seed: int, profile: str) -> Result:
        if server.mock:
            with MockServer(seed=seed, **server.mock) as mock:
                verdict = judge_legal(server, mock, self._proxy, seed, profile)
        else:
            verdict = judge_legal(server, self._mock, self._proxy, seed, profile)
        return _of_legal("legal", verdict)

    def _independent(self, server: Legal, seed: int, profile: str) -> Result:
        return _of_legal(INDEPENDENT, judge_odd(server, self._proxy, seed, profile))

    def _control(self, variant: Variant, seed: int) -> Result:
        began = time.monotonic()
        found = control(variant.behaviour, self._mock, self._proxy, seed, concerned(variant.clause))
        seconds = round(time.monotonic() - began, 2)
        return Result("control", str(variant), seed, found.caught, ", ".join(found.checks), seconds)

    def _control_of_legal(self, server: Legal, seed: int) -> Result:
        began = time.monotonic()
        with MockServer(seed=seed, **server.mock) as mock:
            found = control(server.behaviour, mock, self._proxy, seed, chunked=server.chunked, close=server.close)
        seconds = round(time.monotonic() - began, 2)
        return Result("control-legal", server.name, seed, not found.caught, ", ".join(found.checks), seconds)


def _bursts(variant: Variant) -> int:
    """A burst runs alone where it has to show something: what else this machine does is what it would not send."""
    return 1 if variant.bursts else 0


def _order(task: Task) -> int:
    return -task.bursts if task.bursts else -BURSTS - 1


def _carry_out(task: Task) -> Result:
    return replace(task.run(), digest=task.digest, date=f"{datetime.now(UTC):%Y-%m-%d}")


def _of_legal(kind: str, verdict: Verdict) -> Result:
    told = "" if verdict.fair else str(verdict)[:600]
    name = f"{verdict.server.name} ({verdict.profile})"
    return Result(kind, name, verdict.seed, verdict.fair, verdict.profile, round(verdict.seconds, 2), told)


def _show(number: int, count: int, row: Result, began: float) -> None:
    """One line that stays for what went wrong, and one that is written over for the rest."""
    if not row.good and not row.kind.startswith("control"):
        print(f"\r\x1b[K{row.kind}: {row.server} (seed {row.seed}): {row.told}", file=sys.stderr)
    left = (time.monotonic() - began) / number * (count - number)
    print(
        f"\r\x1b[K{number} of {count}, {left / 60:.0f} min left: {row.server[:80]}", end="", file=sys.stderr, flush=True
    )
