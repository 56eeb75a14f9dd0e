"""Validation, a part of the engine: decides from the contract alone whether a request is right. Names no resource.

Everything is compiled when the server starts; a request costs look-ups and one call of each compiled validator.
"""

from twosignal_mock.engine.validation._aliases import Normaliser
from twosignal_mock.engine.validation._json import DEEPEST, decode_json
from twosignal_mock.engine.validation._operations import (
    JSON,
    Body,
    CompiledOperation,
    ResponseForm,
    ResponseShape,
    compile_operation,
    find_problems,
    is_json,
)
from twosignal_mock.engine.validation._parameters import LONGEST_KEPT, MOST_KEPT, Parameters, read_cookies
from twosignal_mock.engine.validation._routes import (
    Match,
    MethodNotAllowedError,
    Routes,
    path_to_divide,
    restore_slashes,
)
from twosignal_mock.engine.validation._schemas import Mistake, Schemas, place_text

__all__ = [
    "DEEPEST",
    "JSON",
    "LONGEST_KEPT",
    "MOST_KEPT",
    "Body",
    "CompiledOperation",
    "Match",
    "MethodNotAllowedError",
    "Mistake",
    "Normaliser",
    "Parameters",
    "ResponseForm",
    "ResponseShape",
    "Routes",
    "Schemas",
    "compile_operation",
    "decode_json",
    "find_problems",
    "is_json",
    "path_to_divide",
    "place_text",
    "read_cookies",
    "restore_slashes",
]
