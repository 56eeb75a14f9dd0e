"""Layer A: directed checks, one module `test_<area>.py` for each area of the contract; README.md says how to write one.

What a check needs is imported from here; what helps to write one is in `data` (data to send), `actions` (what many
checks do first) and `responses` (reading what came, in every documented dialect).
"""

from twosignal_conformance.apis.rest.checks.data import ABSENT, TestData
from twosignal_conformance.engine.api_client import MISSING, ApiClient, Exchange, Key, Settled, Unanswered
from twosignal_conformance.engine.judgement import Judge, covers, watches

__all__ = [
    "ABSENT",
    "MISSING",
    "ApiClient",
    "Exchange",
    "Judge",
    "Key",
    "Settled",
    "TestData",
    "Unanswered",
    "covers",
    "watches",
]
