"""The independent server, or a mutant of it, in a process that is forked from one which knows all its libraries."""

import importlib.abc
import importlib.util
import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from multiprocessing.connection import Connection
from types import ModuleType

from tests.conformance.apis.rest.broken import runs

from . import evaluators, otlp, prompts, query, server, sessions, traces, values

STARTING = 20.0  # seconds
_PACKAGE = "independent_server"
_MODULES = (evaluators, otlp, prompts, query, server, sessions, traces, values)  # imported here, they import the rest

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.conformance.apis.rest.broken.warm", runs.__name__, __name__])


@contextmanager
def serving(sources: Mapping[str, str], plan: str) -> Iterator[str]:
    """The address of the server that these texts of its modules make; empty when it does not start."""
    reader, writer = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_serve, args=(dict(sources), plan, writer), daemon=True)
    process.start()
    writer.close()
    try:
        yield _read_line(reader)
    finally:
        process.kill()
        process.join()
        reader.close()


def _read_line(reader: Connection) -> str:
    """What the server says when it listens; empty when it ends before, or takes too long."""
    try:
        return os.read(reader.fileno(), 100).decode().strip() if reader.poll(STARTING) else ""
    except OSError:
        return ""


class _Sources(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the modules of one package from texts."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = {_PACKAGE: ""} | {
            f"{_PACKAGE}.{file.removesuffix('.py')}": text for file, text in sources.items()
        }

    def find_spec(self, name: str, _path: object = None, _target: ModuleType | None = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name in self._sources else None

    def is_package(self, fullname: str) -> bool:
        return fullname == _PACKAGE

    def get_source(self, fullname: str) -> str:
        return self._sources[fullname]


def _serve(sources: Mapping[str, str], plan: str, writer: Connection) -> None:
    """The child. Its first line goes to the parent; what it says else is about crashes that mutants are made for."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 - it lives as long as the process
    sys.stdout = os.fdopen(os.dup(writer.fileno()), "w")
    sys.meta_path.insert(0, _Sources(sources))
    sys.argv = ["server", "--plan", plan]
    importlib.import_module(f"{_PACKAGE}.server").main()
