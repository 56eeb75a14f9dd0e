"""The workloads, side by side: every round starts servers anew and asks them in turn, workload by workload.

What a busy machine does to one round it does to all servers alike, and the order moves on by one in each round. Who is
not measured is stopped meanwhile. Reads come before writes, so that all of them read the same thousand traces. Peers
whose runtime compiles while it runs keep nothing, so they stay for all rounds: what it has learnt is to their favour.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bench._bench import Bench, open_universe
from bench._filling import Client
from bench._record import Value
from bench.load import SEEDED, LoadError, Population, Workload, fresh_serials, newest_trace, workloads
from bench.servers import KEY, Server, ServerError, Subject

CROSSED = ("health", "list", "post-2")
"""Workloads that the second generator measures as well."""
_LONGER = 2
"""Times: a compiler that looks at what runs wants to have seen some of it."""
_LIMITED = "beyond-the-rate"


@dataclass(frozen=True)
class _Running:
    """A subject in one round."""

    subject: Subject
    server: Server
    limited: str
    """The key whose rate is exceeded; the usual one for those that have no limits."""


def measure(bench: Bench, subjects: Sequence[Subject]) -> None:
    """All rounds of all workloads that are wanted."""
    with ExitStack() as stack:
        lasting: dict[str, _Running] = {}
        for number in range(bench.options.rounds):
            first = number % len(subjects)
            _round(bench, [*subjects[first:], *subjects[:first]], number, lasting, stack)


def _round(
    bench: Bench, subjects: Sequence[Subject], number: int, lasting: dict[str, _Running], for_all: ExitStack
) -> None:
    population = Population(bench.law, newest_trace(), SEEDED)
    wanted = [workload for workload in workloads(population) if bench.options.wants(workload.name)]
    asked = [subject for subject in subjects if any(_is_asked(subject, workload) for workload in wanted)]
    told = f"round {number + 1} of {bench.options.rounds}"
    with ExitStack() as for_this:
        running = []
        for subject in asked:
            bench.say(f"{told}: starts {subject.name}")
            if subject.name in lasting:
                with ExitStack() as for_its_start:
                    _start(bench, subject, for_its_start, population, number)
                running.append(lasting[subject.name])
            elif started := _start(bench, subject, for_all if subject.compiles else for_this, population, number):
                running.append(started)
                if subject.compiles:
                    lasting[subject.name] = started
        for workload in wanted:
            bench.say(f"{told}: {workload.says}")
            for each in running:
                if _is_asked(each.subject, workload):
                    each.server.resume()
                    try:
                        _measure(bench, each, workload, number)
                    finally:
                        each.server.pause()


def _start(bench: Bench, subject: Subject, stack: ExitStack, population: Population, number: int) -> _Running | None:
    """Starts a server, notes how long that took, gives it the traces, and pauses it."""
    try:
        server = stack.enter_context(bench.serving(subject))
    except ServerError as error:
        bench.record.about["missing"][subject.name] = str(error)
        return None
    memory = server.resident_bytes()
    bench.record.add("starts", subject=subject.name, round=number, ready=server.ready_after, memory=memory)
    if subject.keeps:
        bench.seed(server, population)
    limited = open_universe(server, _LIMITED, bench.law.plans[0]) if "ours" in subject.asked else KEY
    server.pause()
    return _Running(subject, server, limited)


def _is_asked(subject: Subject, workload: Workload) -> bool:
    return workload.asked in subject.asked and (not subject.only or workload.name in subject.only)


def _measure(bench: Bench, running: _Running, workload: Workload, number: int) -> None:
    """Both generators, one after the other; a server that does not do the work is said instead."""
    key = running.limited if workload.limited else KEY
    problem = _problem(running.server, workload, key)
    if problem is None:
        try:
            _send_by_wrk(bench, running, workload, key, number)
            _send_by_autocannon(bench, running, workload, key, number)
        except LoadError as error:
            problem = str(error)
    if problem is not None:
        bench.record.about["missing"][f"{running.subject.name}: {workload.says}"] = problem


def _problem(server: Server, workload: Workload, key: str) -> str | None:
    """Why a server does not do the work: each request is sent once, and its status must be a documented one."""
    serials = fresh_serials()
    for request in dict.fromkeys(workload.requests):
        client = Client(server.url, key if request.keyed else None)
        body = None if request.body is None else request.filled_body(next(serials)).encode()
        try:
            status, told = client.send(request.method, request.path, body)
        except OSError as error:
            return f"{request.method} {request.path} is not answered: {error}"
        finally:
            client.close()
        if status not in workload.statuses:
            return f"{request.method} {request.path} is answered with {status}: {told[:200]!r}"
    return None


def _send_by_wrk(bench: Bench, running: _Running, workload: Workload, key: str, number: int) -> None:
    if bench.wrk is None:
        return
    server, options = running.server, bench.options
    connections = options.connections
    warm_up = options.warm_up * (_LONGER if running.subject.compiles else 1)
    bench.wrk.run(server.url, key, workload.requests, seconds=warm_up, connections=connections)
    before = server.cpu_seconds()
    seen = bench.wrk.run(server.url, key, workload.requests, seconds=options.seconds, connections=connections)
    used = server.cpu_seconds() - before
    bench.record.add(
        "rounds",
        **_place(running, workload, number),
        rate=seen.rate,
        cpu=1e6 * used / max(1, seen.requests),
        requests=seen.requests,
        refused=seen.refused,
        broken=seen.broken,
        p50=seen.latency["50"],
        p99=seen.latency["99"],
    )


def _send_by_autocannon(bench: Bench, running: _Running, workload: Workload, key: str, number: int) -> None:
    """The second generator; it does the work of the first one where that is missing, but for mixed requests."""
    alone = bench.wrk is None
    if bench.autocannon is None or len(workload.requests) > 1 or not (alone or workload.name in CROSSED):
        return
    (request,) = workload.requests
    options = bench.options
    if alone:
        bench.autocannon.run(running.server.url, key, request, seconds=options.warm_up, connections=options.connections)
    seen = bench.autocannon.run(
        running.server.url, key, request, seconds=options.seconds, connections=options.connections
    )
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
