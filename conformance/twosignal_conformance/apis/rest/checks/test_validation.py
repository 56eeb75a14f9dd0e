"""Validation: the response, how results become one verdict, what a request needs, and that nothing keeps it busy."""

from __future__ import annotations

from typing import Any

from twosignal_conformance.apis.rest.checks import MISSING, ApiClient, Exchange, Judge, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.evaluators import SWITCHES, TEXT, results, runs
from twosignal_conformance.apis.rest.checks.judging import judge_cause, judge_response, judge_status
from twosignal_conformance.apis.rest.checks.responses import is_number
from twosignal_conformance.apis.rest.checks.sizes import too_large
from twosignal_conformance.engine.api_client import member

_RESULT_FIELDS = ("evaluator", "pass", "score", "label", "reason")
"""Of validate.results.fields, which names more than the schema requires."""

_LONGEST = 5.0
"""Seconds that a pattern may take by validate.regex.bounded, the only place that says it."""
_GRACE = 2.0
"""Seconds for the rest of a request."""

_RUNAWAY = {"output": "a" * 32 + "!", "config": {"pattern": "^(a+)+$"}}
"""Keeps a backtracking engine busy for minutes, not for years: the server outlives the question."""

_ANY = (
    ("any", (True, False)),
    ("any", (True, True)),
    ("all", (True, False)),
    ("all", (False, False)),
    (None, (True, False)),
)
"""Fail mode and which of two evaluators pass."""


@covers(
    "validate.status",
    "validate.answer",
    "validate.answer.latency",
    "validate.results.fields",
    "validate.results.one-each",
    "validate.results.order",
    "validate.results.evaluator",
    "validate.results.score-range",
    "validate.results.label",
    "validate.fail-mode.any",
    "validate.fail-mode.all",
    "validate.fail-mode.default",
)
def test_results_become_a_verdict(client: ApiClient, judge: Judge) -> None:
    """Two evaluators of which both, one or none pass, in each fail mode."""
    kinds = _pair(client)
    for mode, passes in _ANY:
        body: Json = {"output": TEXT, "evaluators": [_switch(kind, on) for kind, on in zip(kinds, passes, strict=True)]}
        exchange = client.call("validateOutput", json=body | ({"failMode": mode} if mode else {}))
        refused = exchange.status == client.contract.error("invalid-value").status
        judge.require(runs(client) or not refused, "the server runs none of the evaluators that decide from the text")
        judge_status(judge, "validate.status", exchange, client.contract.operation("validateOutput").success)
        judge.require(exchange.ok, f"the validation was answered with {exchange.status}")
        _judge_response(judge, exchange, kinds)
        _judge_mode(judge, exchange, mode)


@covers(
    "validate.output.required",
    "validate.evaluators.required",
    "validate.evaluators.empty",
    "validate.evaluators.unknown-type",
)
def test_what_a_validation_needs(client: ApiClient, judge: Judge) -> None:
    """No output, no evaluators, an empty list of them, one that nobody knows."""
    judge.require(runs(client), "the server runs none of the evaluators that decide from the text")
    evaluators = [_switch(_pair(client)[0], True)]
    bodies: dict[str, tuple[str, Json]] = {
        "validate.output.required": ("a validation without output", {"evaluators": evaluators}),
        "validate.evaluators.required": ("a validation without evaluators", {"output": TEXT}),
        "validate.evaluators.empty": ("an empty list of evaluators", {"output": TEXT, "evaluators": []}),
    }
    for clause, (what, body) in bodies.items():
        judge_cause(client, judge, clause, client.call("validateOutput", json=body), "invalid-value", what)
    exchange = client.call("validateOutput", json={"output": TEXT, "evaluators": [{"type": "DAYDREAM", "config": {}}]})
    names = any(kind in exchange.text for kind in runs(client))
    seen = f"status {exchange.status}, names {'those' if names else 'none'} that it runs"
    judge.observe("validate.evaluators.unknown-type", seen, evidence=exchange)


