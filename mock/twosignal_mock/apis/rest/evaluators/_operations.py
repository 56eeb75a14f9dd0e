"""What validation offers."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest.evaluators._pattern_rules import forget_patterns
from twosignal_mock.apis.rest.evaluators._rules import Bench
from twosignal_mock.apis.rest.evaluators._values import EvaluatorError, Subject, Verdict
from twosignal_mock.apis.rest.evaluators._wire import read_subject, write_answer, write_result
from twosignal_mock.engine.api import Call, Operation, Refusal, Setting

if TYPE_CHECKING:
    from twosignal_mock.engine.store import Transaction


def operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:  # noqa: ARG001 - the shape of all resources
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
        return write_answer(bench.passes(verdicts, call.body.get("failMode")), results, latency)

    return (Operation("validateOutput", validate_output),)


def _run_all(bench: Bench, subject: Subject, asked: list[dict[str, Any]]) -> list[Verdict]:
    verdicts = []
    for index, row in enumerate(asked):
        try:
            verdicts.append(bench.run(subject, row["type"], row.get("config", {})))
        except EvaluatorError as error:
            raise Refusal("invalid-value", place=f"evaluators[{index}]{error.place}", problem=error.problem) from error
    return verdicts
