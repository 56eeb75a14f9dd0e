"""A state file belongs to one process. The operating system's lock ends with the process, however that ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from twosignal_mock.engine.store._interface import StateError

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Holds `<path>.lock` until `release`. Raises StateError when another process, or another store here, has it."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._descriptor = self._take(path)

    def release(self) -> None:
        """Lets the file go."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def _take(self, path: Path) -> int:
        while True:
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            except OSError as error:
                raise StateError(f"The state file {path} cannot be locked: {error}") from error
            try:
                _lock(descriptor)
            except OSError as error:
                os.close(descriptor)
                raise StateError(
                    f"The state file {path} is in use by another process: "
                    "stop that one, or name another file with --state"
                ) from error
            if self._is_current(descriptor):
                return descriptor
            # Its holder removed it between our open and our lock, so our lock is on a file without a name.
            os.close(descriptor)

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False