@covers("validate.output.any-json", "validate.output.text", profile="standard")
def test_the_output_may_be_anything(client: ApiClient, judge: Judge) -> None:
    """A value of each kind of JSON, for the last of which its compact text is looked for in it."""
    judge.require(runs(client), "the server runs none of the evaluators that decide from the text")
    kind = "CONTAINS" if "CONTAINS" in runs(client) else _pair(client)[0]
    evaluator = {"type": kind, "config": {"value": '{"a":[1,null]}'}} if kind == "CONTAINS" else _switch(kind, True)
    values: tuple[Any, ...] = ("text", ["a", 1], 7, 0.5, False, None, {"a": [1, None]})
    for value in values:
        exchange = client.call("validateOutput", json={"output": value, "evaluators": [evaluator]})
        judge.check(
            "validate.output.any-json",
            exchange.ok or bool(results(exchange)),
            expected=f"the output {value!r} is taken",
            actual=f"status {exchange.status}: {exchange.text}",
            evidence=exchange,
        )
    if kind == "CONTAINS" and exchange.ok:
        judge.observe(
            "validate.output.text", f"found in it: {responses.data_at(exchange, 'pass')!r}", evidence=exchange
        )


@covers(
    "validate.evaluators.most",
    "validate.regex.length",
    "validate.regex.invalid",
    "validate.max-bytes",
    profile="standard",
)
def test_a_validation_has_limits(client: ApiClient, judge: Judge) -> None:
    """As many evaluators as are allowed and one more, a pattern that is too long or none, an output too large."""
    one = _switch(_pair(client)[0], True)
    most = client.contract.schema("ValidateRequest")["properties"]["evaluators"]["maxItems"]
    full, over = (
        client.call("validateOutput", json={"output": TEXT, "evaluators": [one] * count}) for count in (most, most + 1)
    )
    seen = f"{most} evaluators: status {full.status}, {most + 1}: status {over.status}"
    judge.observe("validate.evaluators.most", seen, evidence=(full, over))
    large = too_large(client, "validateOutput", lambda text: {"output": text, "evaluators": [one]})
    seen = ", ".join(f"status {exchange.status} {how}" for how, exchange in large.items())
    judge.observe("validate.max-bytes", seen, evidence=tuple(large.values()))
    judge.require("REGEX_MATCH" in runs(client), "the server does not run REGEX_MATCH")
    pattern = client.contract.schema("RegexMatchEvaluator")["properties"]["config"]["properties"]["pattern"]
    exchange = _match(client, TEXT, {"pattern": "x" * (pattern["maxLength"] + 1)})
    judge_response(
        judge,
        "validate.regex.length",
        exchange,
        responses.refused(exchange),
        f"a pattern of {pattern['maxLength'] + 1} characters is refused",
    )
    exchange = _match(client, TEXT, {"pattern": "(refund"})
    judge.observe("validate.regex.invalid", f"status {exchange.status}", evidence=exchange)


@covers("validate.regex.bounded", "validate.evaluators.too-much-work", profile="standard", last=True)
def test_nothing_keeps_the_server_busy(client: ApiClient, judge: Judge) -> None:
    """A pattern that makes a backtracking engine run away, and two long texts that are compared letter by letter."""
    known = runs(client)
    if "REGEX_MATCH" in known:
        exchange = _match(client, str(_RUNAWAY["output"]), _RUNAWAY["config"], timeout=3 * _LONGEST)
        judge.check(
            "validate.regex.bounded",
            exchange.status is not None and exchange.seconds <= _LONGEST + _GRACE,
            expected=f"a response within {_LONGEST:g} s",
            actual=f"status {exchange.status} after {exchange.seconds:.1f} s",
            evidence=exchange,
        )
    else:
        judge.untested("validate.regex.bounded", "the server does not run REGEX_MATCH")
    judge.require("LEVENSHTEIN" in known, "the server does not run LEVENSHTEIN")
    # Millions of steps are some seconds for the slowest server; a body of the full size would be half a trillion.
    body = {
        "output": "ab" * 2_000,
        "expectedOutput": "ba" * 2_000,
        "evaluators": [{"type": "LEVENSHTEIN", "config": {}}],
    }
    exchange = client.attempt("validateOutput", json=body)
    seen = f"status {exchange.status} after {exchange.seconds:.1f} s for texts of {len(str(body['output']))} characters"
    judge.observe("validate.evaluators.too-much-work", seen, evidence=exchange)


