"""`twosignal-conformance server`: judges a server, tells how it went, and writes the reports that were asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from twosignal_conformance.contract import Level

EXIT_CODES = (
    "Exit codes: 0 no violation at the level of --fail-on. 1 a violation, or a known deviation that is out of date. "
    "2 wrong command line. 3 the contract or the file of --known is invalid. 4 the server cannot be reached, is no "
    "such API, or refuses the key. 5 the run could not finish: an error of the suite, --max-time, nothing judged. "
    "130 interrupted. A violation comes before 4 and 5."
)


def _option(name: str, text: str, panel: str, metavar: str | None = None, *more: str) -> Any:
    """An option that is also a variable of the environment."""
    variables = [f"TWOSIGNAL_CONFORMANCE_{name.upper().replace('-', '_')}", *more]
    return typer.Option(f"--{name}", envvar=variables, help=text, metavar=metavar, rich_help_panel=panel)


_WHO, _WHAT, _HOW, _OUT = "Who is judged", "What is judged", "How", "Reports"


def judge_server(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            envvar="TWOSIGNAL_CONFORMANCE_URL",
            help="Address of the server; one that ends in /api/v1 means the same.",
        ),
    ],
    api_key: Annotated[
        str | None,
        _option("api-key", "API key of the project to judge with: a throwaway one.", _WHO, "KEY", "TWOSIGNAL_API_KEY"),
    ] = None,
    other_api_key: Annotated[
        str | None, _option("other-api-key", "API key of another project, to see that they are apart.", _WHO, "KEY")
    ] = None,
    revoked_api_key: Annotated[
        str | None, _option("revoked-api-key", "API key that was revoked, to see that it is refused.", _WHO, "KEY")
    ] = None,
    user: Annotated[str | None, _option("user", "Somebody who can sign in.", _WHO, "EMAIL:PASSWORD")] = None,
    plan: Annotated[
        str | None,
        _option("plan", "Plan of the project, which sets its rate. Without it the smallest one.", _WHO, "PLAN"),
    ] = None,
    profile: Annotated[
        str, _option("profile", "How much is judged: quick, standard or thorough.", _WHAT, "PROFILE")
    ] = "standard",
    only: Annotated[
        list[str] | None,
        _option("only", "Only this clause, or those that begin so; may be repeated.", _WHAT, "ID-OR-PREFIX"),
    ] = None,
    read_only: Annotated[bool, _option("read-only", "Send only what changes nothing.", _WHAT)] = False,
    allow_burst: Annotated[
        bool, _option("allow-burst", "Also judge rate limits, by bursts of three times the plan's rate.", _WHAT)
    ] = False,
    known: Annotated[
        Path | None,
        _option(
            "known", "Known deviations, one a line: clause id, reason, optionally until YYYY-MM-DD.", _WHAT, "FILE"
        ),
    ] = None,
    fail_on: Annotated[
        Level, _option("fail-on", "Weakest level that makes the run fail: must or should.", _WHAT)
    ] = Level.MUST,
    contract: Annotated[
        Path | None, _option("contract", "Judge by this document instead of the one in the package.", _WHAT, "FILE")
    ] = None,
    seed: Annotated[
        int | None, _option("seed", "Number from which all data follows. Without it a random one.", _HOW, "N")
    ] = None,
    run_id: Annotated[
        str | None, _option("run-id", "Mark in everything that is created. Without it a random one.", _HOW, "ID")
    ] = None,
    now: Annotated[
        str | None, _option("now", "Instant to take for now instead of the server's Date.", _HOW, "ISO")
    ] = None,
    settle: Annotated[
        float, _option("settle", "Seconds that the server may take until what was written shows.", _HOW, "SECONDS")
    ] = 10.0,
    max_time: Annotated[
        float | None, _option("max-time", "Seconds after which the run is cut (exit code 5).", _HOW, "SECONDS")
    ] = None,
    ledger: Annotated[
        Path | None,
        _option(
            "ledger", "Where to list what is created. Without it ./twosignal-conformance-<run id>.jsonl.", _HOW, "FILE"
        ),
    ] = None,
    plan_requests: Annotated[
        bool, _option("plan-requests", "Only list what would be sent. What depends on answers is a guess.", _HOW)
    ] = False,
    json: Annotated[Path | None, _option("json", "Write the report as JSON.", _OUT, "FILE")] = None,
    junit: Annotated[Path | None, _option("junit", "Write the report as JUnit XML.", _OUT, "FILE")] = None,
    html: Annotated[Path | None, _option("html", "Write the report as one page.", _OUT, "FILE")] = None,
    sarif: Annotated[Path | None, _option("sarif", "Write violations as SARIF 2.1.0.", _OUT, "FILE")] = None,
    badge: Annotated[Path | None, _option("badge", "Write a badge for shields.io.", _OUT, "FILE")] = None,
) -> None:
    """Judge a server by the contract, clause by clause.

    What a run creates cannot be deleted over this API, so use a throwaway project. How much is sent at most is
    announced before the first request; everything that is created carries the run id and is listed in the run ledger
    before it is sent (see the command `left`).
    """
    from twosignal_conformance._inputs import Inputs
    from twosignal_conformance._judging import Order, carry_out

    files = {"json": json, "junit": junit, "html": html, "sarif": sarif, "badge": badge}
    inputs = Inputs(
        url=url,
        api_key=api_key,
        other_api_key=other_api_key,
        revoked_api_key=revoked_api_key,
        user=user,
        plan=plan,
        profile=profile,
        seed=seed,
        run_id=run_id,
        now=now,
        settle=settle,
        max_time=max_time,
        read_only=read_only,
        allow_burst=allow_burst,
        dry=plan_requests,
        ledger=ledger,
    )
    order = Order(
        inputs=inputs,
        contract=contract,
        only=tuple(only or ()),
        known=known,
        fail_on=fail_on,
        files={name: path for name, path in files.items() if path is not None},
    )
    code = carry_out(order)
    sys.stdout.flush()
    if code:
        raise typer.Exit(code)
