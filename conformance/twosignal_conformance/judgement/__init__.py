"""What is made of what the checks say: records, verdicts of clauses, known deviations, summary and exit code."""

from twosignal_conformance.judgement._citations import LAYERS, citations
from twosignal_conformance.judgement._judge import Judge, NotTheirClauseError, UnmetPrecondition
from twosignal_conformance.judgement._known import KnownError, outdated, read_known
from twosignal_conformance.judgement._marks import MARK, Plan, Watcher, decides, plan_of, watchers, watches
from twosignal_conformance.judgement._register import Register
from twosignal_conformance.judgement._report import ExitCode, Report, State, make_report, suite_version
from twosignal_conformance.judgement._run import HEALTH, Progress, Run, make_run
from twosignal_conformance.judgement._selection import SelectionError, select
from twosignal_conformance.judgement._verdict import Finding, Judgement, Known, Record, Trouble, Verdict, verdict_of

__all__ = [
    "HEALTH",
    "LAYERS",
    "MARK",
    "ExitCode",
    "Finding",
    "Judge",
    "Judgement",
    "Known",
    "KnownError",
    "NotTheirClauseError",
    "Plan",
    "Progress",
    "Record",
    "Register",
    "Report",
    "Run",
    "SelectionError",
    "State",
    "Trouble",
    "UnmetPrecondition",
    "Verdict",
    "Watcher",
    "citations",
    "decides",
    "make_report",
    "make_run",
    "outdated",
    "plan_of",
    "read_known",
    "select",
    "suite_version",
    "verdict_of",
    "watchers",
    "watches",
]
