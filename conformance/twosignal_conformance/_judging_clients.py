"""Carries out the commands `client` and `journal`: checks what was asked for, judges, shows and writes the result."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from twosignal_contract import Contract, Level, load_contract

from twosignal_conformance._inputs import InputError
from twosignal_conformance._process import Telling
from twosignal_conformance._writing import check_places, console_of, refuse, termination_as_interruption, write_reports
from twosignal_conformance.apis.rest.clients import CLIENTS
from twosignal_conformance.clients import (
    ClientRun,
    ControlError,
    Mocks,
    Scenario,
    ScenarioError,
    choose,
    clauses_about_clients,
    judge_all,
    judge_command,
    judge_journal,
    register_of,
)
from twosignal_conformance.engine.api_client import AddressError, Secrets, base_address, command_line
from twosignal_conformance.engine.judgement import (
    ExitCode,
    KnownError,
    Report,
    ScenarioRun,
    SelectionError,
    State,
    Subject,
    read_known,
)
from twosignal_conformance.engine.options import KEY_VARIABLE
from twosignal_conformance.engine.reports import ScenarioProgress, announce_client, conclude
from twosignal_conformance.engine.texts import LONGEST

MOCK_VARIABLE = "TWOSIGNAL_BASE_URL"
"""The variable by which clients find the mock; `journal` finds it so, too."""

_SEEDS = 2**32
"""Seeds are below this."""


@dataclass(frozen=True, slots=True)
class ClientOrder:
    """What the command line asks for; `command` is empty for a journal, `api_key` and `mock` are needed by it alone."""

    command: tuple[str, ...]
    mock: str | None
    api_key: str | None
    control_token: str | None
    scenarios: tuple[str, ...]
    only: tuple[str, ...]
    known: Path | None
    fail_on: Level
    contract: Path | None
    seed: int
    every: bool
    """True when the journals of all sandboxes are judged."""
    expected: tuple[str, ...]
    """Names of sandboxes whose tests expect errors."""
    files: Mapping[str, Path]
    """Name of a report to where it is written."""

    @property
    def subject(self) -> Subject:
        """Who is judged."""
        return Subject.CLIENT if self.command else Subject.JOURNAL


class _Seen:
    """Shows what is going on, and remembers it for the report of a run that is interrupted."""

    def __init__(self, console: Console) -> None:
        self.runs: dict[str, ScenarioRun] = {}
        self._shown = ScenarioProgress(console)
        self.planned, self.started, self.close = self._shown.planned, self._shown.started, self._shown.close

    def ended(self, row: ScenarioRun) -> None:
        """See ScenarioProgress."""
        self.runs[row.name] = row
        self._shown.ended(row)


def carry_out(order: ClientOrder) -> int:
    """The exit code; ContractError when the document is no contract."""
    contract = load_contract(order.contract)
    try:
        _check(order)
        check_places(order.files)
        run = _run(order, contract)
        chosen = choose(order.scenarios, run.scenarios)
    except AddressError as error:
        return refuse(InputError(f"--mock: {error}"), ExitCode.USAGE)
    except (InputError, SelectionError, ScenarioError) as error:
        return refuse(error, ExitCode.USAGE)
    except KnownError as error:
        return refuse(error, ExitCode.INVALID_INPUT)
    console = console_of(order.files)
    report = _judge(order, run, chosen, console)
    conclude(console, report)
    return write_reports(order.files, report)


def _check(order: ClientOrder) -> None:
    if order.fail_on is Level.MAY:
        raise InputError("--fail-on may: a `may` is only observed; expected must or should")
    if not 0 <= order.seed < _SEEDS:
        raise InputError(f"--seed {order.seed}: expected 0 to {_SEEDS - 1}")
    if order.subject is Subject.JOURNAL and (order.mock is None or (order.api_key is None and not order.every)):
        raise InputError(
            f"no journal to judge: give --mock, and --api-key or --all, or set {MOCK_VARIABLE} and {KEY_VARIABLE}"
        )
    if order.expected and not order.every:
        raise InputError("--expected names sandboxes: expected --all beside it")


def _run(order: ClientOrder, contract: Contract) -> ClientRun:
    known = read_known(order.known, clauses_about_clients(contract)) if order.known is not None else {}
    run = ClientRun(
        api=CLIENTS,
        contract=contract,
        subject=order.subject,
        target=_command(order, contract) if order.subject is Subject.CLIENT else _address(order, contract) or "",
        seed=order.seed,
        run_id=secrets.token_hex(4),
        fail_on=order.fail_on,
        register=register_of(contract, order.only),
        only=order.only,
        known=known,
        partial=bool(order.scenarios),
    )
    if order.control_token is not None:
        run.secrets.learn(order.control_token)
    if order.api_key is not None:
        run.secrets.learn(order.api_key, "$TWOSIGNAL_API_KEY")
    return run


def _command(order: ClientOrder, contract: Contract) -> str:
    """The command as one types it, without what is named as a secret in it.

    InputError when it cannot be started, AddressError for a mock that is none.
    """
    _address(order, contract)
    if shutil.which(order.command[0]) is None:
        raise InputError(f"COMMAND {order.command[0]}: no such program; expected one that can be started from here")
    # Each word is hidden by itself, before it is quoted: what is left of a command line can be typed again.
    return command_line(map(Secrets(CLIENTS.secret_names).conceal, order.command))


def _address(order: ClientOrder, contract: Contract) -> str | None:
    """The address of the mock, which may have been given with the base path at its end."""
    return None if order.mock is None else base_address(order.mock, [row.path for row in contract.operations.values()])


def _judge(order: ClientOrder, run: ClientRun, chosen: Sequence[Scenario], console: Console) -> Report:
    """The report, whatever happens meanwhile."""
    seen = _Seen(console)
    state, message = State.COMPLETE, ""
    try:
        mocks = Mocks(_address(order, run.contract), order.control_token, order.contract, order.seed)
        with termination_as_interruption(), mocks, Telling(partial(run.register.error, "run"), ControlError):
            if order.subject is Subject.CLIENT:
                announce_client(console, run.target, scenarios=len(chosen), mock=mocks.described)
                judge_command(order.command, chosen, mocks, run, seen)
            else:
                console.print(f"judging the journal of {mocks.described}", markup=False)
                return run.report(
                    judge_all(mocks, order.expected, run)
                    if order.every
                    else judge_journal(mocks, order.api_key or "", run)
                )
    except ControlError as error:
        state, message = State.UNREACHABLE, run.secrets.line(str(error), LONGEST)
    except KeyboardInterrupt:
        state = State.INTERRUPTED
    finally:
        seen.close()
    runs = [seen.runs[row.name] for row in chosen if row.name in seen.runs]
    return run.report(runs, state=state, message=message)
