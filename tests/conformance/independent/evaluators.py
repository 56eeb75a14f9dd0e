"""What decides from the text alone whether an output passes, and the operation that runs several of them."""

import json
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import re2  # type: ignore[import-untyped]

from .traces import Project
from .values import ApiError, Fields, Json, invalid, is_number, read_json, write_json

MOST_EVALUATORS = 50
LONGEST_PATTERN = 1000
MOST_CELLS = 4_000_000  # of an edit distance: more keeps a thread busy for seconds
FAIL_MODES = ("any", "all")


@dataclass(frozen=True)
class Subject:
    """The output that is judged, as text and as it came, and what was expected instead."""

    value: Json
    text: str
    expected: str | None


@dataclass(frozen=True)
class Finding:
    passed: bool
    score: float
    reason: str | None = None


def _binary(passed: bool, reason: str | None = None) -> Finding:
    return Finding(passed, 1.0 if passed else 0.0, reason)


def validate(_: Project, body: Json) -> Json:
    started = time.perf_counter()
    fields = Fields(body)
    output = fields.any("output")
    evaluators = fields.items("evaluators")
    if not 1 <= len(evaluators) <= MOST_EVALUATORS:
        raise invalid("evaluators", f"expected 1 to {MOST_EVALUATORS} evaluators")
    mode = fields.choice("failMode", FAIL_MODES) if "failMode" in fields.value else "any"
    expected = fields.value.get("expectedOutput")
    subject = Subject(output, _as_text(output), None if expected is None else _as_text(expected))
    results = [_run(subject, Fields(item, f"evaluators[{index}]")) for index, item in enumerate(evaluators)]
    passes = [result["pass"] for result in results]
    passed = all(passes) if mode == "any" else any(passes)
    elapsed = round((time.perf_counter() - started) * 1000, 3)
    return {"data": {"pass": passed, "results": results, "latencyMs": elapsed}}


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else write_json(value).decode()


def _run(subject: Subject, evaluator: Fields) -> dict[str, Json]:
    kind = evaluator.text("type")
    if kind not in _EVALUATORS:
        raise invalid(evaluator.at("type"), f"this server runs {', '.join(_EVALUATORS)}")
    config = evaluator.fields("config") if "config" in evaluator.value else Fields({}, evaluator.at("config"))
    finding = _EVALUATORS[kind](subject, config)
    return {
        "evaluator": kind,
        "pass": finding.passed,
        "score": finding.score,
        "label": "pass" if finding.passed else "fail",
        "reason": finding.reason,
    }


def _flag(config: Fields, name: str, default: bool) -> bool:
    return config.boolean(name) if name in config.value else default


def _ratio(config: Fields, name: str, default: str) -> float:
    return float(config.number(name, 0, 1) if name in config.value else Decimal(default))


def _fold(config: Fields, text: str) -> str:
    return text if _flag(config, "case_sensitive", False) else text.lower()


# --- text -----------------------------------------------------------------------------------------------------------


def _contains(subject: Subject, config: Fields) -> Finding:
    values = config.texts("value") if isinstance(config.any("value"), list) else [config.text("value")]
    if not values:
        raise invalid(config.at("value"), "is empty")
    mode = config.choice("mode", FAIL_MODES) if "mode" in config.value else "any"
    text = _fold(config, subject.text)
    found = [_fold(config, value) in text for value in values]
    passed = all(found) if mode == "all" else any(found)
    return _binary(passed != _flag(config, "negate", False))


def _regex_match(subject: Subject, config: Fields) -> Finding:
    pattern = config.text("pattern", most=LONGEST_PATTERN)
    flags = config.text("flags") if "flags" in config.value else "i"
    if not set(flags) <= set("gimsuy"):
        raise invalid(config.at("flags"), "expected letters of gimsuy")
    inner = "".join(flag for flag in "ims" if flag in flags)
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(f"(?{inner}){pattern}" if inner else pattern, options)
    except re2.error as problem:
        raise invalid(config.at("pattern"), f"not a regular expression: {problem}") from None
    matched = compiled.search(subject.text) is not None
    return _binary(matched != _flag(config, "negate", False))


def _exact_match(subject: Subject, config: Fields) -> Finding:
    texts = [_fold(config, text) for text in (subject.text, subject.expected or "")]
    if _flag(config, "trim", True):
        texts = [text.strip() for text in texts]
    if _flag(config, "normalize_whitespace", False):
        texts = [" ".join(text.split()) for text in texts]
    if subject.expected is None:
        return _binary(False, "nothing is expected")
    return _binary(texts[0] == texts[1])


def _edge(matches: Callable[[str, str], bool]) -> Callable[[Subject, Fields], Finding]:
    def evaluate(subject: Subject, config: Fields) -> Finding:
        text, value = _fold(config, subject.text), _fold(config, config.text("value"))
        if _flag(config, "trim", True):
            text, value = text.strip(), value.strip()
        return _binary(bool(value) and matches(text, value))

    return evaluate


