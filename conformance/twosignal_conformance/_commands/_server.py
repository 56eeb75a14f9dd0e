"""`twosignal-conformance server`: judges a server, shows the result, and writes the requested reports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from twosignal_contract import Level

from twosignal_conformance._apis import DEFAULT, OPTIONS, UnknownApiError, api_of
from twosignal_conformance._commands._option import (
    HOW,
    WHAT,
    WHO,
    BadgeFile,
    ContractFile,
    FailOn,
    HtmlFile,
    JsonFile,
    JunitFile,
    KnownFile,
    Only,
    SarifFile,
    files_of,
    option,
    with_api_options,
)
from twosignal_conformance.engine.options import variable

_USAGE = 2
"""Exit code of a wrong command line."""

EXIT_CODES = (
    "Exit codes: 0 no violation at the level of --fail-on. 1 a violation, or a known deviation that is out of date. "
    "2 wrong command line. 3 the contract or the file of --known is invalid. 4 the server cannot be reached, is no "
    "such API, or refuses the key. 5 the run could not finish: an error of the suite, --max-time, nothing judged. "
    "130 interrupted. A violation comes before 4 and 5."
)


@with_api_options
def judge_server(
    *,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            envvar=variable("url"),
            help="Address of the server; the base path of the API may stand at its end.",
        ),
    ],
    api: Annotated[
        str, option("api", f"Which API is judged: {', '.join(OPTIONS)}, or one of another package.", WHAT, "NAME")
    ] = DEFAULT,
    api_key: Annotated[
        str | None,
        option("api-key", "API key of the project to judge with: a throwaway one.", WHO, "KEY", "TWOSIGNAL_API_KEY"),
    ] = None,
    other_api_key: Annotated[
        str | None, option("other-api-key", "API key of another project, to see that they are apart.", WHO, "KEY")
    ] = None,
    revoked_api_key: Annotated[
        str | None, option("revoked-api-key", "API key that was revoked, to see that it is refused.", WHO, "KEY")
    ] = None,
    plan: Annotated[
        str | None,
        option("plan", "Plan of the project, which sets its rate. Without it the smallest one.", WHO, "PLAN"),
    ] = None,
    profile: Annotated[
        str, option("profile", "How much is judged: quick, standard or thorough.", WHAT, "PROFILE")
    ] = "standard",
    only: Only = None,
    read_only: Annotated[bool, option("read-only", "Send only what changes nothing.", WHAT)] = False,
    allow_burst: Annotated[
        bool, option("allow-burst", "Also judge rate limits, by bursts of three times the plan's rate.", WHAT)
    ] = False,
    known: KnownFile = None,
    fail_on: FailOn = Level.MUST,
    contract: ContractFile = None,
    seed: Annotated[
        int | None, option("seed", "Number from which all data follows. Without it a random one.", HOW, "N")
    ] = None,
    run_id: Annotated[
        str | None, option("run-id", "Mark in everything that is created. Without it a random one.", HOW, "ID")
    ] = None,
    now: Annotated[
        str | None, option("now", "Instant to take for now instead of the server's Date.", HOW, "ISO")
    ] = None,
    settle: Annotated[
        float, option("settle", "Seconds that the server may take until what was written shows.", HOW, "SECONDS")
    ] = 10.0,
    max_time: Annotated[
        float | None, option("max-time", "Seconds after which the run is cut (exit code 5).", HOW, "SECONDS")
    ] = None,
    ledger: Annotated[
        Path | None,
        option(
            "ledger", "Where to list what is created. Without it ./twosignal-conformance-<run id>.jsonl.", HOW, "FILE"
        ),
    ] = None,
    plan_requests: Annotated[
        bool, option("plan-requests", "Only list what would be sent. What depends on responses is a guess.", HOW)
    ] = False,
    json: JsonFile = None,
    junit: JunitFile = None,
    html: HtmlFile = None,
    sarif: SarifFile = None,
    badge: BadgeFile = None,
    api_options: dict[str, str | None],
) -> None:
    """Judge a server by the contract, clause by clause.

    What a run creates can be deleted by few APIs, so use a throwaway project. How much is sent at most is
    announced before the first request; everything that is created carries the run id and is listed in the run ledger
    before it is sent (see the command `left`).
    """
    from twosignal_conformance._inputs import Inputs
    from twosignal_conformance._judging import Order, carry_out

    inputs = Inputs(
        url=url,
        api_key=api_key,
        other_api_key=other_api_key,
        revoked_api_key=revoked_api_key,
        options=api_options,
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
    try:
        judged = api_of(api)
    except UnknownApiError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(_USAGE) from None
    order = Order(
        api=judged,
        inputs=inputs,
        contract=contract,
        only=tuple(only or ()),
        known=known,
        fail_on=fail_on,
        files=files_of(json=json, junit=junit, html=html, sarif=sarif, badge=badge),
    )
    code = carry_out(order)
    if code:
        raise typer.Exit(code)
