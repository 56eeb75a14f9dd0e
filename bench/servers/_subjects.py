"""Who is measured: ours twice, the peers, and the limit. A new one is a row of the table."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from bench._contract import BenchContract
from bench._paths import CONTRACT, NODE_PACKAGES, PEERS, PYTHON_PACKAGES, ROOT
from bench.load import LIST_SIZE
from bench.servers._canned import write_mockoon, write_specmatic, write_wiremock

DURABLE = "ours"
MEMORY = "ours, in memory"
OURS = (DURABLE, MEMORY)
KEY = "ts_local_development"
"""The key that everyone is sent; the mock's default, and the one that the fake by hand knows."""

Command = tuple[Sequence[str], Mapping[str, str]]
"""A command line, and what it needs in the environment."""


class Missing(Exception):  # noqa: N818 - no error: the bench says so and goes on
    """A peer cannot be had here; the text says why."""


@dataclass(frozen=True)
class Start:
    """What a server is started with."""

    contract: BenchContract
    document: Path
    """The contract's copy to serve."""
    folder: Path
    """Its own, empty."""
    port: int


@dataclass(frozen=True)
class Subject:
    """A server to measure."""

    name: str
    does: str
    version: str
    command: Callable[[Start], Command]
    asked: frozenset[str]
    """Kinds of workloads that it is asked."""
    keeps: bool
    """Whether it keeps what it is sent, and so needs the traces that lists are measured on."""
    only: frozenset[str] = field(default_factory=frozenset)
    """Names of workloads, when it can do no others."""
    compiles: bool = False
    """Whether its runtime compiles while it runs, so that it is warmed up before."""

    def does_work(self, workload: str, kind: str) -> bool:
        """Whether it is asked a workload of this name and this kind."""
        return kind in self.asked and (not self.only or workload in self.only)


def subjects(miss: Callable[[str, str], None]) -> Sequence[Subject]:
    """All that can be had here; `miss` is told of the others, and why."""
    found = []
    for row in _ROWS:
        try:
            found.append(row())
        except Missing as reason:
            miss(row.__name__.strip("_").replace("_", " "), str(reason))
    return found


def ours_at(root: Path, name: str, *, durable: bool, options: Sequence[str] = ()) -> Subject:
    """The mock whose sources lie below a folder."""

    def command(start: Start) -> Command:
        _, plan = start.contract.plans
        line = [sys.executable, "-m", "twosignal_mock", "serve", "--port", str(start.port), "--api-key", KEY]
        line += ["--contract", str(start.document), "--plan", plan, *options]
        if durable:
            line += ["--state", str(start.folder / "state.db")]
        return line, {"PYTHONPATH": str(root / "mock")}

    does = "validates, limits, journal; state " + ("in a file, full sync" if durable else "in memory")
    everything = frozenset({"everyone", "readers", "ours"})
    return Subject(name, does, metadata.version("twosignal-contract"), command, everything, keeps=True)


def _ours() -> Subject:
    return ours_at(ROOT, DURABLE, durable=True)


def _ours_in_memory() -> Subject:
    return ours_at(ROOT, MEMORY, durable=False)


def _prism() -> Subject:
    program = _node_program("prism")

    def command(start: Start) -> Command:
        line = [program, "mock", "--host", "127.0.0.1", "--port", str(start.port), "--verboseLevel", "silent"]
        return [*line, str(start.document)], {}

    return Subject(
        "Prism",
        "validates, stateless; answers from examples",
        _node_version("@stoplight/prism-cli"),
        command,
        frozenset({"everyone", "readers"}),
        keeps=False,
        compiles=True,
    )


