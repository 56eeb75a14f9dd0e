"""Broken servers of the area validation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.conformance.apis.rest.broken.combinators import (
    VALIDATING,
    accept,
    after,
    change_response,
    change_sent,
    drop,
    is_json,
    put,
    refuse,
    restate,
    with_place,
)
from tests.conformance.apis.rest.broken.errors import INTERNAL, UNPROCESSABLE
from tests.conformance.apis.rest.broken.messages import CONTRACT, Asked, Behaviour, Response, Upstream
from tests.conformance.apis.rest.broken.scores import missing
from tests.conformance.apis.rest.broken.variants import Table

LONGEST_PATTERN = CONTRACT.schema("RegexMatchEvaluator")["properties"]["config"]["properties"]["pattern"]["maxLength"]
BUSY = 9.0
"""Seconds: the clause says five."""

Config = dict[str, Any]


def configured(kind: str, function: Callable[[Config], Config]) -> Behaviour:
    """Evaluators of a type run with another configuration."""

    def other(evaluator: Any) -> Any:
        if not isinstance(evaluator, dict) or evaluator.get("type") != kind:
            return evaluator
        return {**evaluator, "config": function(evaluator.get("config") or {})}

    return change_sent("evaluators.*", other, VALIDATING)


def by_default(name: str, value: Any) -> Callable[[Config], Config]:
    """A setting has another default."""
    return lambda config: {name: value, **config}


def ignored(name: str) -> Callable[[Config], Config]:
    """A setting has no effect."""
    return lambda config: {key: value for key, value in config.items() if key != name}


def moved(name: str, by: float) -> Callable[[Config], Config]:
    """A number of a setting is another one."""
    return lambda config: {**config, name: config[name] + by} if isinstance(config.get(name), int | float) else config


def resulting(kind: str, function: Callable[[Config], Config], when: Callable[[Asked], bool] = is_json) -> Behaviour:
    """Results of a type are others, and the whole with them."""

    def edit(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
        if not given.accepted:
            return given
        results = [function(row) if row["evaluator"] == kind else row for row in given.at("data", "results")]
        passed = all(row["pass"] for row in results)
        return with_place(given, "data", lambda data: {**data, "results": results, "pass": passed})

    return after(edit, VALIDATING, when)


def passing(row: Config) -> Config:
    """A result that passes."""
    return {**row, "pass": True, "score": 1, "label": "pass"}


def output_is_text(asked: Asked) -> bool:
    """True when the output is a text that is no JSON."""
    output = asked.at("output")
    try:
        json.loads(output if isinstance(output, str) else "0")
    except ValueError:
        return True
    return False


def long_pattern(asked: Asked) -> bool:
    """True when a pattern is longer than allowed."""
    rows = asked.at("evaluators") or ()
    return any(
        len(str((row.get("config") or {}).get("pattern", ""))) > LONGEST_PATTERN
        for row in rows
        if isinstance(row, dict)
    )


async def busy(asked: Asked, upstream: Upstream) -> Response:
    """Patterns with a repeated repetition take their time."""
    if asked.operation == VALIDATING and any(sign in asked.body for sign in (b"+)+", b"*)*", b"+)*", b"*)+")):
        await asyncio.sleep(BUSY)
    return await upstream.send(asked)


async def half_the_results(asked: Asked, upstream: Upstream) -> Response:
    """Evaluation ends with the first that fails."""
    given = await upstream.send(asked)
    if asked.operation != VALIDATING or not given.accepted:
        return given
    results = given.at("data", "results")
    failed = [number for number, row in enumerate(results) if not row["pass"]]
    kept = results[: failed[0] + 1] if failed else results[:1]
    return with_place(given, "data.results", lambda _: kept)


def fails_as(status: int) -> Behaviour:
    """An output that does not pass is answered with a status of refusals."""
    return after(
        lambda given, asked, upstream: given.with_status(status) if given.at("data", "pass") is False else given,
        VALIDATING,
    )


def any_passes(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """One evaluator that passes is enough."""
    if not given.accepted:
        return given
    passed = any(row["pass"] for row in given.at("data", "results"))
    return with_place(given, "data.pass", lambda _: passed)


def mode(name: str | None) -> Callable[[Asked], bool]:
    """True when the request asks for a failMode."""
    return lambda asked: is_json(asked) and asked.at("failMode") == name


def scored(kind: str, function: Callable[[float], float]) -> Behaviour:
    """Scores of a type are others."""
    return resulting(kind, lambda row: {**row, "score": function(row["score"])})


def empty_texts(asked: Asked) -> bool:
    """True when nothing is compared with nothing."""
    return nothing_expected(asked) and not asked.at("output")


def nothing_expected(asked: Asked) -> bool:
    """True when an empty text is expected."""
    return isinstance(asked.at("expectedOutput"), str) and not asked.at("expectedOutput")


def single_text(asked: Asked) -> bool:
    """True when CONTAINS has one text and no array of them."""
    rows = [row for row in asked.at("evaluators") or () if isinstance(row, dict) and row.get("type") == "CONTAINS"]
    return any(isinstance((row.get("config") or {}).get("value"), str) for row in rows)


def one_of_each(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """Results are kept by type, so that the last of a type is the only one."""
    if not given.accepted:
        return given
    rows = {row["evaluator"]: row for row in given.at("data", "results")}
    return with_place(given, "data.results", lambda _: list(rows.values()))


def in_order(schema: Any) -> Any:
    """An enumeration whose objects are compared as texts with sorted keys."""
    if isinstance(schema, dict):
        kept = {key: in_order(inner) for key, inner in schema.items()}
        if isinstance(kept.get("enum"), list):
            kept["enum"] = [each for each in kept["enum"] if not isinstance(each, dict) or list(each) == sorted(each)]
        return kept
    return schema


table = Table()
table.corrupt("validate.status", "an output that fails is answered with 422", fails_as(UNPROCESSABLE))
table.corrupt("validate.status", "a validation is answered with 201", restate(201, VALIDATING, accepted=True))
table.corrupt(
    "validate.answer",
    "pass is a word",
    change_response("data.pass", lambda passed: "yes" if passed else "no", VALIDATING),
)
table.corrupt(
    "validate.answer",
    "results are an object",
    change_response("data.results", lambda rows: {row["evaluator"]: row for row in rows}, VALIDATING),
)
table.forget("validate.answer.latency", "latencyMs is missing", change_response("data.latencyMs", drop, VALIDATING))
table.forget(
    "validate.results.fields", "results have no reason", change_response("data.results.*.reason", drop, VALIDATING)
)
table.forget(
    "validate.results.fields", "results have no label", change_response("data.results.*.label", drop, VALIDATING)
)
table.forget("validate.results.one-each", "results end with the first that fails", half_the_results)
table.corrupt(
    "validate.results.evaluator",
    "evaluators are in small letters",
    change_response("data.results.*.evaluator", str.lower, VALIDATING),
)
table.corrupt(
    "validate.results.score-range",
    "scores are in percent",
    change_response("data.results.*.score", lambda score: 100 * score, VALIDATING),
)
table.corrupt(
    "validate.results.score-range", "scores are texts", change_response("data.results.*.score", str, VALIDATING)
)
table.corrupt("validate.fail-mode.any", "one that passes is enough", after(any_passes, VALIDATING, mode("any")))
table.corrupt("validate.fail-mode.all", "all is taken for any", change_sent("failMode", lambda _: "any", VALIDATING))
table.corrupt("validate.fail-mode.default", "without failMode it is all", after(any_passes, VALIDATING, mode(None)))
table.weaken(
    "validate.output.any-json",
    "the output must be a text",
    refuse("invalid-value", VALIDATING, lambda asked: is_json(asked) and not isinstance(asked.at("output"), str)),
)
table.weaken("validate.output.required", "a validation needs no output", accept(VALIDATING, missing("output")))
table.weaken(
    "validate.evaluators.required", "a validation needs no evaluators", accept(VALIDATING, missing("evaluators"))
)
table.corrupt(
    "validate.contains.any", "CONTAINS regards case", configured("CONTAINS", by_default("case_sensitive", True))
)
table.corrupt("validate.contains.any", "CONTAINS wants all values", configured("CONTAINS", by_default("mode", "all")))
table.corrupt("validate.contains.all", "CONTAINS ignores mode", configured("CONTAINS", ignored("mode")))
table.corrupt("validate.contains.negate", "CONTAINS ignores negate", configured("CONTAINS", ignored("negate")))
table.corrupt(
    "validate.contains.case", "CONTAINS ignores case_sensitive", configured("CONTAINS", ignored("case_sensitive"))
)
table.corrupt(
    "validate.regex.match",
    "patterns match whole outputs",
    configured("REGEX_MATCH", lambda config: {**config, "pattern": f"^(?:{config.get('pattern')})$"}),
)
table.corrupt("validate.regex.match", "patterns regard case", configured("REGEX_MATCH", by_default("flags", "")))
table.corrupt("validate.regex.negate", "REGEX_MATCH ignores negate", configured("REGEX_MATCH", ignored("negate")))
table.weaken("validate.regex.length", "patterns of any length are accepted", accept(VALIDATING, long_pattern))
table.weaken("validate.regex.bounded", "patterns take their time", busy)
table.corrupt("validate.json-schema.match", "any JSON is allowed", configured("JSON_SCHEMA", put("schema", {})))
table.corrupt(
    "validate.json-schema.not-json", "what is no JSON passes", resulting("JSON_SCHEMA", passing, output_is_text)
)
table.corrupt(
    "validate.exact-match.default",
    "EXACT_MATCH regards case",
    configured("EXACT_MATCH", by_default("case_sensitive", True)),
)
table.corrupt(
    "validate.exact-match.default", "EXACT_MATCH does not trim", configured("EXACT_MATCH", by_default("trim", False))
)
table.corrupt(
    "validate.exact-match.no-expectation",
    "EXACT_MATCH passes when nothing is expected",
    resulting("EXACT_MATCH", passing, lambda asked: asked.at("expectedOutput") is None),
)
table.corrupt(
    "validate.starts-with.default",
    "STARTS_WITH regards case",
    configured("STARTS_WITH", by_default("case_sensitive", True)),
)
table.corrupt(
    "validate.starts-with.default", "STARTS_WITH does not trim", configured("STARTS_WITH", by_default("trim", False))
)
table.corrupt("validate.length.bounds", "LENGTH leaves out its lower bound", configured("LENGTH", moved("min", 1)))
table.corrupt("validate.length.bounds", "LENGTH leaves out its upper bound", configured("LENGTH", moved("max", -1)))
table.corrupt("validate.length.bounds", "LENGTH ignores unit", configured("LENGTH", ignored("unit")))
table.corrupt(
    "validate.levenshtein.score", "LEVENSHTEIN has one decimal", scored("LEVENSHTEIN", lambda score: round(score, 1))
)
table.corrupt(
    "validate.levenshtein.score",
    "LEVENSHTEIN counts the distance",
    scored("LEVENSHTEIN", lambda score: round(1 - score, 2)),
)
table.corrupt(
    "validate.levenshtein.threshold",
    "LEVENSHTEIN ignores its threshold",
    configured("LEVENSHTEIN", ignored("threshold")),
)
table.corrupt(
    "validate.similarity.same", "equal texts score less than 1", scored("SIMILARITY", lambda score: min(score, 0.99))
)
table.corrupt(
    "validate.similarity.same",
    "texts without a common token score more than 0",
    scored("SIMILARITY", lambda score: max(score, 0.1)),
)
table.corrupt(
    "validate.similarity.threshold", "SIMILARITY ignores its threshold", configured("SIMILARITY", ignored("threshold"))
)

# --- texts and settings at their edges ---
table.corrupt(
    "validate.results.score-range",
    "two empty texts score 2",
    resulting("LEVENSHTEIN", lambda row: {**row, "score": 2}, empty_texts),
)
table.corrupt(
    "errors.internal.absent",
    "an empty expectation is a 500",
    after(lambda given, asked, upstream: given.with_status(INTERNAL), VALIDATING, nothing_expected),
)
table.forget("validate.results.one-each", "there is one result for each type", after(one_of_each, VALIDATING))
table.weaken("validate.contains.any", "a single text is refused", refuse("invalid-value", VALIDATING, single_text))
table.corrupt(
    "validate.json-schema.match",
    "members of an object in an enumeration have an order",
    configured("JSON_SCHEMA", lambda config: {**config, "schema": in_order(config.get("schema"))}),
)
