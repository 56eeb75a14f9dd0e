"""A client of the 2Signal HTTP API, sync and async; `twosignal_client.models` has what is sent and received."""

from twosignal_client import models
from twosignal_client._async_client import AsyncClient
from twosignal_client._client import Client
from twosignal_client._errors import (
    ApiError,
    NetworkError,
    NotFoundError,
    PayloadTooLargeError,
    RateLimitedError,
    ResponseError,
    ServerError,
    TwoSignalError,
    UnauthorizedError,
    ValidationError,
)
from twosignal_client.generated.types import UNSET, Unset
from twosignal_client.generated.unions import Evaluator, Event

__all__ = [
    "UNSET",
    "ApiError",
    "AsyncClient",
    "Client",
    "Evaluator",
    "Event",
    "NetworkError",
    "NotFoundError",
    "PayloadTooLargeError",
    "RateLimitedError",
    "ResponseError",
    "ServerError",
    "TwoSignalError",
    "UnauthorizedError",
    "Unset",
    "ValidationError",
    "models",
]
