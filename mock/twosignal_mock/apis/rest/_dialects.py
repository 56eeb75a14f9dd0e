"""How the dialects change responses and spellings: dialect and value to what it does, in one table each.

The canonical value of a dialect changes nothing. Dialects that change a meaning belong to the handlers and are named in
MEANINGS; a test shows that every documented value has exactly one owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from twosignal_contract import Contract, DialectValue, ErrorTemplate

from twosignal_mock.engine.api import Deviations, Spelling

Body = Callable[[Any], Any]

MEANINGS = frozenset({"identifiers", "rule-priority"})
"""Dialects that the handlers obey."""

KEY_PREFIX = "api-key-prefix"
"""What API keys begin with; its values end where a key's own characters begin."""

SPELLINGS: Mapping[str, Spelling] = {
    "both": Spelling.BOTH,
    "camel-case": Spelling.CANONICAL,
    "snake-case": Spelling.ALIASES,
}
"""span-spelling"""

ENVELOPES: Mapping[str, Body] = {
    "error": lambda body: body,
    "data-null": lambda body: {"data": None, **body},
}
"""error-envelope: the body of an error"""

TIMESTAMPS: Mapping[str, Callable[[str], str]] = {
    "milliseconds": lambda text: text,
    "seconds": lambda text: f"{text[:19]}Z",
    "offset": lambda text: f"{text.removesuffix('Z')}+00:00",
}
"""timestamps-out: from 2026-03-14T10:00:00.000Z"""

RESETS: Mapping[str, Callable[[int, int], int]] = {
    "seconds": lambda reset, _now: reset,
    "epoch-seconds": lambda reset, now: -(-now // 1_000_000) + reset,
    "epoch-milliseconds": lambda reset, now: -(-now // 1_000) + 1_000 * reset,
}
"""rate-limit-reset: from seconds that are left and the present in microseconds since 1970"""

REFUSED_HEADERS: Mapping[str, bool] = {"all": True, "retry-after": False}
"""rate-limit-headers: whether a 429 tells the limit beside the wait"""

BODIES: Mapping[str, tuple[str, Mapping[str, Body]]] = {
    "route-model-envelope": ("routeModel", {"bare": lambda body: body, "data": lambda body: {"data": body}}),
}
"""The operation, and the body of its success"""

STATUSES: Mapping[str, str] = {"otlp-status": "ingestOtlpTraces", "template-status": "pushPromptTemplate"}
"""The operation whose success status is the dialect value's"""

CAUSE_CODES: Mapping[str, str] = {"rate-limit-code": "rate-limit"}
"""The cause whose code is the dialect value's name"""

CAUSE_STATUSES: Mapping[str, str] = {"batch-overflow-status": "too-many-events"}
"""The cause whose status is the dialect value's, with the code that the contract gives that status"""


def deviations(contract: Contract, chosen: Mapping[str, str]) -> Deviations:
    """What the chosen values of the dialects change."""
    deviating = {
        name: contract.dialects[name].values[value]
        for name, value in chosen.items()
        if value != contract.dialects[name].canonical
    }

    def choice(name: str, table: Mapping[str, Any], usual: Any) -> Any:
        return table[deviating[name].name] if name in deviating else usual

    return Deviations(
        spelling=choice("span-spelling", SPELLINGS, Spelling.BOTH),
        errors=_errors(contract, deviating, choice("error-envelope", ENVELOPES, None)),
        statuses={
            operation: value.status
            for name, operation in STATUSES.items()
            if (value := deviating.get(name)) is not None and value.status is not None
        },
        bodies={
            operation: table[deviating[name].name] for name, (operation, table) in BODIES.items() if name in deviating
        },
        timestamps=choice("timestamps-out", TIMESTAMPS, None),
        reset=choice("rate-limit-reset", RESETS, None),
        limits_when_refused=choice("rate-limit-headers", REFUSED_HEADERS, True),
    )


def _errors(
    contract: Contract, deviating: Mapping[str, DialectValue], envelope: Body | None
) -> Mapping[str, ErrorTemplate]:
    """The errors that differ from the contract's, by cause."""
    errors = {error.cause: error for error in _changed(contract, deviating)}
    if envelope is None:
        return errors
    # The body of a template is a template, and so is what the envelope makes of it.
    everything = {**contract.errors, **errors}
    return {cause: replace(error, template=envelope(error.template)) for cause, error in everything.items()}


def _changed(contract: Contract, deviating: Mapping[str, DialectValue]) -> Iterator[ErrorTemplate]:
    errors = contract.errors
    for name, cause in CAUSE_CODES.items():
        if name in deviating:
            yield errors[cause].having(code=deviating[name].name)
    for name, cause in CAUSE_STATUSES.items():
        if name in deviating:
            status = deviating[name].status
            codes = (error.code for error in errors.values() if error.status == status)
            yield errors[cause].having(status=status, code=next(codes, None))
