"""Loaded by Schemathesis: what no schema can say of the values that it sends.

Strings of the format x-cursor are those that the server issued (SWEEP_CURSORS). No integer is larger than 64 bits hold:
a server may refuse what it could not give back (clause json.numbers.unchanged).
"""

import os
from typing import Any

import schemathesis
from hypothesis import strategies

schemathesis.openapi.format("x-cursor", strategies.sampled_from(os.environ["SWEEP_CURSORS"].split(",")))

_INTEGERS = range(-(2**63), 2**64)


@schemathesis.hook
def filter_body(_context: Any, body: Any) -> bool:
    """True for a body that the server has to take."""
    if isinstance(body, dict):
        return all(filter_body(_context, value) for value in body.values())
    if isinstance(body, list):
        return all(filter_body(_context, value) for value in body)
    return not isinstance(body, int) or body in _INTEGERS
