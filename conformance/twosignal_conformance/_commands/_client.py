"""`twosignal-conformance client`: judges a client by what it does with the mock; conformance/CLIENT.md is its page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from twosignal_contract import Level

from twosignal_conformance._commands._option import (
    HOW,
    WHAT,
    WHO,
    BadgeFile,
    ContractFile,
    ControlToken,
    FailOn,
    HtmlFile,
    JsonFile,
    JunitFile,
    KnownFile,
    Only,
    SarifFile,
    files_of,
    option,
)

CLIENT_EXIT_CODES = (
    "Exit codes: 0 no violation at the level of --fail-on. 1 a violation, or a known deviation that is out of date. "
    "2 wrong command line. 3 the contract or the file of --known is invalid. 4 the mock cannot be started or reached. "
    "5 the run could not finish: COMMAND failed or was out of time in a scenario, an error of the suite, nothing "
    "judged. 130 interrupted. A violation comes before 4 and 5."
)


def judge_client(
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND...", help="Program that does one scenario with the client; write -- before it."
        ),
    ] = None,
    mock: Annotated[
        str | None, option("mock", "Address of a mock that runs. Without it one is started.", WHO, "URL")
    ] = None,
    control_token: ControlToken = None,
    scenario: Annotated[
        list[str] | None,
        option("scenario", "Only this scenario, or those that begin so; may be repeated.", WHAT, "NAME-OR-PREFIX"),
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List the scenarios and judge nothing.", rich_help_panel=WHAT)
    ] = False,
    only: Only = None,
    known: KnownFile = None,
    fail_on: FailOn = Level.MUST,
    contract: ContractFile = None,
    seed: Annotated[int, option("seed", "Number from which the data of the mock follows.", HOW, "N")] = 0,
    json: JsonFile = None,
    junit: JunitFile = None,
    html: HtmlFile = None,
    sarif: SarifFile = None,
    badge: BadgeFile = None,
) -> None:
    """Judge a client by what it does with a documented, difficult server.

    COMMAND is started once for each scenario, several at once, with TWOSIGNAL_BASE_URL, TWOSIGNAL_API_KEY,
    TWOSIGNAL_EMAIL and TWOSIGNAL_PASSWORD and the scenario as JSON on standard input. It ends with 0 (done), 64 (not
    supported) or another exit code (failed).
    """
    if list_:
        _list(contract)
        return
    if not command:
        raise typer.BadParameter("no COMMAND: write -- and the program that does a scenario", param_hint="COMMAND")
    from twosignal_conformance._judging_clients import ClientOrder, carry_out

    order = ClientOrder(
        command=tuple(command),
        mock=mock,
        api_key=None,
        control_token=control_token,
        scenarios=tuple(scenario or ()),
        only=tuple(only or ()),
        known=known,
        fail_on=fail_on,
        contract=contract,
        seed=seed,
        every=False,
        expected=(),
        files=files_of(json=json, junit=junit, html=html, sarif=sarif, badge=badge),
    )
    code = carry_out(order)
    if code:
        raise typer.Exit(code)


def _list(contract: Path | None) -> None:
    """A table on a terminal, elsewhere lines of fields with tabs between them: name, kind, why."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from twosignal_contract import load_contract

    from twosignal_conformance.apis.rest.clients import CLIENTS
    from twosignal_conformance.clients import read_scenarios

    scenarios = read_scenarios(CLIENTS.scenarios, CLIENTS.values, load_contract(contract))
    rows = [(row.name, row.kind, row.why) for row in scenarios.values()]
    if not sys.stdout.isatty():
        sys.stdout.writelines("\t".join(row) + "\n" for row in rows)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("scenario", "kind", "what it shows"):
        table.add_column(name, no_wrap=name != "what it shows")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False).print(table)
