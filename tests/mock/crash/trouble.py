"""Ways in which a disk refuses to write under a running server, and comes back. Each is real; some need root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

_BLOCK = 4096
_TMPFS = "size=16m"

Strike = Callable[[int, Path], AbstractContextManager[None]]
"""From a server's process and its state file to a stretch of time in which writing fails."""


@contextmanager
def own_disk(folder: Path) -> Iterator[Path]:
    """A small disk of its own, mounted on `folder`; skips where this process may not mount."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", _TMPFS, "tmpfs", folder], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("a disk of its own needs root and mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def same_disk(folder: Path) -> Iterator[Path]:
    """The folder as it is."""
    yield folder


@contextmanager
def full(_process: int, state: Path) -> Iterator[None]:
    """The disk has no room for one more block."""
    ballast = state.with_name("ballast")
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * _BLOCK)
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def no_longer_file(process: int, state: Path) -> Iterator[None]:
    """No file of the process may grow beyond the log as it is, as with a quota (EFBIG: Python ignores SIGXFSZ)."""
    if sys.platform != "linux":
        pytest.skip("limits of another process can be set on Linux only")
    import resource

    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (Path(f"{state}-wal").stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


@contextmanager
def no_longer_writable(_process: int, state: Path) -> Iterator[None]:
    """Nobody may write the files, not even who has them open: what a file system does that turned read-only."""
    if os.geteuid() != 0:
        pytest.skip("to lock out who has a file open already needs root")
    with read_only(state, Path(f"{state}-wal")):
        yield


@contextmanager
def read_only(*files: Path) -> Iterator[None]:
    """Files that may not be written. Their mode does not stop root; the mark `immutable` of a file system does."""
    if os.geteuid() != 0:
        for file in files:
            file.chmod(0o444)
        yield
        return
    if shutil.which("chattr") is None:
        pytest.skip("no chattr here")
    try:
        if mark("+i", files) != 0:
            pytest.skip("this file system knows no such mark")
        yield
    finally:
        mark("-i", files)


def mark(change: str, files: Sequence[Path]) -> int:
    """Exit code of chattr."""
    return subprocess.run(["chattr", change, *files], capture_output=True, check=False).returncode
