"""The access log: one line for each request, on standard output, never at the cost of a request.

Lines are gathered and handed to a thread that writes them, so that neither a slow terminal nor a pipe that nobody reads
delays a response: beyond a bound lines are dropped, and a line says how many.
"""

from __future__ import annotations

import asyncio
import json
import queue
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, TextIO

from twosignal_mock.engine.sandbox import Redaction, key_end

_GATHER_SECONDS = 0.05
_LONGEST_REASON = 200
"""Characters of a reason on a line of text."""
_MOST_WAITING = 64
"""Hand-overs that may wait to be written: some seconds of a busy server."""
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode that end lines, move cursors, turn the direction of text, or show nothing."""


class LogFormat(StrEnum):
    """How a line is written."""

    TEXT = "text"
    JSON = "json"


class AccessRecord(NamedTuple):
    """One request in the log. Never its headers or body, and of its key only the end: they may hold secrets."""

    method: str
    path: str
    status: int | None
    """None: the connection was cut."""
    milliseconds: float
    clause: str = ""
    fault: str = ""
    at: float = 0.0
    """Seconds since 1970 when it ended, by the machine's clock."""
    query: bytes = b""
    """As it was sent; its secrets are hidden when the line is written."""
    key: str | None = None
    """The API key, known or not. None: there was none."""
    reason: str = ""
    """Why it got an error, as its client was told."""


class AccessLog:
    """Writes records to a stream; `close` writes what is left."""

    def __init__(self, form: LogFormat = LogFormat.TEXT, stream: TextIO | None = None) -> None:
        self._write: Callable[[AccessRecord, Redaction], str] = _FORMS[form]
        self.redaction = Redaction()
        """Hides what is secret in queries; the server sets one that knows its keys."""
        self._stream = sys.stdout if stream is None else stream
        """None in a process that was started without a standard output."""
        self._gathered: list[AccessRecord] = []
        self._timer: asyncio.TimerHandle | None = None
        self._dropped = 0
        self._queue: queue.Queue[list[AccessRecord] | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._work, name="access-log", daemon=True)
        self._thread.start()

    def add(self, record: AccessRecord) -> None:
        """One more line; on the thread of an event loop."""
        self._gathered.append(record)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._hand_over)

    def close(self) -> None:
        """Write what is left; waits at most half a second for a reader that does not read."""
        self._hand_over()
        try:
            self._queue.put(None, timeout=0.1)
        except queue.Full:
            return
        self._thread.join(0.5)

    def _hand_over(self) -> None:
        self._timer = None
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        try:
            self._queue.put_nowait(gathered)
        except queue.Full:
            self._dropped += len(gathered)

    def _work(self) -> None:
        while (records := self._queue.get()) is not None:
            lines = [self._write(record, self.redaction) for record in records]
            if self._dropped:
                lines.append(f"({self._dropped} lines were dropped: nobody read them fast enough)")
                self._dropped = 0
            try:
                _write(self._stream, "\n".join(lines) + "\n")
            except (BrokenPipeError, ValueError):
                return  # the reader has gone, or the stream is closed: the server goes on without a log
            except OSError:
                continue  # the disk is full, say: what the stream holds goes out with the next lines, once they can


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    # What a terminal's encoding does not have is escaped too: one such line must not end the log.
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _text(record: AccessRecord, redaction: Redaction) -> str:
    method, path, status, milliseconds, clause, fault, at, query, key, reason = record
    asked, more = _asked(method, path, query, status, redaction), _more(key, fault, clause, reason)
    return f"{_stamp(int(at * 1000))} {asked} {milliseconds:.1f}ms{more}"


@lru_cache(256)
def _asked(method: str, path: str, query: bytes, status: int | None, redaction: Redaction) -> str:
    """What was asked for, and the status: a busy client asks for the same again and again."""
    asked = f"?{redaction.query(query.decode('latin-1'))}" if query else ""
    return escape(f"{method} {path}{asked} {'cut' if status is None else status}")


@lru_cache(256)
def _more(key: str | None, fault: str, clause: str, reason: str) -> str:
    more = "" if key is None else f" key={key_end(key)}"
    if fault:
        more += f" fault={fault}"
    if clause:
        more += f" clause={clause}"
    if reason:
        more += f' "{reason if len(reason) <= _LONGEST_REASON else reason[: _LONGEST_REASON - 1] + "…"}"'
    return escape(more)


def _json(record: AccessRecord, redaction: Redaction) -> str:
    members = {
        "time": _time(record.at),
        "method": record.method,
        "path": record.path,
        "query": _query(record.query, redaction) or None,
        "status": record.status,
        "ms": round(record.milliseconds, 1),
        "key": None if record.key is None else key_end(record.key),
        "clause": record.clause or None,
        "fault": record.fault or None,
        "reason": record.reason or None,
    }
    return json.dumps(members)


@lru_cache(256)
def _query(query: bytes, redaction: Redaction) -> str:
    return redaction.query(query.decode("latin-1")) if query else ""


def _time(at: float) -> str:
    return _stamp(int(at * 1000))


@lru_cache(64)
def _stamp(thousandths: int) -> str:
    """A busy server has many lines in each thousandth of a second."""
    second, rest = divmod(thousandths, 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{rest:03d}Z"


_FORMS: dict[LogFormat, Callable[[AccessRecord, Redaction], str]] = {LogFormat.TEXT: _text, LogFormat.JSON: _json}


def escape(text: str) -> str:
    r"""The text on one line: what nobody sees as \x1b, so that a path can neither forge a line nor move a cursor."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(each) if unicodedata.category(each) in _UNSHOWN else each for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
