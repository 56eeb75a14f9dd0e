"""Encodes bodies, and refuses those that can not fit."""

from __future__ import annotations

import json
from typing import Any

from twosignal_client._errors import PayloadTooLargeError, ValidationError
from twosignal_client.generated.policy import ERROR_CODES, Operation


def encode(value: Any) -> bytes:
    """JSON in UTF-8 without spaces; ValidationError for what JSON cannot say."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        message = f"the request is no JSON: {error}; expected objects, lists, text, finite numbers, booleans and None"
        raise ValidationError(message, code=ERROR_CODES["invalid-value"]) from error


def refuse_larger(operation: Operation, size: int) -> None:
    """PayloadTooLargeError when a body has more bytes than its operation takes."""
    if operation.bytes is not None and size > operation.bytes:
        message = f"a body of {size} bytes; {operation.id} takes at most {operation.bytes}; send less at once"
        raise PayloadTooLargeError(message, code=ERROR_CODES["body-too-large"])
