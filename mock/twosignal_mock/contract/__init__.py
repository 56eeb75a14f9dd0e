"""The engine's view of a contract: reads an OpenAPI document with extensions, and refuses what it cannot obey.

Nothing here knows what the contract is about; it would serve any other API as well.
"""

from twosignal_mock.contract._load import load_contract
from twosignal_mock.contract._location import extension_schema
from twosignal_mock.contract._model import (
    About,
    Clause,
    Contract,
    Dialect,
    DialectValue,
    ErrorKind,
    Level,
    OperationOutline,
    PayloadLimit,
    Question,
    RateHeaders,
    RateLimit,
    Retry,
    Source,
    Tokens,
)
from twosignal_mock.contract._problem import ContractError, Problem
from twosignal_mock.contract._routing import (
    Complexity,
    Indicator,
    Length,
    Routing,
    RoutingConfig,
    RoutingRule,
    Structure,
)

__all__ = [
    "About",
    "Clause",
    "Complexity",
    "Contract",
    "ContractError",
    "Dialect",
    "DialectValue",
    "ErrorKind",
    "Indicator",
    "Length",
    "Level",
    "OperationOutline",
    "PayloadLimit",
    "Problem",
    "Question",
    "RateHeaders",
    "RateLimit",
    "Retry",
    "Routing",
    "RoutingConfig",
    "RoutingRule",
    "Source",
    "Structure",
    "Tokens",
    "extension_schema",
    "load_contract",
]
