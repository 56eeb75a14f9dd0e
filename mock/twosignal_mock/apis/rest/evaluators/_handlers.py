"""The handler of validation: runs evaluators at once on one output, and says when it passes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from time import perf_counter
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest.evaluators._catalogue import Catalogue
from twosignal_mock.apis.rest.evaluators._patterns import forget_patterns
from twosignal_mock.apis.rest.evaluators._values import EvaluatorError, Subject, Verdict
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler

_WHOLE: Mapping[str, Callable[[Iterable[bool]], bool]] = {"any": all, "all": any}
"""By what makes the whole fail (`any` one evaluator, or only `all` of them): whether it passes."""
_MOST_SECONDS = 30
"""For all that waits for somebody elsewhere, together: what the contract gives to one model."""
_LATE = Verdict(0.0, False, f"there was no verdict within {_MOST_SECONDS} seconds")


def handlers(contract: Contract, dependencies: Dependencies) -> tuple[Handler, ...]:
    """ValidateOutput."""
    catalogue = Catalogue(contract, dependencies)
    default_mode = contract.document["components"]["schemas"]["ValidateRequest"]["properties"]["failMode"]["default"]

    async def validate_output(call: Call, transaction: None) -> object:
        del transaction  # it keeps nothing
        # How long the evaluators took is a fact about this process, no instant of the sandbox: its clock stays out.
        started = perf_counter()
        asked = call.body["evaluators"]
        verdicts = await _run_all(catalogue, read_subject(call.body), asked)
        results = [write_result(row["type"], verdict) for row, verdict in zip(asked, verdicts, strict=True)]
        passed = _WHOLE[call.body.get("failMode") or default_mode](verdict.passed for verdict in verdicts)
        return {"data": {"pass": passed, "results": results, "latencyMs": round((perf_counter() - started) * 1000)}}

    return (Handler("validateOutput", validate_output, stateless=True, awaited=True),)


_Later = Callable[[], Awaitable[Verdict]]


async def _run_all(catalogue: Catalogue, subject: Subject, asked: list[dict[str, Any]]) -> list[Verdict]:
    """Those that wait do so together, and only when each of the others could be run."""
    try:
        begun = [_begin(catalogue, subject, index, row) for index, row in enumerate(asked)]
    finally:
        forget_patterns()
    return await asyncio.gather(*(_finish(index, each) for index, each in enumerate(begun)))


def _begin(catalogue: Catalogue, subject: Subject, index: int, row: Mapping[str, Any]) -> Verdict | _Later:
    kind = row["type"]
    try:
        config = catalogue.complete(kind, row.get("config", {}))
        if catalogue.waits(kind, config):
            return partial(catalogue.ask, kind, subject, config)
        return catalogue.judge(kind, subject, config)
    except EvaluatorError as error:
        raise _refuse(index, error) from error


async def _finish(index: int, begun: Verdict | _Later) -> Verdict:
    if isinstance(begun, Verdict):
        return begun
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            return await begun()
    except TimeoutError:
        return _LATE
    except EvaluatorError as error:
        raise _refuse(index, error) from error


def _refuse(index: int, error: EvaluatorError) -> ApiError:
    return ApiError("invalid-value", place=f"evaluators[{index}]{error.place}", problem=error.problem)


def read_subject(body: Mapping[str, Any]) -> Subject:
    """What a ValidateRequest, checked already, is about; an input or expectedOutput of null is none."""
    return Subject(text_of(body["output"]), text_or_none(body.get("expectedOutput")), text_or_none(body.get("input")))


def text_or_none(value: Any) -> str | None:
    """As `text_of`; null is nothing."""
    return None if value is None else text_of(value)


def text_of(value: Any) -> str:
    """A string as it is, any other value as compact JSON (validate.output.text)."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write_result(kind: str, verdict: Verdict) -> dict[str, Any]:
    """EvaluatorResult."""
    return {
        "evaluator": kind,
        "pass": verdict.passed,
        "score": verdict.score,
        "label": label_of(verdict),
        "reason": verdict.reason,
    }


def label_of(verdict: Verdict) -> str:
    """How a result and a score spell that something passed."""
    return "pass" if verdict.passed else "fail"
