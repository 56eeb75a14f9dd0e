"""Runs scenarios side by side, each in a sandbox of its own, and judges what the client did in them.

What runs in threads gives back its judging as a function: judged is in the order of the table, whoever ends first.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from twosignal_contract import Contract

from twosignal_conformance.clients._api import Case
from twosignal_conformance.clients._client_run import EVERY_REQUEST, ClientRun, citations, clauses_of
from twosignal_conformance.clients._control import UNKEYED, Control, ControlError, Sandbox
from twosignal_conformance.clients._journal import count, read_links
from twosignal_conformance.clients._mock import Mocks
from twosignal_conformance.clients._program import NOT_SUPPORTED, Ended, Programs
from twosignal_conformance.clients._scenario import Scenario
from twosignal_conformance.clients._timelines import all_timelines
from twosignal_conformance.clients._verdicts import judge_case, why_undecided
from twosignal_conformance.engine.judgement import Judge, Outcome, Register, ScenarioRun, Verdict, scenario_check

AT_ONCE = 8
"""Scenarios that run at the same time: most of them wait most of the time."""

_WITHOUT_KEY = scenario_check("without-a-key")
"""The check of requests that belong to no scenario."""

_SHOWN = 2000
"""Characters at the end of what a command printed that a report keeps when it failed."""

Judging = Callable[[], None]


class RunProgress(Protocol):
    """Shows what is going on."""

    def planned(self, scenarios: int) -> None:
        """So many scenarios will run."""

    def started(self, name: str) -> None:
        """This scenario runs now."""

    def ended(self, row: ScenarioRun) -> None:
        """It ended."""


@dataclass(frozen=True)
class _Runner:
    """What all scenarios of a run share."""

    run: ClientRun
    programs: Programs
    mocks: Mocks
    progress: RunProgress
    salt: str
    """End of the names of sandboxes, on a mock that others may use."""
    judgings: dict[str, Judging] = field(default_factory=dict)
    """By name of the scenario."""

    def judge(self, check: str, clauses: Sequence[str]) -> Judge:
        """The judge of a check."""
        return Judge(check, clauses, self.run.register, self.run.secrets)


def judge_command(
    command: Sequence[str], chosen: Sequence[Scenario], mocks: Mocks, run: ClientRun, progress: RunProgress
) -> None:
    """Give the command all these scenarios, and judge each. ControlError when there is no mock."""
    # On a mock of our own a sandbox has the scenario's name, from which its ids follow, the same in each run.
    salt = "" if mocks.own else f"-{uuid.uuid4().hex[:8]}"
    runner = _Runner(run, Programs(command), mocks, progress, salt)
    for clause, checks in citations(run.api).items():
        for check in checks:
            run.register.cite(check, (clause,))
    # A mock that does not start, or obeys another contract, is reported once, before anything runs.
    mocks.require(run.contract)
    progress.planned(len(chosen))
    # The longest scenarios begin first, so that a run ends with short ones.
    order = sorted(chosen, key=lambda row: -_longest(row, run.contract))
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for scenario, done in [(row, pool.submit(_run_one, runner, row)) for row in order]:
            _record_own_error(run.register, scenario.check, done.exception())
    finally:
        runner.programs.stop()
        pool.shutdown(wait=True, cancel_futures=True)
        with ThreadPoolExecutor(1) as judging:
            for scenario in chosen:
                if scenario.name in runner.judgings:
                    done = judging.submit(runner.judgings[scenario.name])
                    _record_own_error(run.register, scenario.check, done.exception())
        _leave_out(runner, chosen)
    for control in mocks.running:
        _judge_without_key(runner, control)


def _run_one(runner: _Runner, scenario: Scenario) -> None:
    if runner.programs.stopped():
        return
    runner.progress.started(scenario.name)
    try:
        row, judging = _play(runner, scenario)
    except (ControlError, OSError) as error:
        detail = runner.run.secrets.hide(str(error))
        row = _not_run(scenario, detail, Outcome.FAILED)
        judging = partial(runner.run.register.error, scenario.check, detail)
    if runner.programs.stopped():
        return  # it was ended by us, and what it had done by then shows nothing
    runner.judgings[scenario.name] = judging
    runner.progress.ended(row)


def _play(runner: _Runner, scenario: Scenario) -> tuple[ScenarioRun, Judging]:
    """What became of a scenario, and how it is judged."""
    run, setup = runner.run, scenario.setup
    judge = runner.judge(scenario.check, clauses_of(scenario, run.api))
    control = runner.mocks.speaking(setup.dialects)
    if control is None:
        reason = "the mock of --mock speaks the dialects it was started with; this scenario needs others"
        left_out = partial(_leave, judge, scenario, reason, remedy="leave --mock out")
        return _not_run(scenario, reason, Outcome.UNSUPPORTED), left_out
    plans = run.contract.plans
    sandbox = control.create(scenario.name + runner.salt, setup.plan or max(plans, key=lambda name: plans[name]))
    run.secrets.learn(sandbox.api_key, "$TWOSIGNAL_API_KEY")
    run.secrets.learn(sandbox.password)
    run.secrets.learn(sandbox.email, "$TWOSIGNAL_EMAIL")
    try:
        if setup.clock is not None:
            control.shift_clock(sandbox, setup.clock)
        if setup.state:
            run.api.state.store(control, sandbox, setup.state, run.contract)
            control.clear_journal(sandbox)
        for fault in setup.faults:
            control.add_fault(sandbox, fault)
        ended = runner.programs.run(scenario.message, _environment(scenario, sandbox), scenario.limit)
        return _outcome(runner, scenario, judge, control, sandbox, ended)
    finally:
        control.drop(sandbox)


def _outcome(
    runner: _Runner, scenario: Scenario, judge: Judge, control: Control, sandbox: Sandbox, ended: Ended
) -> tuple[ScenarioRun, Judging]:
    run, hide = runner.run, runner.run.secrets.hide
    links = read_links(control, {"sandbox": sandbox.id}, run, run.api.names(scenario))
    count(links, run)
    outcome, detail = _end_of(ended, scenario, hide)
    row = ScenarioRun(
        name=scenario.name,
        kind=scenario.kind,
        why=scenario.why,
        outcome=outcome,
        seconds=ended.seconds,
        detail=detail,
        output="" if outcome is Outcome.DONE else hide((ended.complaint or ended.output)[-_SHOWN:]),
        timelines=tuple(line.hidden(hide) for line in all_timelines(scenario.name, links, run.api.noun)),
    )
    if outcome is Outcome.UNSUPPORTED:
        return row, partial(_leave, judge, scenario, f"the command does not support the kind {scenario.kind!r}")
    # What is stored is read without faults.
    control.clear_faults(sandbox)
    case = Case(
        contract=run.contract,
        schemas=run.schemas,
        links=links,
        scenario=scenario,
        done=outcome is Outcome.DONE,
        results=ended.results,
        stored=run.api.state.recorded(control, sandbox, scenario, run.contract),
    )
    return row, partial(_judge, runner, case, scenario, judge, detail)


def _judge(runner: _Runner, case: Case, scenario: Scenario, judge: Judge, detail: str) -> None:
    """Judge a scenario. `detail` says why the command did not come to its end; else it is empty."""
    judge_case(case, judge, judge.clauses, runner.run.api)
    for clause in scenario.clauses:
        reason = detail or why_undecided(clause, case.links, runner.run.api)
        judge.untested(clause, f"{scenario.name}: {reason}")


def _environment(scenario: Scenario, sandbox: Sandbox) -> dict[str, str]:
    return {
        "TWOSIGNAL_BASE_URL": sandbox.url + scenario.base_path,
        "TWOSIGNAL_API_KEY": sandbox.api_key,
        "TWOSIGNAL_EMAIL": sandbox.email,
        "TWOSIGNAL_PASSWORD": sandbox.password,
        **scenario.environment,
    }


def _end_of(ended: Ended, scenario: Scenario, hide: Callable[[str], str]) -> tuple[Outcome, str]:
    """How the command ended, and why it is not done."""
    said = hide(ended.said)
    if ended.code is None:
        return Outcome.TIMEOUT, f"the command was still running after {scenario.limit:g} s and was ended"
    if ended.code == NOT_SUPPORTED:
        return Outcome.UNSUPPORTED, said or f"exit code {NOT_SUPPORTED}"
    if ended.code:
        return Outcome.FAILED, f"the command ended with exit code {ended.code}{f': {said}' if said else ''}"
    return Outcome.DONE, ""


def _not_run(scenario: Scenario, reason: str, outcome: Outcome) -> ScenarioRun:
    """What a report says of a scenario whose command was not started."""
    return ScenarioRun(scenario.name, scenario.kind, scenario.why, outcome, 0.0, reason)


def _leave(judge: Judge, scenario: Scenario, reason: str, remedy: str | None = None) -> None:
    for clause in scenario.clauses:
        judge.untested(clause, reason, remedy=remedy)


def _longest(scenario: Scenario, contract: Contract) -> float:
    """A guess at the seconds that a scenario takes, from its faults."""
    faults = scenario.setup.faults
    waits = sum((row.get("retry_after") or 0) * row.get("times", 1) + _seconds(row.get("delay")) for row in faults)
    backoffs = sum(row["kind"] == "status" and "retry_after" not in row for row in faults)
    return float(waits + backoffs * sum(contract.retry.delays))


def _seconds(delay: str | None) -> float:
    """Of a delay as the mock takes it (`250ms`, `4s`, `1..2s`), the longest that it may be."""
    if delay is None:
        return 0.0
    text = delay.rpartition("..")[2]
    return float(text.removesuffix("ms")) / 1000 if text.endswith("ms") else float(text.removesuffix("s"))


def _leave_out(runner: _Runner, chosen: Sequence[Scenario]) -> None:
    """A clause is untested when none of its scenarios was chosen, or no request that shows it was sent."""
    names = {scenario.check for scenario in chosen}
    for clause, checks in citations(runner.run.api).items():
        judge = runner.judge(checks[0], (clause,))
        if EVERY_REQUEST in checks:
            if runner.run.register.verdict(clause) is Verdict.UNTESTED:
                judge.untested(clause, "the command sent no request that shows it")
        elif names.isdisjoint(checks):
            judge.untested(clause, "none of its scenarios was chosen", remedy="leave --scenario out")


def _record_own_error(register: Register, check: str, error: BaseException | None) -> None:
    """An error of ours in one scenario is not the client's fault, and the other scenarios go on."""
    if error is not None:
        register.error(check, f"{type(error).__name__}: {error}")


def _judge_without_key(runner: _Runner, control: Control) -> None:
    """Judge requests without a known key, which are all the command's on a mock of our own."""
    run = runner.run
    found = read_links(control, {"sandbox": UNKEYED}, run)
    links = [link for link in found if _needs_key(link.attempt.operation, run.contract)]
    if links:
        count(links, run)
        clauses = run.api.without_key
        run.register.cite(_WITHOUT_KEY, clauses)
        judge_case(Case(run.contract, run.schemas, links), runner.judge(_WITHOUT_KEY, clauses), clauses, run.api)


def _needs_key(operation: str | None, contract: Contract) -> bool:
    """True when a request should have had a key, or names nothing that exists."""
    return operation is None or contract.operation(operation).keyed
