"""How the dialects change responses and spellings: dialect and value to what it does, in one table each.

The canonical value of a dialect changes nothing. Dialects that change a meaning belong to the handlers and are named in
MEANINGS; a test shows that every documented value has exactly one owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus

from twosignal_contract import Contract, DialectValue, ErrorTemplate

from twosignal_mock.engine.api import Deviations, Spelling

MEANINGS = frozenset(
    {
        "trace-cursor",
        "single-trace-pagination",
        "unknown-trace",
        "root-parent",
        "edge-scope",
        "metric-type-case",
        "available-tags",
        "resolution-case",
        "field-case",
        "log-site",
        "log-severity-case",
        "log-json",
        "unknown-revision",
        "cron-times",
    }
)
"""Dialects that the handlers obey."""

SPELLINGS: Mapping[str, Spelling] = {
    "both": Spelling.BOTH,
    "duration": Spelling.CANONICAL,
    "duration-ms": Spelling.ALIASES,
}
"""minimum-duration"""

STATUSES: Mapping[str, tuple[str, ...]] = {
    "unprocessable-status": ("invalid-value", "ambiguous-spelling", "malformed-json"),
}
"""The causes whose status is the dialect value's; what they say stays."""

REFUSALS: Mapping[str, str] = {"site-without-access": "unknown-site"}
"""The cause whose status is the dialect value's, and which says no more than that status does."""

REFUSED_SCHEMES: Mapping[str, tuple[str, Mapping[str, frozenset[str]]]] = {
    "log-token": ("searchLogLines", {"header-or-query": frozenset(), "header-only": frozenset({"queryToken"})}),
}
"""The operation, and the security schemes that it does not take."""

OPTIONAL_FIELDS: Mapping[str, tuple[str, Mapping[str, frozenset[str]]]] = {
    "log-site": ("searchLogLines", {"required": frozenset(), "ignored": frozenset({"site_id"})}),
}
"""The operation, and the fields of its body that may be left out; what is made of them is up to the handler."""


def deviations(contract: Contract, chosen: Mapping[str, str]) -> Deviations:
    """What the chosen values of the dialects change."""
    deviating = {
        name: contract.dialects[name].values[value]
        for name, value in chosen.items()
        if value != contract.dialects[name].canonical
    }
    spelling = deviating.get("minimum-duration")
    return Deviations(
        spelling=Spelling.BOTH if spelling is None else SPELLINGS[spelling.name],
        errors={error.cause: error for error in _changed(contract, deviating)},
        refused_schemes={
            operation: schemes[deviating[name].name]
            for name, (operation, schemes) in REFUSED_SCHEMES.items()
            if name in deviating
        },
        optional_fields={
            operation: fields[deviating[name].name]
            for name, (operation, fields) in OPTIONAL_FIELDS.items()
            if name in deviating
        },
    )


def _changed(contract: Contract, deviating: Mapping[str, DialectValue]) -> Iterator[ErrorTemplate]:
    for name, causes in STATUSES.items():
        if name in deviating:
            yield from (contract.errors[cause].having(status=deviating[name].status) for cause in causes)
    for name, cause in REFUSALS.items():
        status = deviating[name].status if name in deviating else None
        if status is not None:
            yield contract.errors[cause].having(status=status, code=HTTPStatus(status).phrase)
