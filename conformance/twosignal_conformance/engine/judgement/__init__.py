"""What is made of what the checks say: records, verdicts of clauses, known deviations, summary and exit code."""

from twosignal_conformance.engine.judgement._as_test import end_as_test
from twosignal_conformance.engine.judgement._citations import LAYERS, citations
from twosignal_conformance.engine.judgement._judge import Judge, NotTheirClauseError, UnmetPrecondition
from twosignal_conformance.engine.judgement._known import KnownError, outdated, read_known
from twosignal_conformance.engine.judgement._marks import (
    MARK,
    TRAFFIC_NOTE,
    Plan,
    Watcher,
    covers,
    makes_traffic,
    only_watched,
    plan_of,
    watchers,
    watches,
)
from twosignal_conformance.engine.judgement._register import Register
from twosignal_conformance.engine.judgement._report import (
    ExitCode,
    Report,
    RunFacts,
    State,
    Subject,
    Wording,
    make_report,
    report_of_server,
)
from twosignal_conformance.engine.judgement._run import HEALTH, Progress, Run, make_run
from twosignal_conformance.engine.judgement._selection import SelectionError, select
from twosignal_conformance.engine.judgement._timeline import Outcome, Row, ScenarioRun, Timeline, scenario_check
from twosignal_conformance.engine.judgement._verdict import (
    Finding,
    Judgement,
    Known,
    Record,
    SuiteError,
    Verdict,
    verdict_of,
)

__all__ = [
    "HEALTH",
    "LAYERS",
    "MARK",
    "TRAFFIC_NOTE",
    "ExitCode",
    "Finding",
    "Judge",
    "Judgement",
    "Known",
    "KnownError",
    "NotTheirClauseError",
    "Outcome",
    "Plan",
    "Progress",
    "Record",
    "Register",
    "Report",
    "Row",
    "Run",
    "RunFacts",
    "ScenarioRun",
    "SelectionError",
    "State",
    "Subject",
    "SuiteError",
    "Timeline",
    "UnmetPrecondition",
    "Verdict",
    "Watcher",
    "Wording",
    "citations",
    "covers",
    "end_as_test",
    "make_report",
    "make_run",
    "makes_traffic",
    "only_watched",
    "outdated",
    "plan_of",
    "read_known",
    "report_of_server",
    "scenario_check",
    "select",
    "verdict_of",
    "watchers",
    "watches",
]
