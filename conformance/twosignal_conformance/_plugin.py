"""The pytest plugin: gives checks their fixtures, and records for the clauses of a check how it ended.

Works in two ways. The command `server` hands it a Run that is open. Under plain pytest (`pytest --pyargs
twosignal_conformance`) it makes one from the options and the environment, and a violated clause fails the test.
"""

from __future__ import annotations

import traceback
from collections.abc import Generator
from pathlib import Path

import pytest
from twosignal_contract import hint

from twosignal_conformance._inputs import run_of
from twosignal_conformance.engine.api import Api
from twosignal_conformance.engine.api_client import (
    ApiClient,
    CheckSkipped,
    LedgerError,
    RepeatedRunError,
    UnreachableError,
)
from twosignal_conformance.engine.fuzz import Fuzzing, Sample
from twosignal_conformance.engine.judgement import (
    MARK,
    TRAFFIC_NOTE,
    Judge,
    Plan,
    Record,
    Run,
    Watcher,
    failing_levels,
    makes_traffic,
    only_watched,
    plan_of,
)
from twosignal_conformance.engine.texts import LONGEST

RUN = pytest.StashKey[Run]()
_API = pytest.StashKey[Api]()
_JUDGE = pytest.StashKey[Judge]()
_PLAN = pytest.StashKey[Plan]()
_SAMPLE = pytest.StashKey[Sample]()
_WATCHERS = pytest.StashKey[dict[tuple[Path, str], Watcher]]()
"""By the folder of the module and their names: watchers of other APIs may be collected, too."""
_COLLECTION_ERRORS = pytest.StashKey[list[tuple[str, str]]]()


