"""The file by which a server says where it serves, to whoever started it.

It is there only while the server serves: an older one is removed before anything else is done, and the new one appears
at once and whole. So who sees the file may use what it says, and a server that did not start leaves none behind.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from twosignal_mock._command_line import CommandError, variable

_OPTION = "--ready-file"


class ReadyFileError(CommandError):
    """The path is none where a file can be written; the text is one line for people."""

    def __init__(self, path: Path, reason: str | None) -> None:
        super().__init__(f"{_OPTION} (or {variable(_OPTION)}): got {str(path)!r}, expected a file to write ({reason})")


class ReadyFile:
    """The ready file of one server: `clear` at the start, `write` once it serves, `remove` at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def clear(self) -> None:
        """Remove what an older server left; raises ReadyFileError for what is no file, such as a folder or a device."""
        try:
            if self.path.exists() and not self.path.is_file():
                raise ReadyFileError(self.path, "something else is there")
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise ReadyFileError(self.path, error.strerror) from None

    def write(self, record: dict[str, object]) -> None:
        """Put the record into the file at once: who sees the file sees all of it. Raises ReadyFileError."""
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            beside.write_text(json.dumps(record) + "\n", encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise ReadyFileError(self.path, error.strerror) from None

    def read(self) -> dict[str, Any] | None:
        """The record of the server that serves now; None when there is none, or when the file is of somebody else."""
        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        is_ours = isinstance(record, dict) and {"url", "api_key", "pid"} <= record.keys()
        return record if is_ours else None

    def remove(self) -> None:
        """Remove the file, unless another server has written it since."""
        record = self.read()
        if record is not None and record["pid"] == os.getpid():
            with suppress(OSError):
                self.path.unlink()
