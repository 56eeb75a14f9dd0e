"""2Signal's own: one folder for each resource of the contract, with the same files in each.

`_values.py` typed values, `_wire.py` JSON to values and back, `_rules.py` pure rules, `_operations.py` what the gate
calls.
"""

from collections.abc import Callable

from twosignal_contract import Contract

from twosignal_mock.apis.rest import evaluators, health, otel, routing, scores, sessions, templates, traces
from twosignal_mock.engine.api import Operation, Setting

__all__ = ["all_operations"]


def all_operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:
    """What is offered for every operationId of the contract."""
    return tuple(operation for operations in _RESOURCES for operation in operations(contract, setting))


_RESOURCES: tuple[Callable[[Contract, Setting], tuple[Operation, ...]], ...] = (
    health.operations,
    traces.operations,
    otel.operations,
    scores.operations,
    routing.operations,
    templates.operations,
    evaluators.operations,
    sessions.operations,
)
