"""The judge's view of the contract: `openapi.yaml` as typed values, each clause with its pointer and its line."""

from twosignal_conformance.contract._load import load_contract
from twosignal_conformance.contract._problems import ContractError, Problem
from twosignal_conformance.contract._types import (
    About,
    Clause,
    Contract,
    Dialect,
    Level,
    PayloadLimit,
    Question,
    RateLimit,
    Reading,
    Retry,
    Source,
    Tokens,
)

__all__ = [
    "About",
    "Clause",
    "Contract",
    "ContractError",
    "Dialect",
    "Level",
    "PayloadLimit",
    "Problem",
    "Question",
    "RateLimit",
    "Reading",
    "Retry",
    "Source",
    "Tokens",
    "load_contract",
]
