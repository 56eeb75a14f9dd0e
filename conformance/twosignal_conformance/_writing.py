"""What all judging commands share: where reports go, how an option is refused, how a run is interrupted."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, TextIO, cast

from twosignal_conformance._inputs import InputError
from twosignal_conformance.engine.judgement import ExitCode, Report
from twosignal_conformance.engine.reports import render_badge, render_html, render_json, render_junit, render_sarif

RENDERERS: dict[str, Callable[[Report], str]] = {
    "badge": render_badge,
    "html": render_html,
    "json": render_json,
    "junit": render_junit,
    "sarif": render_sarif,
}
"""Option of a report to what makes it."""


def check_places(files: Mapping[str, Path], ledger: Path | None = None) -> None:
    """Raise InputError for a report that cannot be written, before the run rather than after it."""
    for name, path in files.items():
        folder = path.parent
        if not folder.is_dir() or path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
            raise InputError(f"--{name} {path}: cannot be written; name a file in a folder that exists")
    places = [path.resolve() for path in files.values()]
    if len(set(places)) < len(places) or (ledger is not None and ledger.resolve() in places):
        raise InputError("two reports, or a report and the ledger, name the same file")


def write_reports(files: Mapping[str, Path], report: Report) -> int:
    """0, or the exit code when a report could not be written after all."""
    for name, path in files.items():
        try:
            path.write_text(RENDERERS[name](report), encoding="utf-8")
        except OSError as error:
            return refuse(InputError(f"--{name} {path}: cannot be written ({error.strerror})"), ExitCode.UNFINISHED)
    return 0


@contextmanager
def termination_as_interruption() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: with its reports."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Output:
    """Standard output that stops silently when it can no longer be written, so that the run goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """See TextIO."""
        self._sturdy(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """See TextIO."""
        self._sturdy(self._stream.flush)

    def _sturdy(self, do: Callable[[], object]) -> None:
        try:
            do()
        except OSError as error:
            # Also what is left in its buffer goes there, which the interpreter flushes at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if not isinstance(error, BrokenPipeError):
                print(f"standard output cannot be written ({error.strerror}); the run goes on", file=sys.stderr)


@contextmanager
def sturdy_output() -> Iterator[None]:
    """While the block runs, a reader who went away (`| head -1`) or a full disk ends the output and not the run."""
    output = _Output(sys.stdout)
    with redirect_stdout(cast("TextIO", output)):
        yield
        output.flush()


def refuse(error: Exception, code: ExitCode) -> int:
    """Print why nothing is judged; the exit code is given back."""
    print(error, file=sys.stderr)
    return code
