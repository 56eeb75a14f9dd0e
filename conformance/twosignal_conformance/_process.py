"""The command as a process: standard streams that cannot end it, a width that makes sense, an end for each error.

Nothing that goes wrong may end the command with the exit code that says "violation", as Python's own does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, Self, TextIO, cast

from twosignal_conformance.engine.texts import LONGEST, one_line

_STANDARD = 2
"""The last descriptor of the three standard streams."""


@contextmanager
def sturdy_process() -> Iterator[None]:
    """While the block runs, a reader who went away (`| head -1`) or a full disk ends the output and not the run."""
    _hold_descriptors()
    _drop_odd_sizes()
    output = _Output(sys.stdout)
    with redirect_stdout(cast("TextIO", output)):
        try:
            yield
        finally:
            output.flush()


class Telling:
    """A block whose error, of whatever kind, is told in one line and ends nothing. Interruptions go through."""

    def __init__(self, tell: Callable[[str], object], *expected: type[Exception]) -> None:
        self._tell, self._expected = tell, expected
        self.failed = False
        """True when there was one. Those `expected` go through as well."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception) or isinstance(error, self._expected):
            return False
        self.failed = True
        text = one_line(" ".join(str(error).split()), LONGEST)
        self._tell(f"error of the suite: {type(error).__name__}{f': {text}' if text else ''}")
        return True


def _hold_descriptors() -> None:
    """A file must not get the descriptor of a standard stream that was closed: what is printed would go into it."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STANDARD:
        pass
    os.close(descriptor)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # As long as the process.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def _drop_odd_sizes() -> None:
    """A terminal of no columns is none that text can be wrapped for."""
    for name in ("COLUMNS", "LINES"):
        text = os.environ.get(name)
        if text is not None and not (text.isascii() and text.isdigit() and int(text)):
            del os.environ[name]


class _Output:
    """Standard output that stops silently when it can no longer be written, so that the run goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """See TextIO. What the encoding of the terminal does not have is written as escapes."""
        encoding = self._stream.encoding or "utf-8"
        known = text.encode(encoding, "backslashreplace").decode(encoding)
        self._sturdy(lambda: self._stream.write(known))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """See TextIO."""
        self.write("".join(lines))

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
