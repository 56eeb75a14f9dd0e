"""Carries out one order of the command `server`: checks it, runs pytest on the checks, tells and writes the result."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console
from twosignal_contract import About, Contract, Level, load_contract

from twosignal_conformance import _plugin
from twosignal_conformance._extra import left_out
from twosignal_conformance._inputs import InputError, Inputs, settings_of
from twosignal_conformance._planning import print_plan
from twosignal_conformance._writing import check_places, refuse, termination_as_interruption, write_reports
from twosignal_conformance.apis.rest.checks.creations import creations_of
from twosignal_conformance.apis.rest.wording import WORDING
from twosignal_conformance.engine.api_client import AddressError, LedgerError, UnreachableError
from twosignal_conformance.engine.judgement import (
    LAYERS,
    ExitCode,
    KnownError,
    Run,
    SelectionError,
    make_run,
    read_known,
    report_of_server,
)
from twosignal_conformance.engine.reports import CheckProgress, announce, conclude

_SUITE = Path(__file__).parent

_PYTEST = (
    # Nothing of the user's pytest may change a verdict: no file, no plugin, no variable (see `_own_pytest`).
    f"--config-file={os.devnull}",
    f"--rootdir={_SUITE}",
    "--noconftest",
    "--disable-plugin-autoload",
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=no",
    "--continue-on-collection-errors",
    *(f"-pno:{name}" for name in ("cacheprovider", "faulthandler", "junitxml", "logging", "terminal", "warnings")),
)


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for."""

    inputs: Inputs
    contract: Path | None
    only: tuple[str, ...]
    known: Path | None
    fail_on: Level
    files: Mapping[str, Path]
    """Name in RENDERERS to where it is written."""


def carry_out(order: Order) -> int:
    """The exit code; ContractError for a document by which nothing can be judged."""
    contract = load_contract(order.contract)
    began = time.monotonic()
    try:
        run = _run(order, contract)
        check_places(order.files, run.client.settings.ledger)
    except AddressError as error:
        return refuse(InputError(f"URL: {error}"), ExitCode.USAGE)
    except (InputError, SelectionError) as error:
        return refuse(error, ExitCode.USAGE)
    except KnownError as error:
        return refuse(error, ExitCode.INVALID_INPUT)
    if order.inputs.dry:
        _run_pytest(run)
        print_plan(run.client)
        return ExitCode.UNFINISHED if run.register.errors and not run.client.planned else ExitCode.CONFORMS
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    try:
        message = _judge(run, console)
    except LedgerError as error:
        return refuse(error, ExitCode.USAGE)
    if problem := run.client.ledger.problem:
        run.register.error("run ledger", problem)
    report = report_of_server(run, began, WORDING, message)
    conclude(console, report)
    return write_reports(order.files, report) or report.exit_code


def _run(order: Order, contract: Contract) -> Run:
    if order.fail_on is Level.MAY:
        raise InputError("--fail-on may: a `may` is only observed; expected must or should")
    servers = {clause.id: clause for clause in contract.clauses.values() if clause.about is About.SERVER}
    known = read_known(order.known, servers) if order.known is not None else {}
    settings = settings_of(order.inputs, contract)
    return make_run(settings, contract, creations_of, only=order.only, known=known, fail_on=order.fail_on)


def _judge(run: Run, console: Console) -> str:
    """Why the server could not be reached; empty when it was judged."""
    progress = CheckProgress(console)
    run.progress.append(progress)
    announce(console, run)
    for line in left_out(run.client.settings):
        console.print(line, style="yellow", markup=False)
    try:
        with termination_as_interruption():
            run.open()
            _run_pytest(run)
    except UnreachableError as error:
        return str(error)
    except KeyboardInterrupt:
        run.interrupted = True
    finally:
        progress.close()
        run.client.close()
    return ""


def _run_pytest(run: Run) -> None:
    """Run the checks of every layer in this process."""
    folders = [str(_SUITE / layer) for layer in LAYERS if any((_SUITE / layer).glob("test_*.py"))]
    with _own_pytest():
        code = pytest.main([*_PYTEST, *folders], plugins=[_plugin, _plugin.RunCarrier(run)])
    if code == pytest.ExitCode.INTERRUPTED:
        run.interrupted = True
    elif code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        run.register.error("pytest", f"ended with {code!r}")


@contextmanager
def _own_pytest() -> Iterator[None]:
    """Without the variables by which a user changes pytest."""
    saved = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(saved)
