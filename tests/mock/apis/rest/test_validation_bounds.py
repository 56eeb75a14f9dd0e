"""What a validation refuses to run: what is no pattern or schema, and what would keep the server busy.

No test looks at a clock: an evaluator pays for its work before it does it, and what cannot be paid for is refused.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock.apis.rest.desk import Desk

LONG = 400_000
"""Characters; two such texts fit into one request."""
TOO_MUCH = "is too much work for texts of this size; shorten them or send fewer evaluators"


async def refused(*evaluators: dict[str, Any], output: Any = "text", **rest: Any) -> str:
    desk = await Desk.open()
    cause, message = await desk.refused("validateOutput", {"output": output, "evaluators": list(evaluators), **rest})
    assert cause == "invalid-value"
    return message


async def accepted(*evaluators: dict[str, Any], output: Any = "text", **rest: Any) -> list[dict[str, Any]]:
    desk = await Desk.open()
    answer = await desk.ask("validateOutput", {"output": output, "evaluators": list(evaluators), **rest})
    rows: list[dict[str, Any]] = answer["data"]["results"]
    return rows


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "missing )"),
        ("[z-a]", "invalid character class range"),
        ("a{2,1}", "invalid repetition size"),
        (r"(a)\1", "invalid escape sequence"),
        ("(?=a)", "invalid perl operator"),
        ("(?<!a)b", "invalid perl operator"),
        (r"\pL{900}", "pattern too large"),
    ],
)
async def test_a_pattern_that_is_not_run_is_refused_with_its_place(pattern: str, why: str) -> None:
    length = {"type": "LENGTH"}
    message = await refused(length, {"type": "REGEX_MATCH", "config": {"pattern": pattern}})
    assert message.startswith(f"evaluators[1].config.pattern: is not a regular expression of RE2: {why}")
    assert message.endswith("; backreferences and lookaround are not run")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "text"},
        {"minLength": -1},
        {"enum": "a"},
        {"required": "a"},
        {"properties": []},
        {"items": 1},
        {"properties": {"a": {"items": {"maximum": "1"}}}},
    ],
)
async def test_what_is_no_schema_is_refused_with_its_place(schema: dict[str, Any]) -> None:
    message = await refused({"type": "JSON_SCHEMA", "config": {"schema": schema}})
    assert message.startswith("evaluators[0].config.schema: is not a JSON Schema: ")
    assert len(message) < 400


async def test_a_schema_nested_too_deeply_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(200):
        schema = {"items": schema}
    message = await refused({"type": "JSON_SCHEMA", "config": {"schema": schema}})
    assert message == "evaluators[0].config.schema: is nested more than 64 schemas deep"


async def test_output_nested_deeply_is_judged() -> None:
    (row,) = await accepted(
        {"type": "JSON_SCHEMA", "config": {"schema": {"type": "array"}}}, output="[" * 900 + "]" * 900
    )
    assert row["pass"] is True
    (row,) = await accepted({"type": "JSON_SCHEMA", "config": {"schema": {}}}, output="[" * 90_000 + "]" * 90_000)
    assert row["pass"] is False


RUNAWAYS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "a pattern that reads each letter thousands of times": (
        {"type": "REGEX_MATCH", "config": {"pattern": "((a?){30}){30}b"}},
        {"output": "a" * LONG},
    ),
    "long texts that differ": (
        {"type": "LEVENSHTEIN"},
        {"output": "a" * LONG, "expectedOutput": "b" * LONG},
    ),
    "n-grams of long texts": (
        {"type": "SIMILARITY", "config": {"tokenizer": "char_ngram"}},
        {"output": "a" * LONG, "expectedOutput": "b" * LONG},
    ),
    "thousands of values in a long text": (
        {"type": "CONTAINS", "config": {"value": [f"{number}" for number in range(5000)]}},
        {"output": "a" * LONG},
    ),
    "thousands of choices for thousands of items": (
        {"type": "JSON_SCHEMA", "config": {"schema": {"items": {"enum": [[number] for number in range(5000)]}}}},
        {"output": f"[{'1,' * (LONG // 2)}1]"},
    ),
}


@pytest.mark.parametrize("name", RUNAWAYS)
async def test_work_that_would_keep_the_server_busy_is_refused(name: str) -> None:
    evaluator, rest = RUNAWAYS[name]
    assert await refused({"type": "LENGTH"}, evaluator, **rest) == f"evaluators[1]: {TOO_MUCH}"


@pytest.mark.parametrize("name", RUNAWAYS)
async def test_the_same_work_on_a_short_text_is_done(name: str) -> None:
    evaluator, rest = RUNAWAYS[name]
    short = {field: text[:1000].removesuffix(",") for field, text in rest.items()}
    assert len(await accepted(evaluator, **short)) == 1


async def test_the_bound_is_one_for_all_evaluators_of_a_request() -> None:
    one: dict[str, Any] = {"type": "REGEX_MATCH", "config": {"pattern": r"(a|b)*a(a|b){20}c"}}
    assert len(await accepted(one, output="ab" * (LONG // 2))) == 1
    assert (await refused(*[one] * 50, output="ab" * (LONG // 2))).endswith(TOO_MUCH)


async def test_the_same_distance_is_measured_once() -> None:
    texts = {"output": "a" * 40_000, "expectedOutput": "b" * 40_000}
    same: dict[str, Any] = {"type": "LEVENSHTEIN"}
    assert len(await accepted(*[same] * 50, **texts)) == 50


async def test_equal_texts_of_any_size_cost_nothing() -> None:
    evaluators: list[dict[str, Any]] = [
        {"type": "LEVENSHTEIN"},
        {"type": "SIMILARITY", "config": {"tokenizer": "char_ngram"}},
    ]
    rows = await accepted(*evaluators, output="a" * LONG, expectedOutput="a" * LONG)
    assert [row["score"] for row in rows] == [1, 1]
