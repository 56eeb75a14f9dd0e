"""The stores in which lists are measured: for each size a project for each share of failed traces, all in one file.

The mock itself writes them, and they stay under build/ until the sources that decide what is in them change. They may
be filled while something else is measured that they do not disturb: on the generator's core, by a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

from bench._bench import Bench, open_sandbox
from bench._contract import BenchContract
from bench._filling import fill
from bench._paths import BUILD, ROOT
from bench.figures._queries import SHARES
from bench.load import Population, Share, newest_trace
from bench.servers import Subject

_DECIDE = ("mock/twosignal_mock/engine/store", "mock/twosignal_mock/apis/rest/traces", "bench/load", "openapi.yaml")
"""Sources on which a state file depends."""
_FILLED = "filled.json"
_POLITE = ("nice", "-n", "10")


class Stores:
    """The stores of all sizes that a run asks for."""

    def __init__(self, bench: Bench, subject: Subject) -> None:
        self._bench, self._subject = bench, subject
        self.folder = _folder(bench.options.sizes)
        """Where their state file is."""

    @property
    def are_filled(self) -> bool:
        """Whether there is nothing left to do."""
        return (self.folder / _FILLED).exists()

    def populations(self, size: int) -> Mapping[Share, Population]:
        """What is in the projects of one size."""
        newest = datetime.fromisoformat(self._note()["newest"])
        return {share: _population(self._bench.contract, newest, size, share) for share in SHARES}

    def key(self, size: int, share: Share) -> str:
        """The key of one project."""
        return str(self._note()["keys"][f"{size} {share}"])

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Fills what is not filled while the caller does something else, and waits for its end.

        What goes wrong is said and leaves `are_filled` false, for it is not the caller's.
        """
        if self.are_filled:
            yield
            return
        shutil.rmtree(self.folder, ignore_errors=True)  # what an interrupted run left
        before = (*self._bench.pins.generator, *_POLITE)
        with self._bench.serving(self._subject, before=before, folder=self.folder) as server:
            newest, plan = newest_trace(), self._bench.contract.plans[1]
            keys = {
                f"{size} {share}": open_sandbox(server, f"{size}-{share}", plan)
                for size, share in product(self._bench.options.sizes, SHARES)
            }
            sizes = self._bench.options.sizes
            self._bench.say(f"in the background, fills {len(SHARES)} projects each with {sizes} traces")
            process = multiprocessing.get_context("spawn").Process(
                target=_fill, args=(self._bench.contract, sizes, server.url, newest, keys), daemon=True
            )
            process.start()
            try:
                yield
                process.join()
            finally:
                process.terminate()
            if process.exitcode == 0:
                note = {"newest": newest.isoformat(), "keys": keys}
                (self.folder / _FILLED).write_text(json.dumps(note), "utf-8")

    def _note(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / _FILLED).read_text("utf-8")))


def _fill(contract: BenchContract, sizes: Sequence[int], url: str, newest: datetime, keys: Mapping[str, str]) -> None:
    """Fills all projects, in a process of its own; what goes wrong ends it with its traceback on the terminal."""
    os.nice(int(_POLITE[-1]))
    for size, share in product(sizes, SHARES):
        batches = _population(contract, newest, size, share).batches()
        fill(url, keys[f"{size} {share}"], contract.operations["ingestTraces"], batches)


def _population(contract: BenchContract, newest: datetime, size: int, share: Share) -> Population:
    return Population(contract, newest, size, share, spans=False)


def _folder(sizes: Sequence[int]) -> Path:
    """Where these stores are kept; what other sources have made goes, it may be some gigabytes."""
    digest = hashlib.sha256()
    for part in _DECIDE:
        here = ROOT / part
        for file in sorted(here.rglob("*.py")) if here.is_dir() else [here]:
            digest.update(file.read_bytes())
    made_by = digest.hexdigest()[:16]
    kept = BUILD / "sizes"
    for other in kept.glob("*"):
        if not other.name.startswith(made_by):
            shutil.rmtree(other)
    return kept / f"{made_by}-{sizes[-1]}"
