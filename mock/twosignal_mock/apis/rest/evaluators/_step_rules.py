"""Evaluators that look at what an agent did: the tools that it called, and the steps that it went through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import orjson
from rapidfuzz.distance import LCSseq

from twosignal_mock.apis.rest.evaluators._json_rules import find_violation
from twosignal_mock.apis.rest.evaluators._values import Config, Subject, Verdict

_MOST_CALLS = 10_000
_MOST_PROBLEMS = 5
_CALL_STEPS = 500
"""For a call or step that is found, named and compared; 3 us at most."""


class ToolCall(NamedTuple):
    """A call of a function."""

    name: str
    arguments: Any
    """Of any JSON type: an agent may have written nonsense."""


def tool_calls(subject: Subject) -> Sequence[ToolCall]:
    """The calls in the output: OpenAI's, `{name, params}`, or either below `tool_calls`; none when it is no JSON."""
    return subject.remember("tool calls", lambda: tuple(islice(_read_calls(subject.text), _MOST_CALLS)))


def _read_calls(text: str) -> Iterator[ToolCall]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return
    for item in value if isinstance(value, list) else [value]:
        message = item.get("message", item) if isinstance(item, dict) else item
        nested = message.get("tool_calls") if isinstance(message, dict) else None
        for call in nested if isinstance(nested, list) else [message]:
            if (read := _read_call(call)) is not None:
                yield read


def _read_call(value: Any) -> ToolCall | None:
    if not isinstance(value, dict):
        return None
    function = value.get("function")
    body = function if isinstance(function, dict) else value
    if not isinstance(body.get("name"), str):
        return None
    arguments: Any = next((body[key] for key in ("arguments", "params", "parameters", "args") if key in body), {})
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments)
        except orjson.JSONDecodeError:
            arguments = None
    return ToolCall(body["name"], arguments)


def tool_call_validation(subject: Subject, config: Config) -> Verdict:
    """The share of the tool calls that are allowed and complete, to four places; passes when all are.

    Its page is cut before the formula. An output without a call has nothing that could be validated, and fails.
    """
    calls = tool_calls(subject)
    subject.spend(len(subject.text) + _CALL_STEPS * len(calls))
    if not calls:
        return Verdict(0.0, False, "there is no tool call in the output")
    problems = [problem for call in calls if (problem := _find_problem(subject, call, config)) is not None]
    if not problems:
        return Verdict(1.0, True, f"{len(calls)} tool calls are valid")
    shown = "; ".join(problems[:_MOST_PROBLEMS])
    return Verdict(round(1 - len(problems) / len(calls), 4), False, f"{len(problems)} of {len(calls)} fail: {shown}")


def _find_problem(subject: Subject, call: ToolCall, config: Config) -> str | None:
    name = call.name[:100]
    allowed = config["allowed_functions"]
    subject.spend(len(allowed or ()))
    if allowed is not None and call.name not in allowed:
        return f"{name} is not allowed"
    arguments = call.arguments if isinstance(call.arguments, dict) else None
    required = (config["required_params"] or {}).get(call.name, [])
    subject.spend(len(required))
    missing = [parameter[:100] for parameter in required if arguments is None or parameter not in arguments]
    if missing:
        return f"{name} lacks {', '.join(missing[:_MOST_PROBLEMS])}"
    schema = (config["schema"] or {}).get(call.name)
    if schema is None:
        return None
    violation = find_violation(subject, schema, call.arguments, ".config.schema")
    return None if violation is None else f"{name}: {violation}"


def workflow_adherence(subject: Subject, config: Config) -> Verdict:
    """The longest common subsequence of the steps taken and expected, over the number expected, to four places.

    With `strict_order` over the larger of both numbers, so that nothing may stand between. A prohibited step, or the
    lack of a required one, makes it 0; passes at 1. Its page is cut before the formula.
    """
    expected = [step.casefold() for step in config["expected_steps"]]
    required = [step.casefold() for step in config.get("required_steps", [])]
    prohibited = [step.casefold() for step in config.get("prohibited_steps", [])]
    taken = _FINDERS[config["extract_from"]](subject, dict.fromkeys((*expected, *required, *prohibited)))
    found = set(taken)
    if wrong := [step for step in prohibited if step in found]:
        return Verdict(0.0, False, f"prohibited: {_shown(wrong)}")
    if wrong := [step for step in required if step not in found]:
        return Verdict(0.0, False, f"required and missing: {_shown(wrong)}")
    subject.spend(len(taken) * len(expected) // 16 + _CALL_STEPS * (len(taken) + len(expected)))
    common = LCSseq.similarity(taken, expected)
    score = round(common / max(len(expected), len(taken) if config["strict_order"] else 0), 4)
    return Verdict(score, score == 1, f"{common} of {len(expected)} expected steps in their order, {len(taken)} taken")


def _shown(steps: list[str]) -> str:
    return ", ".join(step[:100] for step in steps[:_MOST_PROBLEMS])


def _steps_in_text(subject: Subject, known: Mapping[str, None]) -> list[str]:
    """Where the output names the known steps, in its order; one that stands within another's name is not meant."""
    text = subject.remember(("folded", subject.text), subject.text.casefold)
    subject.spend(len(known) * (len(text) // 2 + 1))
    places: list[tuple[int, int, str]] = []
    for step in filter(None, known):
        start = text.find(step)
        while start >= 0 and len(places) < _MOST_CALLS:
            places.append((start, -len(step), step))
            start = text.find(step, start + len(step))
    subject.spend(_CALL_STEPS * len(places))
    taken, end = [], 0
    for start, length, step in sorted(places):
        if start >= end:
            taken.append(step)
            end = start - length
    return taken


def _steps_of_calls(subject: Subject, known: Mapping[str, None]) -> list[str]:
    del known
    return [call.name.casefold() for call in tool_calls(subject)]


_FINDERS = {"output": _steps_in_text, "tool_calls": _steps_of_calls}
"""By `extract_from` of a configuration: the steps taken, in their order."""
