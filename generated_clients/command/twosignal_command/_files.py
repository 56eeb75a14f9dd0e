"""The two files of the command in ~/.twosignal, which the published terminal interface reads and writes as well.

Each is written whole, for its owner alone, and replaced in one step, so that nobody ever reads half of one. A session
is renewed under a lock: a refresh token works once.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from ._errors import CommandError

_LONGEST_WAIT = 150.0
"""Seconds for the lock; longer than any renewal of a session takes."""
_STEP = 0.05
"""Seconds between two looks at the lock."""


@dataclass(frozen=True)
class Session:
    """What session.json holds. The first six are those of the published programs, which ignore the last one."""

    access_token: str
    refresh_token: str
    expires_at: int
    """Unix time."""
    user_id: str
    user_email: str
    project_ref: str = ""
    api_url: str = ""
    """Where it was opened; empty when the terminal interface opened it, which does not say."""

    @classmethod
    def read(cls, value: Any) -> Session:
        """A session from JSON; ValueError when it is none, or holds what no header can."""
        if not isinstance(value, Mapping):
            raise ValueError("it is no object")
        kinds = {
            "access_token": str,
            "refresh_token": str,
            "expires_at": int | float,
            "user_id": str,
            "user_email": str,
        }
        for name, kind in kinds.items():
            if not isinstance(value.get(name), kind):
                raise ValueError(f"{name} is missing or no {'number' if name == 'expires_at' else 'text'}")
        if not math.isfinite(value["expires_at"]):
            raise ValueError("expires_at is no time")
        texts: dict[str, Any] = {name: str(value.get(name) or "") for name in ("project_ref", "api_url")}
        sent = (value["access_token"], value["refresh_token"], texts["project_ref"])
        if not all(text.isascii() and text.isprintable() and ";" not in text for text in sent):
            raise ValueError("a token holds what cannot be sent")
        known: dict[str, Any] = {name: value[name] for name in kinds} | {"expires_at": int(value["expires_at"])}
        return cls(**known, **texts)


class Files:
    """The folder ~/.twosignal. Whatever cannot be done there is a CommandError that says where and why."""

    def __init__(self) -> None:
        try:
            self.folder = Path.home() / ".twosignal"
        except RuntimeError:
            cause = "This user has no home folder, so there is no place for ~/.twosignal"
            raise CommandError("No home folder", cause, "Set HOME to a folder of yours") from None
        self.configuration = self.folder / "config.json"
        self.session = self.folder / "session.json"

    def read_configuration(self) -> dict[str, Any]:
        """What config.json holds; empty when there is none."""
        try:
            value = self._read(self.configuration)
            if value is not None and not isinstance(value, dict):
                raise ValueError("it is no object")
        except ValueError as error:
            fix = f"Mend {self.configuration}, or run `twosignal login --url URL`, which writes it"
            raise CommandError("Broken configuration", f"{self.configuration}: {error}", fix) from None
        return value or {}

    def write_configuration(self, value: Mapping[str, Any]) -> None:
        """Writes config.json."""
        self._write(self.configuration, value)

    def read_session(self) -> Session | None:
        """The session; None when there is none."""
        try:
            value = self._read(self.session)
            return None if value is None else Session.read(value)
        except ValueError as error:
            cause = f"{self.session} is broken: {error}"
            raise CommandError("Not logged in", cause, "Run `twosignal login`, which writes it anew") from None

    def has_session(self) -> bool:
        """Whether there is a session file, whatever is in it."""
        try:
            return self.session.exists()
        except OSError as error:
            raise _cannot("read", self.session, error) from None

    def write_session(self, session: Session) -> None:
        """Writes session.json."""
        self._write(self.session, asdict(session))

    def delete_session(self) -> None:
        """Deletes session.json, if there is one."""
        try:
            self.session.unlink(missing_ok=True)
        except OSError as error:
            raise _cannot("delete", self.session, error) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other commands from changing the session meanwhile."""
        self._make_folder()
        path = self.folder / "session.lock"
        try:
            # Of an own mode: who may open it may hold up the others.
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        except OSError as error:
            raise _cannot("write", path, error) from None
        with file:
            end = time.monotonic() + _LONGEST_WAIT
            while not _lock(file):
                if time.monotonic() > end:
                    fix = f"Look for a command that hangs; {path} is what it holds"
                    raise CommandError("Session in use", "Another command has not finished to renew the session", fix)
                time.sleep(_STEP)
            yield

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise _cannot("make", self.folder, error) from None

    def _read(self, path: Path) -> Any:
        """JSON of a file; None when there is no file; ValueError when it is something else."""
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
        except OSError as error:
            raise _cannot("read", path, error) from None

    def _write(self, path: Path, value: Mapping[str, Any]) -> None:
        self._make_folder()
        # A link stays a link: what it leads to is replaced.
        target = Path(os.path.realpath(path))
        name = None
        try:
            number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")  # readable by its owner only
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(value, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except OSError as error:
            if name is not None:
                with suppress(OSError):
                    Path(name).unlink()
            raise _cannot("write", path, error) from None


def _cannot(verb: str, path: Path, error: OSError) -> CommandError:
    cause = f"Cannot {verb} {path}: {error.strerror or error}"
    fix = "See that the folder is there, is yours and has room; HOME says where it is"
    return CommandError("File error", cause, fix)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> bool:
        """Locks a file until it is closed; False when somebody else has it."""
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[str]) -> bool:
        """Locks a file until it is closed; False when somebody else has it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
