"""What can stand between a check and its verdict without being anybody's fault: the clauses concerned stay untested."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twosignal_conformance.engine.api_client._exchange import Exchange


class CheckSkipped(Exception):  # noqa: N818 - not an error: nobody did anything wrong
    """Ends a check. Its other clauses are untested, with the reason and what would make them testable."""

    def __init__(self, reason: str, remedy: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class Unanswered(CheckSkipped):
    """A request that met a time-out, a refused or a cut connection; a check may catch it and judge by it."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(f"no response to {exchange.method} {exchange.path}: {exchange.problem}")
        self.exchange = exchange


class MissingOption(CheckSkipped):
    """Something that this run was not given, named by the option that gives it, such as `--other-api-key`."""

    def __init__(self, option: str) -> None:
        super().__init__(f"{option} was not given", f"give {option}")
        self.option = option


class ReadOnly(CheckSkipped):
    """A request that changes something, kept back by --read-only."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"{method} {path} was not sent, the run is read-only", "run without --read-only")


class StillLimited(CheckSkipped):
    """The server kept answering 429 although every wait that it asked for was kept."""

    def __init__(self, exchange: Exchange, attempts: int) -> None:
        super().__init__(f"{exchange.method} {exchange.path} was refused with 429 {attempts} times in a row")
        self.exchange = exchange


class Unavailable(CheckSkipped):
    """A gateway, or a server that is busy, answered instead of the API, however often the request was sent."""

    def __init__(self, exchange: Exchange, attempts: int) -> None:
        times = "" if attempts == 1 else f", {attempts} times in a row"
        super().__init__(f"{exchange.method} {exchange.path} was answered with {exchange.status}{times}")
        self.exchange = exchange


class TimeIsUp(CheckSkipped):
    """The run has used the seconds of --max-time."""

    def __init__(self) -> None:
        super().__init__("--max-time cut the run", "give a larger --max-time")


class Gone(CheckSkipped):
    """The server stopped answering; asking it again for every check would take hours."""


class BudgetError(Exception):
    """The suite was about to send more than it had announced: its own fault, so no CheckSkipped."""
