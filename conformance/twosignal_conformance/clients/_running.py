"""Runs scenarios side by side, each in a sandbox of its own, and has what came of them said in their order."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from twosignal_contract import Contract

from twosignal_conformance.clients._case import Case
from twosignal_conformance.clients._chains import Link
from twosignal_conformance.clients._citing import EVERY_REQUEST, citations
from twosignal_conformance.clients._control import UNKEYED, Control, ControlError
from twosignal_conformance.clients._mock import Mocks
from twosignal_conformance.clients._playing import Session, Watching, count, not_run, play, read_links
from twosignal_conformance.clients._program import Programs
from twosignal_conformance.clients._ruling import rule
from twosignal_conformance.clients._scenario import Scenario
from twosignal_conformance.engine.api_client import Budget, Secrets
from twosignal_conformance.engine.judgement import Judge, Register, Verdict

AT_ONCE = 8
"""Scenarios that run at the same time: most of them wait most of the time."""

UNKEYED_CHECK = "scenario::without-a-key"
"""Who speaks of requests that belong to no scenario."""
_UNKEYED_CLAUSES = ("client.auth.bearer", "client.request.known-endpoint", "client.auth.key-not-in-url")


def judge_command(
    command: Sequence[str],
    chosen: Sequence[Scenario],
    mocks: Mocks,
    law: Contract,
    register: Register,
    secrets: Secrets,
    sent: Budget,
    progress: Watching,
) -> None:
    """Give the command all these scenarios, and have each judged.

    What the client sent is counted in `sent`. ControlError: no mock could be had.
    """
    # On a mock of our own a sandbox has the scenario's name, from which its ids follow, the same in each run.
    salt = "" if mocks.own else f"-{uuid.uuid4().hex[:8]}"
    session = Session(Programs(command), mocks, law, register, secrets, sent, progress, salt)
    for clause, checks in citations().items():
        for check in checks:
            register.cite(check, (clause,))
    # A mock that does not start, or obeys another contract, is told once, before anything runs.
    mocks.require(law)
    progress.planned(len(chosen))
    # What takes longest begins first, so that a run ends with short ones.
    order = sorted(chosen, key=lambda row: -_longest(row, law))
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for scenario, done in [(row, pool.submit(_run_one, session, row)) for row in order]:
            _tell_slip(register, scenario.check, done.exception())
    finally:
        session.programs.stop()
        pool.shutdown(wait=True, cancel_futures=True)
        with ThreadPoolExecutor(1) as teller:
            for scenario in chosen:
                ruling = session.rulings.get(scenario.name, _nothing)
                _tell_slip(register, scenario.check, teller.submit(ruling).exception())
        _leave_out(chosen, register, secrets)
    for control in mocks.running:
        _judge_unkeyed(session, control)


def _run_one(session: Session, scenario: Scenario) -> None:
    if session.programs.stopped():
        return
    session.progress.started(scenario.name)
    try:
        row, ruling = play(session, scenario)
    except (ControlError, OSError) as error:
        detail = session.secrets.hide(str(error))
        row, ruling = not_run(scenario, detail), partial(session.register.error, scenario.check, detail)
    if session.programs.stopped():
        return  # it was ended by us, and what it had done by then says nothing
    session.rulings[scenario.name] = ruling
    session.progress.ended(row)


def _longest(scenario: Scenario, law: Contract) -> float:
    """A guess at the seconds that a scenario takes, from what it orders."""
    waits = sum(
        (row.get("retry_after") or 0) * row.get("times", 1) + row.get("delay", 0) for row in scenario.world.faults
    )
    backoffs = sum(row["kind"] == "status" and "retry_after" not in row for row in scenario.world.faults)
    return float(waits + backoffs * sum(law.retry.delays))


def _leave_out(chosen: Sequence[Scenario], register: Register, secrets: Secrets) -> None:
    """What only scenarios decide that were not chosen, or requests that were not sent, is untested for that."""
    names = {scenario.check for scenario in chosen}
    for clause, checks in citations().items():
        judge = Judge(checks[0], (clause,), register, secrets)
        if EVERY_REQUEST in checks:
            if register.verdict(clause) is Verdict.UNTESTED:
                judge.untested(clause, "the command sent no request that shows it")
        elif names.isdisjoint(checks):
            judge.untested(clause, "none of its scenarios was chosen", remedy="leave --scenario out")


def _tell_slip(register: Register, check: str, error: BaseException | None) -> None:
    """A slip of ours in one scenario is no client's fault, and does not take the others with it."""
    if error is not None:
        register.error(check, f"{type(error).__name__}: {error}")


def _nothing() -> None:
    """There is nothing to say of a scenario that did not run."""


def _judge_unkeyed(session: Session, control: Control) -> None:
    """Requests without a key that is known: of a mock of our own all are the command's."""
    links = [link for link in read_links(control, {"sandbox": UNKEYED}, session.law) if _is_wrong(link, session.law)]
    if not links:
        return
    count(links, session.sent)
    judge = Judge(UNKEYED_CHECK, _UNKEYED_CLAUSES, session.register, session.secrets)
    session.register.cite(UNKEYED_CHECK, _UNKEYED_CLAUSES)
    rule(Case(session.law, links), judge, _UNKEYED_CLAUSES)


def _is_wrong(link: Link, law: Contract) -> bool:
    """Whether a request without a known key should have had one, or names nothing that exists."""
    name = link.attempt.operation
    return name is None or law.operation(name).keyed
