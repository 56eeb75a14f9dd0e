"""The gate, a part of the engine: decides from the contract alone whether a request may pass. Names no resource.

Everything is compiled when the server starts; a request costs look-ups and one call of each compiled validator.
"""

from twosignal_mock.engine.validation._aliases import Normaliser, Spelling
from twosignal_mock.engine.validation._errors import Errors, Failure
from twosignal_mock.engine.validation._json import DEEPEST, decode_json
from twosignal_mock.engine.validation._operation import (
    JSON,
    Answer,
    Body,
    CompiledOperation,
    Security,
    compile_operations,
)
from twosignal_mock.engine.validation._parameters import Parameters
from twosignal_mock.engine.validation._routes import Match, MethodNotAllowed, Routes
from twosignal_mock.engine.validation._schemas import Mistake, Schemas, place_text

__all__ = [
    "DEEPEST",
    "JSON",
    "Answer",
    "Body",
    "CompiledOperation",
    "Errors",
    "Failure",
    "Match",
    "MethodNotAllowed",
    "Mistake",
    "Normaliser",
    "Parameters",
    "Routes",
    "Schemas",
    "Security",
    "Spelling",
    "compile_operations",
    "decode_json",
    "place_text",
]
