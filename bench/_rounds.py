"""The workloads, side by side: every round starts servers anew and asks them in turn, workload by workload.

What a busy machine does to one round it does to all servers alike, and the order moves on by one in each round. Who is
not measured is stopped meanwhile. Reads come before writes, so that all of them read the same thousand traces. Peers
whose runtime compiles while it runs keep nothing, so they stay for all rounds: what it has learnt is to their favour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from bench._bench import BROKEN, Bench, add_evaluators, open_sandbox
from bench._filling import Client
from bench._record import Value
from bench.load import JUDGES, SEEDED, LoadError, Outcome, Population, Workload, fresh_serials, newest_trace, workloads
from bench.servers import KEY, Server, Subject

CROSSED = ("health", "list", "post-2")
"""Workloads that the second generator measures as well, in every other round."""
_EVERY = 2
_AT_LEAST = 2
"""Seconds of warming up that say nothing yet: a compiler works in steps."""
_FASTER = 1.03
_LIMITED = "beyond-the-rate"
_JUDGED = "judged"


@dataclass(frozen=True)
class _Running:
    """A subject in one round."""

    subject: Subject
    server: Server
    limited: str
    judged: str | None
    """A key of a sandbox with evaluators; None for a server without."""
    """The key whose rate is exceeded; the usual one for those that have no limits."""
    warm_up: int
    """Seconds at most before each workload."""


class Rounds:
    """All rounds of all workloads that are wanted; peers that stay for all of them end with it."""

    def __init__(self, bench: Bench, subjects: Sequence[Subject]) -> None:
        self._bench, self._subjects = bench, subjects
        self._stay = ExitStack()
        self._staying: dict[str, _Running] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._stay.close()

    def measure(self, number: int) -> None:
        """One round; which one it is says who begins, and whether the second generator measures too."""
        first = number % len(self._subjects)
        population = Population(self._bench.contract, newest_trace(), SEEDED)
        wanted = [workload for workload in workloads(population) if self._bench.options.wants(workload.name)]
        with ExitStack() as stack:
            running = [
                each
                for subject in (*self._subjects[first:], *self._subjects[:first])
                if any(subject.does_work(workload.name, workload.asked) for workload in wanted)
                if (each := self._start(subject, stack, population, number))
            ]
            for workload in wanted:
                self._bench.say(f"  {workload.says}")
                for each in running:
                    if each.subject.does_work(workload.name, workload.asked):
                        _measure(self._bench, each, workload, number)

    def _start(self, subject: Subject, stack: ExitStack, population: Population, number: int) -> _Running | None:
        """The subject as it runs in this round, paused; one that stays is started once more, to time its start."""
        staying = self._staying.get(subject.name)
        try:
            if staying:
                with ExitStack() as for_its_start:
                    _started(self._bench, subject, for_its_start, population, number)
                return replace(staying, warm_up=0)
            started = _started(self._bench, subject, self._stay if subject.compiles else stack, population, number)
        except BROKEN as error:
            self._bench.record.miss(f"{subject.name}, round {number + 1}", str(error))
            return None
        if subject.compiles:
            self._staying[subject.name] = started
        return started


def _started(bench: Bench, subject: Subject, stack: ExitStack, population: Population, number: int) -> _Running:
    """Starts a server, notes how long that took, gives it the traces, and pauses it."""
    server = stack.enter_context(bench.serving(subject))
    memory = server.resident_bytes()
    bench.record.add("starts", subject=subject.name, round=number, ready=server.ready_after, memory=memory)
    if subject.keeps:
        bench.seed(server, population)
    limited = open_sandbox(server, _LIMITED, bench.contract.plans[0]) if "ours" in subject.asked else KEY
    judged = _open_judged(bench, server) if "ours" in subject.asked else None
    server.pause()
    return _Running(subject, server, limited, judged, bench.options.warm_up if subject.compiles else 0)


def _open_judged(bench: Bench, server: Server) -> str | None:
    """The key of a sandbox with evaluators; None when an older revision of ours has none."""
    key = open_sandbox(server, _JUDGED, bench.contract.plans[-1])
    try:
        add_evaluators(server, key, JUDGES)
    except LookupError:
        return None
    return key


def _measure(bench: Bench, running: _Running, workload: Workload, number: int) -> None:
    """Both generators, one after the other; a server that does not do the work is said instead."""
    key = running.limited if workload.limited else running.judged if workload.judged else KEY
    if key is None:
        bench.record.miss(f"{running.subject.name}: {workload.says}", "it has no evaluators")
        return
    try:
        running.server.resume()
        try:
            problem = _problem(running.server, workload, key)
            if problem is None:
                _send_by_wrk(bench, running, workload, key, number)
                _send_by_autocannon(bench, running, workload, key, number)
        finally:
            running.server.pause()
    except BROKEN as error:
        problem = str(error)
    if problem is not None:
        bench.record.miss(f"{running.subject.name}: {workload.says}", problem)


def _problem(server: Server, workload: Workload, key: str) -> str | None:
    """Why a server does not do the work: each request is sent once, and its status must be a documented one."""
    serials = fresh_serials()
    for request in dict.fromkeys(workload.requests):
        client = Client(server.url, key if request.keyed else None)
        body = None if request.body is None else request.filled_body(next(serials)).encode()
        try:
            status, told = client.send(request.method, request.path, body)
        finally:
            client.close()
        if status not in workload.statuses:
            return f"{request.method} {request.path} is answered with {status}: {told[:200]!r}"
    return None


def _warm_up(send: Callable[[], Outcome], most: int) -> None:
    """Sends for a second again and again, until one is not much faster than the best before it."""
    best = 0.0
    for number in range(most):
        rate = send().rate
        if number >= _AT_LEAST and rate < best * _FASTER:
            return
        best = max(best, rate)


def _send_by_wrk(bench: Bench, running: _Running, workload: Workload, key: str, number: int) -> None:
    if bench.wrk is None:
        return
    server, options = running.server, bench.options
    connections = options.connections
    send = partial(bench.wrk.run, server.url, key, workload.requests, connections=connections)
    _warm_up(lambda: send(seconds=1), running.warm_up)
    before = server.cpu_seconds()
    seen = send(seconds=options.seconds * workload.longer)
    used = server.cpu_seconds() - before
    if not seen.requests:
        raise LoadError(f"in {options.seconds * workload.longer} s nothing was answered")
    bench.record.add(
        "rounds",
        **_place(running, workload, number),
        rate=seen.rate,
        cpu=1e6 * used / seen.requests,
        requests=seen.requests,
        refused=seen.refused,
        broken=seen.broken,
        p50=seen.latency["50"],
        p99=seen.latency["99"],
    )


def _send_by_autocannon(bench: Bench, running: _Running, workload: Workload, key: str, number: int) -> None:
    """The second generator; it does the work of the first one where that is missing, but for mixed requests."""
    alone = bench.wrk is None
    crosses = workload.name in CROSSED and number % _EVERY == 0
    if bench.autocannon is None or len(workload.requests) > 1 or not (alone or crosses):
        return
    (request,) = workload.requests
    options = bench.options
    send = partial(bench.autocannon.run, running.server.url, key, request, connections=options.connections)
    _warm_up(lambda: send(seconds=1), running.warm_up if alone else 0)
    seen = send(seconds=options.seconds * workload.longer)
    bench.record.add(
        "rounds" if alone else "crossed",
        **_place(running, workload, number),
        rate=seen.rate,
        refused=seen.refused,
        broken=seen.broken,
        p50=seen.latency["50"],
        p99=seen.latency["99"],
    )


def _place(running: _Running, workload: Workload, number: int) -> dict[str, Value]:
    return {"workload": workload.name, "says": workload.says, "subject": running.subject.name, "round": number}
