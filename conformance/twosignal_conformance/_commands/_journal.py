"""`twosignal-conformance journal`: judges what a client already did with a mock, such as the tests of an SDK."""

from __future__ import annotations

from typing import Annotated

import typer
from twosignal_contract import Level

from twosignal_conformance._commands._option import (
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


def judge_journal(
    mock: Annotated[
        str | None, option("mock", "Address of the mock that the client used.", WHO, "URL", "TWOSIGNAL_BASE_URL")
    ] = None,
    api_key: Annotated[
        str | None, option("api-key", "API key that the client used.", WHO, "KEY", "TWOSIGNAL_API_KEY")
    ] = None,
    every: Annotated[
        bool, option("all", "All sandboxes of the mock together, dropped ones too: one for each test, say.", WHO)
    ] = False,
    expected: Annotated[
        list[str] | None,
        option(
            "expected",
            "Sandbox of a test that expects errors, or how some begin; may be repeated. Needs --all.",
            WHAT,
            "NAME",
        ),
    ] = None,
    control_token: ControlToken = None,
    only: Only = None,
    known: KnownFile = None,
    fail_on: FailOn = Level.MUST,
    contract: ContractFile = None,
    json: JsonFile = None,
    junit: JunitFile = None,
    html: HtmlFile = None,
    sarif: SarifFile = None,
    badge: BadgeFile = None,
) -> None:
    """Judge what a client did with a mock: every request, and every retry.

    Point the tests of an SDK at the mock (`twosignal-mock env` prints what to export) and run this when they are over.
    Clauses that they gave no occasion to judge are untested.
    """
    from twosignal_conformance._judging_clients import ClientOrder, carry_out

    order = ClientOrder(
        command=(),
        mock=mock,
        api_key=api_key,
        control_token=control_token,
        scenarios=(),
        only=tuple(only or ()),
        known=known,
        fail_on=fail_on,
        contract=contract,
        seed=0,
        every=every,
        expected=tuple(expected or ()),
        files=files_of(json=json, junit=junit, html=html, sarif=sarif, badge=badge),
    )
    code = carry_out(order)
    if code:
        raise typer.Exit(code)
