"""A client of the 2Signal HTTP API, sync and async. What is sent and answered is in `twosignal_client.models`."""

from twosignal_client import models
from twosignal_client._async_client import AsyncClient
from twosignal_client._client import Client
from twosignal_client._errors import (
    AnswerError,
    ApiError,
    NetworkError,
    NotFoundError,
    PayloadTooLargeError,
    RateLimitedError,
    ServerError,
    TwoSignalError,
    UnauthorizedError,
    ValidationError,
)
from twosignal_client.generated.types import UNSET, Unset
from twosignal_client.generated.unions import Evaluator, Event

__all__ = [
    "UNSET",
    "AnswerError",
    "ApiError",
    "AsyncClient",
    "Client",
    "Evaluator",
    "Event",
    "NetworkError",
    "NotFoundError",
    "PayloadTooLargeError",
    "RateLimitedError",
    "ServerError",
    "TwoSignalError",
    "UnauthorizedError",
    "Unset",
    "ValidationError",
    "models",
]
