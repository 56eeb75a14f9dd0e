"""Standard output in the form that was asked for, and standard error for what is no result.

Rows may come page by page and are written as they come. A reader who goes away ends the command without a word.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from ._errors import CommandError
from ._records import Record
from ._text import safe, to_json

if TYPE_CHECKING:
    from ._tables import Column

_ROWS_AT_ONCE = 100
"""Rows of a table that are laid out together, when they come page by page."""


class Form(StrEnum):
    """What a result may look like."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


class ReaderGone(Exception):  # noqa: N818 - no error: `head` has seen enough
    """Nobody reads our standard output any more."""


class Output:
    """Where results go."""

    def __init__(self, form: Form) -> None:
        self.form = form

    @property
    def is_table(self) -> bool:
        """Whether a person reads it."""
        return self.form is Form.TABLE

    def rows(self, records: Iterable[Record], columns: Sequence[Column], name: str, *, live: bool = False) -> None:
        """Things of one kind; `columns` are those of a table, `name` is what the things are called.

        Those that come `live` are shown one by one, and no array is begun that nobody would end.
        """
        waiting = iter(records)
        first = next(waiting, None)
        if first is None:
            self._nothing(name)
            return
        records = chain([first], waiting)
        if self.form is Form.TABLE:
            self._table(records, columns, 1 if live else _ROWS_AT_ONCE)
        elif self.form is Form.JSON and not live:
            self._json(records)
        else:
            lines = self._csv(records) if self.form is Form.CSV else (f"{self._dumped(row)}\n" for row in records)
            for line in lines:
                write(line)
                if live:
                    flush()

    def one(self, record: Record, text: str) -> None:
        """One thing; `text` is what a person reads of it."""
        if self.form is Form.TABLE:
            write(text if text.endswith("\n") else f"{text}\n")
        elif self.form is Form.JSON:
            write(f"{self._dumped(record, 2)}\n")
        else:
            self.rows([record], (), "")

    def value(self, value: Any) -> None:
        """Any JSON, for people too."""
        rows = value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else None
        if self.form in (Form.CSV, Form.JSONL) and rows:
            self.rows(rows, (), "")
        else:
            write(f"{self._dumped(value, 2 if self.form in (Form.TABLE, Form.JSON) else None)}\n")

    def _nothing(self, name: str) -> None:
        if self.form is Form.JSON:
            write("[]\n")
        elif self.form is Form.TABLE:
            note(f"No {name}")

    def _json(self, records: Iterator[Record]) -> None:
        before = "[\n"
        for record in records:
            lines = self._dumped(record, 2).splitlines()
            write(before + "\n".join(f"  {line}" for line in lines))
            before = ",\n"
        write("\n]\n")

    def _csv(self, records: Iterator[Record]) -> Iterator[str]:
        names: list[str] = []
        for record in records:
            line = io.StringIO()
            writer = csv.writer(line, lineterminator="\n")
            if not names:
                names = list(record)
                writer.writerow(map(safe, names))
            writer.writerow("" if record.get(name) is None else safe(record[name]) for name in names)
            yield line.getvalue()

    def _table(self, records: Iterator[Record], columns: Sequence[Column], at_once: int) -> None:
        from ._tables import Table

        table = Table(columns)
        while part := list(islice(records, at_once)):
            write(table.part(part))
            flush()

    def _dumped(self, value: Any, indent: int | None = None) -> str:
        encoding = (sys.stdout.encoding or "").lower()
        return to_json(value, indent=indent, ascii_only=not encoding.startswith("utf"))


def counted(pages: Iterable[list[Record]], name: str) -> Iterator[list[Record]]:
    """The same pages. A line on the terminal counts what has come, unless the rows themselves show it there."""
    shown, count = is_terminal(sys.stderr) and not is_terminal(sys.stdout), 0
    for page in pages:
        yield page
        count += len(page)
        if shown:
            _status(f"\r{count:,} {name} ...")
    if shown:
        _status("\r\x1b[K")


def write(text: str) -> None:
    """Writes to standard output."""
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise _unwritable(error) from None


def flush() -> None:
    """Sends what was written; after a failure nothing is left that Python would try to send at its end."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _discard()
        raise ReaderGone from None
    except OSError as error:
        _discard()
        raise _unwritable(error) from None


def note(text: str) -> None:
    """A line for people on standard error; what cannot be written is lost."""
    _status(f"{text}\n")


def _status(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def is_terminal(stream: Any) -> bool:
    """Whether a person is there."""
    return stream is not None and not stream.closed and bool(stream.isatty())


def prepare() -> None:
    """Makes the streams of this process fit for any text; one that is closed from the start drops all."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(number, "r" if name == "stdin" else "w", encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _discard() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unwritable(error: OSError) -> CommandError:
    cause = f"Cannot write to standard output: {error.strerror or error}"
    return CommandError("Output error", cause, "See that there is room where the output goes")
