"""What all parts of a run share: the contract, the pins, the generators, the options, and how a server is started."""

from __future__ import annotations

import http.client
import itertools
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from bench._contract import BenchContract
from bench._filling import Client, FillError, fill
from bench._record import Record
from bench.load import Autocannon, LoadError, Population, Wrk
from bench.servers import KEY, Pinning, Server, ServerError, Start, Subject, free_port


@dataclass(frozen=True)
class Options:
    """How long and how much."""

    rounds: int
    seconds: float
    """Of one measurement; wrk knows whole ones only."""
    warm_up: int
    """Seconds at most before each workload of the first round, where a runtime compiles while it runs."""
    connections: int
    sizes: tuple[int, ...]
    """Traces in a store, from few to many."""
    steady: float
    """Seconds of steady load under which memory is watched."""
    profiles: tuple[str, ...]
    """Of the conformance suite."""
    only: tuple[str, ...] = ()
    """Names of workloads and parts; empty: all."""

    def wants(self, name: str) -> bool:
        """Whether a workload or a part is to be run; `list*` stands for `list` and `list-name`."""
        return not self.only or any(fnmatchcase(name, each) for each in self.only)


FULL = Options(
    rounds=4,
    seconds=1,
    warm_up=8,
    connections=64,
    sizes=(1_000, 100_000, 1_000_000),
    steady=600,
    profiles=("quick", "standard", "thorough"),
)
"""Many short rounds rather than few long ones: it is the time between them that shakes figures."""
QUICK = Options(rounds=2, seconds=1, warm_up=2, connections=64, sizes=(1_000, 100_000), steady=20, profiles=("quick",))


@dataclass
class Bench:
    """One run."""

    contract: BenchContract
    document: Path
    """The contract's copy that is served."""
    folder: Path
    """For everything that servers and generators write; emptied before."""
    pins: Pinning
    options: Options
    record: Record
    say: Callable[[str], None]
    wrk: Wrk | None
    autocannon: Autocannon | None
    _starts: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def serving(
        self, subject: Subject, *, before: Sequence[str] | None = None, folder: Path | None = None
    ) -> Iterator[Server]:
        """The subject as it serves, in a folder of its own that goes with it, or in one that stays.

        `before` goes before its command in place of what pins it to the server's core.
        """
        own = folder or self.folder / f"{next(self._starts)}-{subject.name.replace(' ', '-').replace(',', '')}"
        own.mkdir(parents=True, exist_ok=True)
        port = free_port()
        command, environment = subject.command(Start(self.contract, self.document, own, port))
        line = [*(self.pins.server if before is None else before), *command]
        health = self.contract.operations["getHealth"].path
        try:
            with Server(line, port, health, log=own / "output.log", environment=environment, folder=own) as server:
                yield server
        finally:
            if folder is None:
                shutil.rmtree(own, ignore_errors=True)

    def seed(self, server: Server, population: Population, key: str = KEY) -> None:
        """Puts a population into a server."""
        fill(server.url, key, self.contract.operations["ingestTraces"], population.batches())


def open_sandbox(server: Server, name: str, plan: str) -> str:
    """The key of a new sandbox of a mock of ours."""
    client = Client(server.url, None)
    try:
        document = json.loads(client.expect(200, "GET", f"{CONTROL}/openapi.json"))
        place = next(path for path in _SANDBOXES if path in document["paths"])
        told = client.expect(201, "POST", place, json.dumps({"name": name, "plan": plan}).encode())
        return str(json.loads(told)["api_key"])
    finally:
        client.close()


def add_evaluators(server: Server, key: str, count: int) -> None:
    """Has so many evaluators judge what the sandbox of a key takes in; raises LookupError for a mock that has none."""
    client = Client(server.url, key)
    try:
        state = json.loads(client.expect(200, "GET", f"{CONTROL}/state"))
        state["apis"]["rest"]["records"]["evaluators"] += [
            {"id": f"e{number}", "name": f"e{number}", "type": "CONTAINS", "config": {"value": ["refund", "answer"]}}
            | {"enabled": True, "created": 0, "updated": 0}
            for number in range(count)
        ]
        client.expect(204, "PUT", f"{CONTROL}/state", json.dumps(state).encode())
    finally:
        client.close()


CONTROL = "/__mock/v1"
"""Where the mock's control API is; it is no part of the contract."""
_SANDBOXES = (f"{CONTROL}/sandboxes", f"{CONTROL}/universes")
"""Where a sandbox is made; revisions of ours before December 2026, which are compared with, have the second."""
BROKEN = (
    FillError, LoadError, ServerError, OSError, http.client.HTTPException, subprocess.SubprocessError, LookupError,
    ValueError,
)  # fmt: skip
"""What a server, a generator or an answer that is not as it should be raises: it costs a figure, and not the run."""
