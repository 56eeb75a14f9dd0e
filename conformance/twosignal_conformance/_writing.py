"""What all judging commands share: where reports go, how an option is refused, how a run is interrupted."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from twosignal_conformance._inputs import InputError
from twosignal_conformance._process import Telling
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


STANDARD_OUTPUT = Path("-")
"""A report that is named so goes to standard output; what is for people goes to standard error then."""


def console_of(files: Mapping[str, Path]) -> Console:
    """Where a person reads."""
    return Console(highlight=False, emoji=False, soft_wrap=True, stderr=STANDARD_OUTPUT in files.values())


def check_places(files: Mapping[str, Path], ledger: Path | None = None) -> None:
    """Raise InputError for a report that cannot be written, before the run rather than after it."""
    for name, path in files.items():
        if path == STANDARD_OUTPUT:
            continue
        folder = path.parent
        if not folder.is_dir() or path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
            raise InputError(f"--{name} {path}: cannot be written; name a file in a folder that exists")
    places = [path.resolve() for path in files.values()]
    if len(set(places)) < len(places) or (ledger is not None and ledger.resolve() in places):
        raise InputError("two reports, or a report and the ledger, name the same file")


def write_reports(files: Mapping[str, Path], report: Report) -> int:
    """The exit code of the run, or of a report that could not be written after all; a violation comes before it."""
    codes = [_write(name, path, report) for name, path in files.items()]
    return report.exit_code if report.exit_code is ExitCode.VIOLATED else max(codes, default=0) or report.exit_code


def _write(name: str, path: Path, report: Report) -> int:
    with Telling(lambda line: print(f"--{name} {path}: {line}", file=sys.stderr)) as telling:
        try:
            # A server may send half of a pair of surrogates, which UTF-8 does not have.
            content = RENDERERS[name](report).encode("utf-8", "backslashreplace")
            if path == STANDARD_OUTPUT:
                sys.stdout.write(content.decode())
            else:
                path.write_bytes(content)
        except OSError as error:
            return refuse(InputError(f"--{name} {path}: cannot be written ({error.strerror})"), ExitCode.UNFINISHED)
    return ExitCode.UNFINISHED if telling.failed else 0


@contextmanager
def termination_as_interruption() -> Iterator[None]:
    """SIGTERM, and SIGHUP of a terminal that was closed, end a run as Ctrl-C does: with its reports.

    What was told to be ignored, as by nohup, stays so.
    """
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGHUP)}
    for name, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(name, signal.default_int_handler)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def refuse(error: Exception, code: ExitCode) -> int:
    """Print why nothing is judged; the exit code is given back."""
    print(error, file=sys.stderr)
    return code
