"""Carries out the command `server`: checks the options, runs pytest on the checks, shows and writes the result."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

import pytest
from rich.console import Console
from twosignal_contract import About, Contract, Level

from twosignal_conformance import _plugin
from twosignal_conformance._inputs import InputError, Inputs, contract_of, settings_of
from twosignal_conformance._process import Telling
from twosignal_conformance._writing import check_places, console_of, refuse, termination_as_interruption, write_reports
from twosignal_conformance.engine.api import Api
from twosignal_conformance.engine.api_client import (
    AddressError,
    ApiClient,
    LedgerError,
    RepeatedRunError,
    UnreachableError,
)
from twosignal_conformance.engine.extras import left_out
from twosignal_conformance.engine.judgement import (
    ExitCode,
    KnownError,
    Run,
    SelectionError,
    clauses_about,
    make_run,
    read_known,
    report_of_server,
)
from twosignal_conformance.engine.reports import CheckProgress, announce, conclude

_SUITE = Path(__file__).parent

_EXPECTED = (LedgerError, RepeatedRunError, UnreachableError)
"""Errors that are told in their own words."""

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

    api: Api
    inputs: Inputs
    contract: Path | None
    only: tuple[str, ...]
    known: Path | None
    fail_on: Level
    files: Mapping[str, Path]
    """Name in RENDERERS to where it is written."""


def carry_out(order: Order) -> int:
    """The exit code; ContractError when the document is no contract."""
    api = order.api
    try:
        contract = contract_of(api, order.contract)
    except InputError as error:
        return refuse(error, ExitCode.USAGE)
    began = time.monotonic()
    try:
        run = _run(order, api, contract)
        check_places(order.files, run.client.settings.ledger)
    except AddressError as error:
        return refuse(InputError(f"URL: {error}"), ExitCode.USAGE)
    except (InputError, SelectionError) as error:
        return refuse(error, ExitCode.USAGE)
    except KnownError as error:
        return refuse(error, ExitCode.INVALID_INPUT)
    if order.inputs.dry:
        _run_pytest(api, run)
        _print_plan(run.client)
        return ExitCode.UNFINISHED if run.register.errors and not run.client.planned else ExitCode.CONFORMS
    console = console_of(order.files)
    try:
        message = _judge(api, run, console)
    except (LedgerError, RepeatedRunError) as error:
        return refuse(error, ExitCode.USAGE)
    if problem := run.client.ledger.problem:
        run.register.error("run ledger", problem)
    report = report_of_server(run, began, api.wording, message)
    conclude(console, report)
    return write_reports(order.files, report)


def _run(order: Order, api: Api, contract: Contract) -> Run:
    if order.fail_on is Level.MAY:
        raise InputError("--fail-on may: a `may` is only observed; expected must or should")
    known = read_known(order.known, clauses_about(contract, About.SERVER)) if order.known is not None else {}
    settings = settings_of(order.inputs, api, contract)
    return make_run(settings, contract, api.access, only=order.only, known=known, fail_on=order.fail_on)


def _judge(api: Api, run: Run, console: Console) -> str:
    """Why the server could not be reached; empty when it was judged."""
    progress = CheckProgress(console)
    run.progress.append(progress)
    announce(console, run)
    for line in left_out(run.client.settings):
        console.print(line, style="yellow", markup=False)
    try:
        with termination_as_interruption(), Telling(partial(run.register.error, "run"), *_EXPECTED):
            run.open()
            _run_pytest(api, run)
    except UnreachableError as error:
        return str(error)
    except KeyboardInterrupt:
        run.interrupted = True
    finally:
        progress.close()
        run.client.close()
    return ""


def _run_pytest(api: Api, run: Run) -> None:
    """Run the checks of every layer in this process."""
    folders = map(str, api.layers)
    with _own_pytest():
        code = pytest.main([*_PYTEST, *folders], plugins=[_plugin, _plugin.RunCarrier(api, run)])
    if code == pytest.ExitCode.INTERRUPTED:
        run.interrupted = True
    elif code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        run.register.error("pytest", f"ended with {code!r}")


@contextmanager
def _own_pytest() -> Iterator[None]:
    """The environment without the variables that configure pytest."""
    saved = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(saved)


def _print_plan(client: ApiClient) -> None:
    """A line for each kind of request of a check, with how often and how many bytes of bodies; then the totals."""
    settings = client.settings
    for check, requests in groupby(client.planned, key=lambda row: row.purpose):
        rows = list(requests)
        print(check)
        counts = Counter((row.method, row.path) for row in rows)
        for (method, path), count in counts.items():
            size = sum(row.bytes for row in rows if (row.method, row.path) == (method, path))
            print(f"  {count:>5} {method:7} {path}" + (f"  {size:,} bytes" if size else ""))
    spent = client.budget.spent
    print(f"\nprofile {settings.profile}, seed {settings.seed}, run {settings.run_id}: {spent}, if every response is a")
    print("success as documented. Polls, pages and waits depend on the server. At most would be sent:")
    print(f"{client.budget.most}")
    print("Nothing was sent.")
    sys.stdout.flush()
