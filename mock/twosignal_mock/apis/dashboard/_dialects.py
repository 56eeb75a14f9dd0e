"""How the dialects change responses and spellings: dialect and value to what it does, in one table each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.dashboard._rules import Rules
from twosignal_mock.engine.api import Deviations, Spelling

LISTS: Mapping[str, str] = {"evaluator.list": "evaluators", "dataset.list": "datasets", "apiKey.list": "apiKeys"}
"""list-shape: the lists that may stand under a name"""

COSTS = ("trace.list", "trace.byId", "trace.getById")
"""cost-type: the procedures whose results hold costs"""

SPELLINGS: Mapping[str, Spelling] = {
    "both": Spelling.BOTH,
    "name": Spelling.CANONICAL,
    "search": Spelling.ALIASES,
}
"""trace-name-filter: of the input of trace.list"""

PROCEDURES: Mapping[str, tuple[bool, bool]] = {
    "both": (True, True),
    "command-line": (True, False),
    "terminal-interface": (False, True),
}
"""procedure-spelling: whether the first and the second spelling of a procedure is known"""


def deviations(contract: Contract, chosen: Mapping[str, str]) -> Deviations:
    """What the chosen values of the dialects change."""
    values = {name: chosen.get(name, dialect.canonical) for name, dialect in contract.dialects.items()}
    bodies: dict[str, Callable[[Any], Any]] = {}
    if values.get("list-shape") == "object":
        bodies |= {procedure: _under(name) for procedure, name in LISTS.items()}
    if values.get("cost-type") == "number":
        bodies |= dict.fromkeys(COSTS, _with_numbers)
    errors = {}
    if values.get("error-shape") == "plain":
        errors = {
            cause: replace(error, template={"error": error.template["error"]["json"]})
            for cause, error in contract.errors.items()
        }
    spelling = SPELLINGS[values.get("trace-name-filter", "both")]
    return Deviations(errors=errors, bodies=bodies, spellings={"trace.list": spelling})


def is_spelled_so(chosen: Mapping[str, str], rules: Rules) -> Callable[[str], bool]:
    """Whether a procedure is known by a name."""
    first, second = PROCEDURES[chosen.get("procedure-spelling", "both")]
    doubled = {procedure.same_as for procedure in rules.procedures.values()}

    def is_known(name: str) -> bool:
        if name in doubled:
            return first
        return second or rules.procedures[name].same_as is None

    return is_known


def _under(name: str) -> Callable[[Any], Any]:
    def change(body: Any) -> Any:
        data = body["result"]["data"]
        values = data.get("meta", {}).get("values", {})
        meta = {"meta": {"values": {f"{name}.{path}": types for path, types in values.items()}}} if values else {}
        return {"result": {"data": {"json": {name: data["json"]}, **meta}}}

    return change


def _with_numbers(body: Any) -> Any:
    shown = body["result"]["data"]["json"]
    for trace in shown.get("traces", [shown]):
        for holder, name in [(trace, "totalCost"), *((span, "cost") for span in trace.get("spans", ()))]:
            if holder[name] is not None:
                holder[name] = float(Decimal(holder[name]))
    return body
