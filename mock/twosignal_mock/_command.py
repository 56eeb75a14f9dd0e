"""The command `twosignal-mock`: begins and ends the process, and turns what its verbs raise into exit codes.

Imports nothing slow: whoever starts a server may end it before it serves.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command, and end the process."""
    if sys.argv[1:2] == ["serve"]:
        signal.signal(signal.SIGTERM, _end_at_once)
    _open_standard_streams()
    from twosignal_contract import ContractError

    from twosignal_mock._command_line import UNUSABLE, CommandError
    from twosignal_mock._verbs import app

    try:
        app(prog_name="twosignal-mock")
    except ContractError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        sys.exit(UNUSABLE)
    except CommandError as error:
        print(f"twosignal-mock: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _open_standard_streams() -> None:
    """Open those that were closed (`>&-`) on nothing: else the next file or socket gets their number and their text."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
            setattr(sys, name, os.fdopen(opened, "w" if number else "r", encoding="utf-8"))


def _end_at_once(_signal: int, _frame: FrameType | None) -> None:
    """A server that was told to end before it served has nothing to finish."""
    os._exit(0)
