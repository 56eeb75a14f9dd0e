"""One run of the command: what was asked for on the command line, and what is made of it when it is needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import typer

from ._address import Address, find_address
from ._files import Files
from ._output import Form, Output, is_terminal

if TYPE_CHECKING:
    from ._account import Account
    from ._connection import Connection
    from .generated.procedures import Procedures

_KEY = "twosignal_command.run"


class Run:
    """Made once for each command line; every part of it takes what it needs from here."""

    def __init__(self) -> None:
        self.url: str | None = None
        self._form: Form | None = None

    @classmethod
    def of(cls, context: typer.Context) -> Run:
        """The run that a context belongs to."""
        run: Run = context.meta.setdefault(_KEY, cls())
        return run

    def choose(self, form: Form) -> None:
        """Takes a form; BadParameter when another one was asked for, too."""
        if self._form not in (None, form):
            raise typer.BadParameter(f"{self._form} was asked for, too; give one of them")
        self._form = form

    @property
    def output(self) -> Output:
        """Where results go."""
        return Output(self._form or Form.TABLE)

    @cached_property
    def files(self) -> Files:
        """The files in ~/.twosignal."""
        return Files()

    @cached_property
    def address(self) -> Address:
        """The server that counts."""
        return find_address(self.url, self.files)

    @cached_property
    def connection(self) -> Connection:
        """The way to it."""
        from ._connection import Connection

        return Connection(self.address)

    @cached_property
    def account(self) -> Account:
        """The person who is logged in."""
        from ._account import Account

        return Account(self.connection, self.files)

    @cached_property
    def api(self) -> Procedures:
        """The procedures of the dashboard, in the name of that person."""
        from .generated.procedures import Procedures

        return Procedures(self.account.call)


def confirm(question: str, *, yes: bool) -> None:
    """Goes on when somebody says yes, or said so by -y; BadParameter where nobody can be asked."""
    if yes:
        return
    import sys

    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise typer.BadParameter("nobody is there to be asked; -y does it without a question", param_hint="-y")
    sys.stderr.write(f"{question} [y/N]: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        sys.stderr.write("Nothing was changed\n")
        raise typer.Exit(1)
