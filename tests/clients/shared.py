"""What takes long is done once in a run of the tests, whatever worker asks for it first."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")


def shared(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[], T]) -> T:
    """What `make` gives, made by one worker of this run: groups of xdist alone do not keep tests on one worker."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with (folder / name).open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if file.read(1):
            file.seek(0)
            return pickle.load(file)  # type: ignore[no-any-return]  # noqa: S301 - another worker of this run wrote it
        made = make()
        pickle.dump(made, file)
        return made
