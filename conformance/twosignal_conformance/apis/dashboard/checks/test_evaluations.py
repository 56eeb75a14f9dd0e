"""What evaluators make of traces that are ingested."""

from __future__ import annotations

from twosignal_conformance.apis.dashboard.checks import (
    MISSING,
    ApiClient,
    Desk,
    Judge,
    TestData,
    cases,
    covers,
    evaluations,
    rest,
)
from twosignal_conformance.apis.dashboard.checks.cases import PLAIN, Judged, Text
from twosignal_conformance.apis.dashboard.checks.desk import Seen
from twosignal_conformance.apis.dashboard.checks.test_usage import usage
from twosignal_conformance.engine.api_client import member

_SLOWEST = 5.0
"""Seconds for an ingestion that waits for no evaluator: many times what one takes that does nothing else."""

_CONTAINS = Judged("CONTAINS", {"value": "Paris"})
_HELPLESS = Judged("REGEX_MATCH")
_TWO = {"paris": _CONTAINS, "long": Judged("LENGTH", {"min": 5})}


@covers(*dict.fromkeys(case.clause for case in cases.CASES))
def test_each_type_decides_as_documented(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A project with an evaluator of each type, and a trace for each case."""
    evaluations.judge_cases(Desk(client, judge, data))


@covers(
    "evaluators.run.enabled",
    "evaluators.run.score",
    "evaluators.run.score-range",
    "evaluators.run.once",
    "evaluators.run.all-types",
    "usage.month.evaluations",
)
def test_enabled_evaluators_judge_a_trace(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Two evaluators and a trace."""
    desk = Desk(client, judge, data)
    where = evaluations.project(desk, _TWO)
    judge.require(len(where.names) == len(_TWO), "an evaluator was refused")
    before = usage(desk)
    (trace,), exchange = evaluations.send(desk, where, PLAIN)
    judge.require(exchange.ok, f"the ingestion over REST was answered with {exchange.status}")
    names = set(where.names.values())
    seen = desk.detail(trace, lambda found: len(evaluations.scores_of(found)) >= len(names))
    rows = evaluations.scores_of(seen.result)
    expected = f"{len(names)} scores"
    desk.check("evaluators.run.enabled", len(rows) >= len(names), expected, f"{len(rows)} scores", seen.exchange)
    judge.require(rows, "no evaluator judged the trace")
    shown = {member(row, "evaluatorName") for row in rows}
    desk.check("evaluators.run.score", shown == names, f"evaluatorName {sorted(names)}", f"{shown}", seen.exchange)
    values = [cases.value_of(row) for row in rows]
    holds = all(value is not None and 0 <= value <= 1 for value in values)
    desk.check("evaluators.run.score-range", holds, "values from 0 to 1", values, seen.exchange)
    desk.check("evaluators.run.once", len(rows) == len(names), expected, f"{len(rows)} scores", seen.exchange)
    _judge_validation(desk, where, seen)
    _judge_usage(desk, before, len(names))


def _judge_validation(desk: Desk, where: evaluations.Project, seen: Seen) -> None:
    """The same output, judged by the REST API's validation with the evaluators of the table."""
    listed = [{"name": name, "type": _TWO[name].type, "config": _TWO[name].config} for name in _TWO]
    exchange = rest.call(
        desk.client, "validateOutput", where.api_key, json={"output": PLAIN.output, "evaluators": listed}
    )
    rows = exchange.at("results")
    values = [member(row, "score") for row in rows] if isinstance(rows, list) else []
    own = [cases.value_of(evaluations.score_by(seen, where.names[name])) for name in _TWO]
    desk.check("evaluators.run.all-types", values == own, f"{own} over REST", values or exchange.status, exchange)


def _judge_usage(desk: Desk, before: Seen, runs: int) -> None:
    start = before.get("evalRunCount")
    if not isinstance(start, int):
        desk.judge.untested("usage.month.evaluations", "the usage has no evalRunCount")
        return

    def grown(seen: Seen) -> bool:
        now = seen.get("evalRunCount")
        return isinstance(now, int) and now - start >= runs

    seen = usage(desk, grown)
    now = seen.get("evalRunCount")
    desk.check("usage.month.evaluations", grown(seen), f"at least {start + runs}", now, seen.exchange)


@covers("evaluators.run.ingestion-unharmed", "evaluators.run.helpless", "evaluators.run.output")
def test_an_evaluator_that_cannot_judge_harms_no_ingestion(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One without the pattern that it needs, beside one that looks into an output that is no text."""
    desk = Desk(client, judge, data)
    key = data.tag("key")
    where = evaluations.project(desk, {"helpless": _HELPLESS, "compact": Judged("CONTAINS", {"value": f'"{key}":[1]'})})
    (trace,), exchange = evaluations.send(desk, where, Text({key: [1]}))
    holds = exchange.ok and exchange.seconds < _SLOWEST
    actual = f"status {exchange.status} after {exchange.seconds:.1f} s"
    desk.check("evaluators.run.ingestion-unharmed", holds, "accepted without delay", actual, exchange)
    judge.require(exchange.ok, "the ingestion was refused")
    seen = evaluations.scores(desk, trace, list(where.names.values()))
    if score := evaluations.score_by(seen, where.names.get("helpless", "")):
        zero = cases.near(0)(score) and bool(member(score, "reasoning"))
        desk.check("evaluators.run.helpless", zero, "0 with a reasoning", f"{score}", seen.exchange)
    if score := evaluations.score_by(seen, where.names.get("compact", "")):
        desk.check("evaluators.run.output", cases.near(1)(score), "1 for compact JSON", f"{score}", seen.exchange)


@covers("evaluators.update.disabled", "evaluators.delete.scores")
def test_a_disabled_evaluator_judges_nothing(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One of two is switched off; the other one shows when the trace has been judged."""
    desk = Desk(client, judge, data)
    where = evaluations.project(desk, _TWO)
    judge.require(len(where.names) == len(_TWO), "an evaluator was refused")
    off, on = where.names
    desk.done("evaluator.update", {"id": where.ids[off], "enabled": False})
    (trace,), exchange = evaluations.send(desk, where, PLAIN)
    judge.require(exchange.ok, f"the ingestion over REST was answered with {exchange.status}")
    seen = evaluations.scores(desk, trace, [where.names[on]])
    judge.require(evaluations.score_by(seen, where.names[on]), "the other evaluator did not judge the trace")
    score = evaluations.score_by(seen, where.names[off])
    desk.check("evaluators.update.disabled", score is None, "no score by it", f"{score}", seen.exchange)
    desk.done("evaluator.delete", {"id": where.ids[on]})
    seen = desk.detail(trace)
    kept = evaluations.score_by(seen, where.names[on]) not in (None, MISSING)
    desk.check("evaluators.delete.scores", kept, "its score is still there", "it is gone", seen.exchange)


@covers("evaluators.model.scale", "evaluators.model.absent", profile="thorough")
def test_a_model_judges_on_its_scale(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One call of a model, on the account of the server."""
    desk = Desk(client, judge, data)
    config = {"criteria": "The answer is correct.", "scale": "1-5"}
    where = evaluations.project(desk, {"judge": Judged("LLM_JUDGE", config)})
    judge.require(where.names, "the evaluator was refused")
    (trace,), exchange = evaluations.send(desk, where, PLAIN)
    judge.require(exchange.ok, f"the ingestion over REST was answered with {exchange.status}")
    seen = evaluations.scores(desk, trace, list(where.names.values()))
    score = evaluations.score_by(seen, where.names["judge"])
    judge.require(score, "no verdict of the evaluator showed")
    value = cases.value_of(score)
    steps = tuple(step / 4 for step in range(5))
    desk.check("evaluators.model.scale", value in steps, f"one of {steps}", value, seen.exchange)
    desk.judge.observe("evaluators.model.absent", str(member(score, "reasoning"))[:80], evidence=seen.exchange)
