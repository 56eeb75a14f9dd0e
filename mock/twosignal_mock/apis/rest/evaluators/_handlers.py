"""The handler of validation: which evaluators this server runs, with which defaults, and when an output passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest.evaluators._distance_rules import levenshtein, similarity
from twosignal_mock.apis.rest.evaluators._json_rules import json_schema
from twosignal_mock.apis.rest.evaluators._text_rules import (
    contains,
    ends_with,
    exact_match,
    forget_patterns,
    length,
    regex_match,
    starts_with,
)
from twosignal_mock.apis.rest.evaluators._values import Evaluator, EvaluatorError, Subject, Verdict
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler

if TYPE_CHECKING:
    from twosignal_mock.engine.store import Transaction

EVALUATORS: Mapping[str, Evaluator] = {
    "CONTAINS": contains,
    "REGEX_MATCH": regex_match,
    "JSON_SCHEMA": json_schema,
    "EXACT_MATCH": exact_match,
    "STARTS_WITH": starts_with,
    "ENDS_WITH": ends_with,
    "LENGTH": length,
    "LEVENSHTEIN": levenshtein,
    "SIMILARITY": similarity,
}
"""By type; a further evaluator is one more row."""

_WHOLE: Mapping[str, Callable[[Iterable[bool]], bool]] = {"any": all, "all": any}
"""By what makes the whole fail (`any` one evaluator, or only `all` of them): whether it passes."""


class Bench:
    """Runs evaluators with the defaults of a contract."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        """`schemas`: /components/schemas of the document."""
        mapping = schemas["Evaluator"]["discriminator"]["mapping"]
        self._defaults = {
            kind: _defaults(schemas[reference.rpartition("/")[2]])
            for kind, reference in mapping.items()
            if kind in EVALUATORS
        }
        self._fail_mode = schemas["ValidateRequest"]["properties"]["failMode"]["default"]

    def run(self, subject: Subject, kind: str, config: Mapping[str, Any]) -> Verdict:
        """What the evaluator of a type says. Raises EvaluatorError when it cannot be run."""
        if kind not in self._defaults:
            raise EvaluatorError(".type", f"is {kind}; this server runs {', '.join(self._defaults)}")
        return EVALUATORS[kind](subject, {**self._defaults[kind], **config})

    def passes(self, verdicts: Iterable[Verdict], fail_mode: str | None) -> bool:
        """Whether the output passes as a whole; `fail_mode` None is the contract's default."""
        return _WHOLE[fail_mode or self._fail_mode](verdict.passed for verdict in verdicts)


def _defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a configuration has when it is silent, from the schema of its evaluator."""
    properties = schema["properties"]["config"].get("properties", {})
    return {name: row["default"] for name, row in properties.items() if "default" in row}


def handlers(contract: Contract, dependencies: Dependencies) -> tuple[Handler, ...]:  # noqa: ARG001 - the shape of all resources
    """ValidateOutput."""
    bench = Bench(contract.document["components"]["schemas"])

    def validate_output(call: Call, transaction: Transaction) -> object:  # noqa: ARG001 - it keeps nothing
        # How long the evaluators took is a fact about this process, no instant of the sandbox: its clock stays out.
        started = perf_counter()
        asked = call.body["evaluators"]
        try:
            verdicts = _run_all(bench, read_subject(call.body), asked)
        finally:
            forget_patterns()
        results = (write_result(row["type"], verdict) for row, verdict in zip(asked, verdicts, strict=True))
        latency = round((perf_counter() - started) * 1000)
        return write_response(bench.passes(verdicts, call.body.get("failMode")), results, latency)

    return (Handler("validateOutput", validate_output),)


def _run_all(bench: Bench, subject: Subject, asked: list[dict[str, Any]]) -> list[Verdict]:
    verdicts = []
    for index, row in enumerate(asked):
        try:
            verdicts.append(bench.run(subject, row["type"], row.get("config", {})))
        except EvaluatorError as error:
            raise ApiError("invalid-value", place=f"evaluators[{index}]{error.place}", problem=error.problem) from error
    return verdicts


def read_subject(body: Mapping[str, Any]) -> Subject:
    """What a ValidateRequest, checked already, is about; an expectedOutput of null expects nothing."""
    expected = body.get("expectedOutput")
    return Subject(_text(body["output"]), None if expected is None else _text(expected))


def write_result(kind: str, verdict: Verdict) -> dict[str, Any]:
    """EvaluatorResult."""
    return {
        "evaluator": kind,
        "pass": verdict.passed,
        "score": verdict.score,
        "label": "pass" if verdict.passed else "fail",
        "reason": verdict.reason,
    }


def write_response(passed: bool, results: Iterable[dict[str, Any]], latency: int) -> dict[str, Any]:
    """ValidateResult; `latency` in milliseconds."""
    return {"data": {"pass": passed, "results": list(results), "latencyMs": latency}}


def _text(value: Any) -> str:
    """A string as it is, any other value as compact JSON (validate.output.text)."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