class RunCarrier:
    """Brings a Run into a pytest session: a plugin object for `pytest.main`."""

    def __init__(self, api: Api, run: Run) -> None:
        self._api, self._run = api, run

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Store the run before the plugin looks for one."""
        config.stash[_API], config.stash[RUN] = self._api, self._run


# --- fixtures ---


@pytest.fixture
def client(pytestconfig: pytest.Config) -> ApiClient:
    """The server under test."""
    return pytestconfig.stash[RUN].client


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Judge:
    """Records what the check finds."""
    node: pytest.Item = request.node
    return node.stash[_JUDGE]


@pytest.fixture
def data(request: pytest.FixtureRequest, pytestconfig: pytest.Config, client: ApiClient) -> object:
    """Builders of what the check sends, fresh for it."""
    return pytestconfig.stash[_API].test_data(client, check_name(request.node))


@pytest.fixture
def fuzzing(pytestconfig: pytest.Config) -> Fuzzing:
    """How the API is fuzzed."""
    return pytestconfig.stash[_API].fuzzing


@pytest.fixture
def sample(pytestconfig: pytest.Config) -> Sample:
    """Exchanges of the run so far, for a second opinion."""
    return pytestconfig.stash[_SAMPLE]


# --- collection ---


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and make room for what the collection finds."""
    config.stash[_WATCHERS], config.stash[_COLLECTION_ERRORS] = {}, []
    config.addinivalue_line("markers", f"{MARK}(plan): the clauses that a check covers, and when it runs")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the checks, and leave out those that neither the profile nor --only asks for."""
    checks = [item for item in items if (plan := plan_of(item.iter_markers(MARK))) and _mark(item, plan)]
    if not checks or config.option.collectonly:
        return
    if RUN not in config.stash:
        config.stash[_API], config.stash[RUN] = run_of(config)
    api, run = config.stash[_API], config.stash[RUN]
    watchers = [row for (folder, _), row in config.stash[_WATCHERS].items() if folder in api.layers]
    foreign = [item for item in checks if Path(item.path).parent not in api.layers]
    checks = [item for item in checks if Path(item.path).parent in api.layers]
    for item in checks:
        _refuse_unknown(run, item)
    watched = bool(run.only) and only_watched(run.register.selected, [item.stash[_PLAN] for item in checks], watchers)
    left_out = {
        id(item) for item in checks if not (makes_traffic(item.stash[_PLAN]) if watched else _wanted(run, item))
    }
    left_out |= {id(item) for item in foreign}
    config.hook.pytest_deselected(items=[item for item in items if id(item) in left_out])
    kept = [item for item in items if id(item) not in left_out]
    items[:] = sorted(kept, key=lambda item: _PLAN in item.stash and item.stash[_PLAN].last)
    for watcher in watchers:
        run.watch(watcher)
    run.client.watchers.append(config.stash.setdefault(_SAMPLE, Sample()))
    for listener in run.progress:
        listener.planned(sum(_PLAN in item.stash for item in items), TRAFFIC_NOTE if watched else "")


def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, obj: object) -> None:
    """Take note of the watchers that stand among the checks."""
    if isinstance(obj, Watcher):
        collector.config.stash[_WATCHERS][Path(collector.path).parent, obj.name] = obj


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module that cannot be read is an error of the suite."""
    report = yield
    if report.failed:
        collector.config.stash[_COLLECTION_ERRORS].append((report.nodeid, _last_line(str(report.longrepr))))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Open the run where the command has not done so, and close it at the end."""
    run = session.config.stash.get(RUN, None)
    if run is not None:
        for node, message in session.config.stash[_COLLECTION_ERRORS]:
            run.register.error(node, message)
        if not run.opened:
            try:
                run.open()
            except UnreachableError as error:
                pytest.exit(run.client.secrets.line(str(error), LONGEST), returncode=4)
            except (LedgerError, RepeatedRunError) as error:
                pytest.exit(str(error), returncode=2)
    try:
        return (yield)
    finally:
        if run is not None:
            run.close()


# --- one check ---


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give the check its judge, and skip it when the run lacks what it needs."""
    if _PLAN not in item.stash:
        return
    run, plan = item.config.stash[RUN], item.stash[_PLAN]
    own = item.stash[_JUDGE] = run.judge(check_name(item), plan.clauses)
    run.client.begin(own.name)
    for listener in run.progress:
        listener.started(own.name)
    try:
        run.client.check_time()
        run.client.check_presence()
        run.client.need(*plan.needs)
    except CheckSkipped as skipped:
        own.skip(skipped)
        pytest.skip(skipped.reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Record how the check ended."""
    if _PLAN not in item.stash:
        return (yield)
    own = item.stash[_JUDGE]
    try:
        yield
    except CheckSkipped as skipped:
        own.skip(skipped)
    except KeyboardInterrupt:
        item.config.stash[RUN].interrupted = True
        own.skip(CheckSkipped("the run was interrupted"))
        raise
    except Exception as error:
        own.crash(_where(error))
        raise
    else:
        own.finish()
    _end_as_test(item.config.stash[RUN], own)


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Record a broken fixture as an error of the suite; then tell those who show progress."""
    if _PLAN not in item.stash or _JUDGE not in item.stash:
        return
    own = item.stash[_JUDGE]
    if call.when == "setup" and call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
        own.crash(_where(call.excinfo.value))
    if call.when == "teardown":
        for listener in item.config.stash[RUN].progress:
            listener.ended(own)


def check_name(item: pytest.Item) -> str:
    """The name of a check in reports, such as `test_health::test_head_is_answered_as_get_without_a_body`."""
    return f"{Path(item.path).stem}::{item.name}"


# --- inside ---


def _mark(item: pytest.Item, plan: Plan) -> bool:
    item.stash[_PLAN] = plan
    return True


def _refuse_unknown(run: Run, item: pytest.Item) -> None:
    for clause in item.stash[_PLAN].clauses:
        if clause not in run.register.clauses:
            message = f"{check_name(item)} decides {clause}, which is no clause about servers"
            raise pytest.UsageError(message + hint(clause, run.register.clauses))


def _wanted(run: Run, item: pytest.Item) -> bool:
    """True when the check runs. Clauses that the profile leaves out are recorded as untested."""
    plan = item.stash[_PLAN]
    if not run.register.selected.intersection(plan.clauses) and (plan.clauses or run.only):
        # A check without clauses only tells findings; it belongs to a run that is not narrowed.
        return False
    name = check_name(item)
    run.register.cite(name, plan.clauses)
    profile = run.client.settings.profile
    if profile.includes(plan.profile):
        return True
    reason = f"the profile {profile} does not run {name}"
    run.leave_out(run.judge(name, plan.clauses), CheckSkipped(reason, f"run with --profile {plan.profile}"))
    return False


def _end_as_test(run: Run, own: Judge) -> None:
    """Fail or skip the test as a pytest user expects it."""
    levels = failing_levels(run.fail_on)
    bad = [
        record
        for record in own.violations
        if run.register.clause(record.clause).level in levels and record.clause not in run.known
    ]
    if bad:
        pytest.fail("\n\n".join(_violation(run, record) for record in bad), pytrace=False)
    if own.clauses and not own.decided:
        pytest.skip("; ".join(dict.fromkeys(record.reason for record in own.undecided)) or "nothing was decided")


def _violation(run: Run, record: Record) -> str:
    clause, client = run.register.clause(record.clause), run.client
    lines = [
        f"{clause.id} ({clause.level}): {clause.says}",
        f"  expected: {record.expected}",
        f"  actual:   {record.actual}",
        *(f"  repeat:   {evidence.curl}" for evidence in record.evidence),
        f"  source:   {', '.join(clause.sources)}; {client.contract.path.name}:{clause.line}; "
        f"seed {client.settings.seed}",
    ]
    return "\n".join(lines)


def _where(error: BaseException) -> str:
    """The error in one line, with the deepest place in the suite where it came from."""
    places = [
        (frame.filename, frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if __package__ in Path(frame.filename).parts and frame.filename != __file__
    ]
    place = f" ({Path(places[-1][0]).name}:{places[-1][1]})" if places else ""
    return f"{type(error).__name__}: {error}{place}"


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"
