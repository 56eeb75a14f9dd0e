"""Reads contracts: OpenAPI documents with our extensions, as one frozen value that answers questions.

Nothing here knows what a contract is about, nor whether somebody serves it or judges by it.
"""

from twosignal_contract._contract import Contract
from twosignal_contract._load import documents, load_contract
from twosignal_contract._lookup import UnknownNameError, hint, pick
from twosignal_contract._model import (
    About,
    Api,
    Clause,
    Dialect,
    DialectValue,
    Level,
    PayloadLimit,
    Question,
    RateHeaders,
    RateLimit,
    Retry,
    Source,
)
from twosignal_contract._operations import (
    MediaType,
    Operation,
    Parameter,
    RequestBody,
    Response,
    SecurityScheme,
)
from twosignal_contract._problems import ContractError, Problem
from twosignal_contract._templates import ErrorTemplate

__all__ = [
    "About",
    "Api",
    "Clause",
    "Contract",
    "ContractError",
    "Dialect",
    "DialectValue",
    "ErrorTemplate",
    "Level",
    "MediaType",
    "Operation",
    "Parameter",
    "PayloadLimit",
    "Problem",
    "Question",
    "RateHeaders",
    "RateLimit",
    "RequestBody",
    "Response",
    "Retry",
    "SecurityScheme",
    "Source",
    "UnknownNameError",
    "documents",
    "hint",
    "load_contract",
    "pick",
]