def _fastapi_by_hand() -> Subject:
    if not (PYTHON_PACKAGES / ".installed").exists():
        raise Missing("FastAPI is not installed")

    def command(start: Start) -> Command:
        line = [sys.executable, "-m", "uvicorn", "fastapi_fake:app", "--port", str(start.port), "--no-access-log"]
        return line, {"PYTHONPATH": os.pathsep.join((str(PEERS), str(PYTHON_PACKAGES)))}

    (found,) = metadata.distributions(name="fastapi", path=[str(PYTHON_PACKAGES)])
    return Subject(
        "FastAPI by hand",
        "validates, a dict in memory",
        found.version,
        command,
        frozenset({"everyone", "readers"}),
        keeps=True,
    )


def _bare_uvicorn() -> Subject:
    def command(start: Start) -> Command:
        line = [sys.executable, "-m", "uvicorn", "bare:app", "--port", str(start.port), "--no-access-log"]
        state = {"BARE_CONTRACT": str(CONTRACT), "BARE_STATE": str(start.folder / "state.db")}
        return line, state | {"PYTHONPATH": str(PEERS)}

    return Subject(
        "bare uvicorn",
        "decodes, validates, inserts in SQLite (WAL, full sync, group commit); nothing else",
        metadata.version("uvicorn"),
        command,
        frozenset({"everyone"}),
        keeps=False,
        only=frozenset({"health", "post-2", "post-100"}),
    )


def _wiremock() -> Subject:
    java, jar = _java(), _jar("wiremock", "build/wiremock-standalone-*.jar")

    def command(start: Start) -> Command:
        root = write_wiremock(start.contract, start.folder, LIST_SIZE)
        line = [java, "-jar", str(jar), "--bind-address", "127.0.0.1", "--port", str(start.port), "--disable-banner"]
        return [*line, "--no-request-journal", "--root-dir", str(root)], {}

    return Subject(
        "WireMock",
        "canned, no journal",
        _node_version("wiremock"),
        command,
        frozenset({"everyone"}),
        keeps=False,
        compiles=True,
    )


def _specmatic() -> Subject:
    java, jar = _java(), _jar("specmatic", "specmatic.jar")

    def command(start: Start) -> Command:
        examples = write_specmatic(start.contract, start.folder / "examples", LIST_SIZE)
        line = [java, "-jar", str(jar), "stub", "--host", "127.0.0.1", "--port", str(start.port), "--noConsoleLog"]
        return [*line, "--hot-reload", "disabled", "--data", str(examples), str(start.document)], {}

    return Subject(
        "Specmatic",
        "validates, stateless; a canned list",
        _node_version("specmatic"),
        command,
        frozenset({"everyone"}),
        keeps=False,
        compiles=True,
    )


def _mockoon() -> Subject:
    program = _node_program("mockoon-cli")

    def command(start: Start) -> Command:
        data = write_mockoon(start.contract, start.folder, LIST_SIZE)
        line = [program, "start", "--data", str(data), "--hostname", "127.0.0.1", "--port", str(start.port)]
        return [*line, "--disable-log-to-file", "--disable-admin-api", "--max-transaction-logs", "1"], {}

    return Subject(
        "Mockoon", "canned", _node_version("@mockoon/cli"), command, frozenset({"everyone"}), keeps=False, compiles=True
    )


_ROWS = (_ours, _ours_in_memory, _prism, _fastapi_by_hand, _wiremock, _specmatic, _mockoon, _bare_uvicorn)


def _node_program(name: str) -> str:
    program = NODE_PACKAGES / "node_modules" / ".bin" / name
    if shutil.which("node") is None:
        raise Missing("Node is not installed")
    if not program.exists():
        raise Missing(f"npm did not install {name}")
    return str(program)


def _node_version(package: str) -> str:
    described = NODE_PACKAGES / "node_modules" / package / "package.json"
    if not described.exists():
        raise Missing(f"npm did not install {package}")
    return str(json.loads(described.read_text("utf-8"))["version"])


def _jar(package: str, pattern: str) -> Path:
    found = sorted((NODE_PACKAGES / "node_modules" / package).glob(pattern))
    if not found:
        raise Missing(f"npm did not install the jar of {package}")
    return found[-1]


def _java() -> str:
    if (java := shutil.which("java")) is None:
        raise Missing("Java is not installed")
    return java
