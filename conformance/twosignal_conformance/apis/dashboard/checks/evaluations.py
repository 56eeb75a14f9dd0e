"""A project whose evaluators judge traces: made once in a run, and read by all checks about what evaluators do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twosignal_conformance.apis.dashboard.checks import cases, procedures, rest
from twosignal_conformance.apis.dashboard.checks.cases import Judged, Text
from twosignal_conformance.apis.dashboard.checks.data import Json
from twosignal_conformance.apis.dashboard.checks.desk import EVALUATORS, Desk, Seen
from twosignal_conformance.apis.dashboard.checks.stage import new_key
from twosignal_conformance.engine.api_client import Exchange, member


@dataclass(frozen=True, slots=True)
class Project:
    """A project with evaluators of its own."""

    id: str
    api_key: str
    names: Mapping[str, str]
    """Label of an evaluator to its name."""
    ids: Mapping[str, str]


def project(desk: Desk, evaluators: Mapping[str, Judged]) -> Project:
    """A new one; an evaluator that is refused has no name there."""
    identifier = desk.project("evaluated")
    key, _ = new_key(desk.client, identifier, desk.data.name("key"))
    names: dict[str, str] = {}
    ids: dict[str, str] = {}
    for label, row in evaluators.items():
        name = desk.data.name(label)
        given = {"projectId": identifier, "name": name, "type": row.type, "config": row.config}
        exchange = desk.call(EVALUATORS.create, given)
        if exchange.ok:
            names[label], ids[label] = name, str(member(procedures.result(exchange), "id"))
    return Project(identifier, key["key"], names, ids)


def trace_of(desk: Desk, text: Text) -> tuple[Json, Json]:
    """A trace with its one span."""
    trace = desk.data.trace()
    more = {} if text.cost is None else {"cost": text.cost}
    span = desk.span(trace, milliseconds=text.milliseconds, input=text.input, output=text.output, **more)
    return trace, span


def send(desk: Desk, where: Project, *texts: Text) -> tuple[list[Json], Exchange]:
    """Traces of these texts in one ingestion, with its response, whatever it is."""
    pairs = [trace_of(desk, text) for text in texts]
    exchange = rest.send(desk.client, desk.data, where.api_key, *(body for pair in pairs for body in pair))
    return [trace for trace, _ in pairs], exchange


def scores(desk: Desk, trace: Json, wanted: Sequence[str]) -> Seen:
    """A trace once it has a score by each of these names, or --settle is over."""
    return desk.detail(trace, lambda found: set(wanted) <= {member(row, "evaluatorName") for row in scores_of(found)})


def scores_of(found: Any) -> list[Any]:
    """The scores of a trace."""
    rows = member(found, "scores")
    return rows if isinstance(rows, list) else []


def score_by(seen: Seen, name: str) -> Any:
    """The score by an evaluator; None without."""
    return next((row for row in scores_of(seen.result) if member(row, "evaluatorName") == name), None)


def judge_cases(desk: Desk) -> None:
    """Judge every case of the table: all traces at once, and then one after the other is looked at."""
    where = project(desk, cases.EVALUATED)
    texts = {id(case.text): case.text for case in cases.CASES}
    traces, exchange = send(desk, where, *texts.values())
    desk.judge.require(exchange.ok, f"the ingestion over REST was answered with {exchange.status}")
    found = dict(zip(texts, traces, strict=True))
    any_ = desk.detail(traces[0], lambda seen: bool(scores_of(seen)))
    desk.judge.require(scores_of(any_.result), "no evaluator judged a trace")
    for case in cases.CASES:
        name = where.names.get(case.evaluator)
        if name is None:
            desk.judge.untested(case.clause, f"the server has no evaluator {cases.EVALUATED[case.evaluator].type}")
            continue
        seen = scores(desk, found[id(case.text)], [name])
        score = score_by(seen, name)
        if score is None:
            desk.judge.untested(case.clause, "no verdict of the evaluator showed")
            continue
        shown = {part: member(score, part) for part in ("value", "label", "reasoning")}
        output = case.text.input if case.evaluator == "injection" else case.text.output
        expected = f"{case.expected} for {output!r}, cost {case.text.cost}, {case.text.milliseconds} ms"
        desk.check(case.clause, case.holds(score), expected, f"{shown}", seen.exchange)