def _pair(client: ApiClient) -> tuple[str, str]:
    """Two types that the server runs, different ones if it can; those of the documentation when it runs none."""
    kinds = [kind for kind in SWITCHES if kind in runs(client)] or list(SWITCHES)
    return kinds[0], kinds[1 % len(kinds)]


def _switch(kind: str, passes: bool) -> Json:
    return {"type": kind, "config": SWITCHES[kind][0 if passes else 1]}


def _match(client: ApiClient, output: str, config: Any, *, timeout: float | None = None) -> Exchange:
    body = {"output": output, "evaluators": [{"type": "REGEX_MATCH", "config": config}]}
    limit = client.settings.timeout if timeout is None else timeout
    return client.attempt("validateOutput", json=body, timeout=limit)


def _judge_response(judge: Judge, exchange: Exchange, kinds: tuple[str, str]) -> None:
    found = results(exchange)
    if not judge.check(
        "validate.answer",
        isinstance(responses.data_at(exchange, "pass"), bool)
        and isinstance(responses.data_at(exchange, "results"), list),
        expected='"data" with the boolean "pass" and the array "results"',
        actual=exchange.text,
        evidence=exchange,
    ):
        return
    named = [member(result, "evaluator") for result in found]
    rows: dict[str, tuple[bool, str, object]] = {
        "validate.answer.latency": (
            is_number(responses.data_at(exchange, "latencyMs")),
            "a number data.latencyMs",
            responses.data_at(exchange, "latencyMs"),
        ),
        "validate.results.one-each": (len(found) == len(kinds), f"{len(kinds)} results", f"{len(found)} results"),
        "validate.results.evaluator": (set(named) == set(kinds), f"results of {', '.join(kinds)}", named),
        "validate.results.order": (named == list(kinds), f"results of {', '.join(kinds)}", named),
    }
    for clause, (holds, expected, actual) in rows.items():
        judge.check(clause, holds, expected=expected, actual=actual, evidence=exchange)
    for result in found:
        absent = [name for name in _RESULT_FIELDS if member(result, name) is MISSING]
        wanted = f"a result with {', '.join(_RESULT_FIELDS)}"
        judge.check("validate.results.fields", not absent, expected=wanted, actual=result, evidence=exchange)
        score, label = member(result, "score"), member(result, "label")
        in_range = is_number(score) and 0 <= score <= 1
        judge.check(
            "validate.results.score-range", in_range, expected="a score from 0 to 1", actual=score, evidence=exchange
        )
        judge.observe(
            "validate.results.label", f"label {label!r} of pass {member(result, 'pass')!r}", evidence=exchange
        )


def _judge_mode(judge: Judge, exchange: Exchange, mode: str | None) -> None:
    """By what the results say themselves: whether an evaluator is right is another clause's."""
    passes = [member(result, "pass") for result in results(exchange)]
    verdict = responses.data_at(exchange, "pass")
    if not passes or not all(isinstance(one, bool) for one in (*passes, verdict)):
        return
    judge.check(
        f"validate.fail-mode.{mode or 'default'}",
        verdict is (any(passes) if mode == "all" else all(passes)),
        expected=f"the whole {'fails only when every one does' if mode == 'all' else 'fails when one does'}",
        actual=f"pass {verdict} of {passes}",
        evidence=exchange,
    )