def _length(subject: Subject, config: Fields) -> Finding:
    unit = config.choice("unit", ("chars", "words")) if "unit" in config.value else "chars"
    least = config.number("min") if "min" in config.value else 0
    most = config.number("max") if "max" in config.value else None
    count = len(subject.text) if unit == "chars" else len(subject.text.split())
    passed = count >= least and (most is None or count <= most)
    return _binary(passed, f"{count} {unit}, allowed are {least} to {'any' if most is None else most}")


# --- closeness ------------------------------------------------------------------------------------------------------


def _levenshtein(subject: Subject, config: Fields) -> Finding:
    threshold = _ratio(config, "threshold", "0.7")
    text, expected = _fold(config, subject.text), _fold(config, subject.expected or "")
    if subject.expected is None:
        return _binary(False, "nothing is expected")
    longer = max(len(text), len(expected))
    score = round(1 - _distance(text, expected) / longer, 2) if longer else 1.0
    return Finding(score >= threshold, score)


def _distance(one: str, other: str) -> int:
    if len(one) * len(other) > MOST_CELLS:
        raise invalid("output", "is too long for an edit distance")
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, facing in enumerate(other, 1):
            current.append(min(above[column] + 1, current[-1] + 1, above[column - 1] + (letter != facing)))
        above = current
    return above[-1]


def _similarity(subject: Subject, config: Fields) -> Finding:
    threshold = _ratio(config, "threshold", "0.7")
    tokenizer = config.choice("tokenizer", ("word", "char_ngram")) if "tokenizer" in config.value else "word"
    size = config.integer("ngram_size", 1, 100) if "ngram_size" in config.value else 3
    if subject.expected is None:
        return _binary(False, "nothing is expected")
    counts = [Counter(_tokens(text, tokenizer, size)) for text in (subject.text, subject.expected)]
    score = round(_cosine(*counts), 4)
    return Finding(score >= threshold, score)


def _tokens(text: str, tokenizer: str, size: int) -> list[str]:
    text = text.lower()
    if tokenizer == "word":
        return text.split()
    return [text[start : start + size] for start in range(max(1, len(text) - size + 1))] if text else []


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    if one == other:
        return 1.0
    weights = {token: math.log(3 / (1 + (token in one) + (token in other))) + 1 for token in one | other}
    product = sum(one[token] * other[token] * weights[token] ** 2 for token in one)
    norms = [math.sqrt(sum((count * weights[token]) ** 2 for token, count in side.items())) for side in (one, other)]
    return min(1.0, product / (norms[0] * norms[1])) if all(norms) else 0.0


# --- JSON -----------------------------------------------------------------------------------------------------------


def _json_schema(subject: Subject, config: Fields) -> Finding:
    schema = config.mapping("schema")
    try:
        value = read_json(subject.text.encode())
    except ApiError:
        return _binary(False, "the output is not JSON")
    return _binary(_allows(schema, value))


_TYPES: dict[str, Callable[[Json], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": lambda value: is_number(value) and bool(value == int(value)),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


def _allows(schema: Json, value: Json) -> bool:
    if not isinstance(schema, dict):
        return schema is not False
    return (
        _allows_type(schema.get("type"), value)
        and ("enum" not in schema or any(_same(value, option) for option in schema["enum"]))
        and _allows_object(schema, value)
        and _allows_size(schema, value)
        and (not isinstance(value, list) or all(_allows(schema.get("items", {}), item) for item in value))
    )


def _allows_type(kind: Json, value: Json) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return kind is None or any(_TYPES[name](value) for name in kinds if name in _TYPES)


def _allows_object(schema: dict[str, Json], value: Json) -> bool:
    if not isinstance(value, dict):
        return True
    properties = schema.get("properties", {})
    return all(name in value for name in schema.get("required", [])) and all(
        _allows(inner, value[name]) for name, inner in properties.items() if name in value
    )


def _allows_size(schema: dict[str, Json], value: Json) -> bool:
    if isinstance(value, str):
        return bool(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)))
    if is_number(value):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def _same(one: Json, other: Json) -> bool:
    return json.dumps(one, sort_keys=True, default=float) == json.dumps(other, sort_keys=True, default=float)


_EVALUATORS: dict[str, Callable[[Subject, Fields], Finding]] = {
    "CONTAINS": _contains,
    "REGEX_MATCH": _regex_match,
    "JSON_SCHEMA": _json_schema,
    "EXACT_MATCH": _exact_match,
    "STARTS_WITH": _edge(str.startswith),
    "ENDS_WITH": _edge(str.endswith),
    "LENGTH": _length,
    "LEVENSHTEIN": _levenshtein,
    "SIMILARITY": _similarity,
}
