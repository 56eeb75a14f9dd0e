"""Which core serves and which one sends."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pinning:
    """Commands that go before a program; all empty where there is nothing to pin to."""

    server: Sequence[str]
    generator: Sequence[str]
    free: Sequence[str]
    """For what may use both cores."""
    says: str

    def stay(self) -> None:
        """Keeps this process, too, away from the server's core."""
        if self.generator:
            os.sched_setaffinity(0, {int(self.generator[-1])})


def pinning() -> Pinning:
    """The server on the first core that this process may use, the generator on the second one."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    taskset = shutil.which("taskset")
    if len(cores) < 2 or taskset is None:
        missing = "taskset (util-linux)" if taskset is None else "a second core"
        return Pinning(
            (), (), (), f"nothing is pinned: {missing} is missing, so the generator takes time from the server"
        )
    first, second = (str(core) for core in cores[:2])
    return Pinning(
        (taskset, "-c", first),
        (taskset, "-c", second),
        (taskset, "-c", f"{first},{second}"),
        f"server on core {first}, generator on core {second}",
    )
