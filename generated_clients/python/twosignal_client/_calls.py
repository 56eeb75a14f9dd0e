"""What each call sends, and how its answer is read; the same for both clients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, Generic, TypeVar

from twosignal_client._batches import body as batch_body
from twosignal_client._bodies import encode, refuse_larger
from twosignal_client._errors import ValidationError
from twosignal_client.generated import models, policy
from twosignal_client.generated.api.health import get_health
from twosignal_client.generated.api.model_routing import route_model as route_model_api
from twosignal_client.generated.api.prompt_templates import get_prompt_templates, push_prompt_template
from twosignal_client.generated.api.scores import create_score as create_score_api
from twosignal_client.generated.api.sessions import login as login_api
from twosignal_client.generated.api.sessions import logout as logout_api
from twosignal_client.generated.api.sessions import refresh_session
from twosignal_client.generated.api.traces import ingest_otlp_traces, ingest_traces, list_traces
from twosignal_client.generated.api.validation import validate_output
from twosignal_client.generated.types import UNSET, Unset

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request, and what its answer means."""

    method: str
    path: str
    read: Callable[[Any], T]
    """From JSON; ValueError, KeyError, TypeError or AttributeError when it is something else."""
    params: dict[str, Any]
    content: bytes | None = None
    after_break: bool = True
    """Whether to send it again when the connection broke, and nobody knows how far it came."""
    token: str | None = None
    """An access token, where the operation takes that and no API key."""

    @property
    def operation(self) -> policy.Operation:
        """What the contract says of it."""
        return policy.OPERATIONS[self.method, self.path]


@dataclass(frozen=True)
class Filters:
    """What a listing is restricted to; None restricts nothing."""

    name: str | None = None
    status: models.Status | None = None
    tags: Sequence[str] | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None


def health() -> Call[models.Health]:
    return _call(get_health, get_health.request(), get_health.read)


def ingest(batch: Sequence[bytes]) -> Call[int]:
    return Call(
        ingest_traces.METHOD,
        ingest_traces.PATH,
        lambda answer: _count(ingest_traces.read(answer).accepted),
        {},
        batch_body(batch),
    )


def ingest_otlp(request: models.OtlpExportRequest) -> Call[int]:
    sent = ingest_otlp_traces.request(body=request)
    return _call(ingest_otlp_traces, sent, lambda answer: _count(ingest_otlp_traces.read(answer).accepted))


def page(filters: Filters, limit: int | None, cursor: str | None) -> Call[models.TraceListAnswerData]:
    if limit is not None and not policy.PAGE_LIMIT_SMALLEST <= limit <= policy.PAGE_LIMIT_LARGEST:
        _refuse(f"limit: {limit}; expected {policy.PAGE_LIMIT_SMALLEST} to {policy.PAGE_LIMIT_LARGEST}")
    sent = list_traces.request(
        limit=_or_unset(limit),
        cursor=_or_unset(cursor),
        name=_or_unset(filters.name),
        status=_or_unset(filters.status),
        tags=UNSET if filters.tags is None else ",".join(filters.tags),
        start_date=_or_unset(filters.start_date),
        end_date=_or_unset(filters.end_date),
    )
    return _call(list_traces, sent, lambda answer: list_traces.read(answer).data)


def create_score(request: models.ScoreRequest) -> Call[models.Score]:
    if not policy.SCORE_SMALLEST <= request.value <= policy.SCORE_LARGEST:
        _refuse(f"value: {request.value}; expected {policy.SCORE_SMALLEST} to {policy.SCORE_LARGEST}")
    return _call(create_score_api, create_score_api.request(body=request), create_score_api.read)


def route_model(request: models.RouteRequest) -> Call[models.RouteDecision]:
    return _call(route_model_api, route_model_api.request(body=request), route_model_api.read)


def list_templates() -> Call[list[models.TemplateSummary]]:
    def read(answer: Any) -> list[models.TemplateSummary]:
        data = get_prompt_templates.read(answer).data
        return data if isinstance(data, list) else _unexpected("one template; expected a list")

    return _call(get_prompt_templates, get_prompt_templates.request(), read)


def resolve_template(name: str, version: int | None) -> Call[models.Template]:
    def read(answer: Any) -> models.Template:
        data = get_prompt_templates.read(answer).data
        return _unexpected("a list; expected one template") if isinstance(data, list) else data

    return _call(get_prompt_templates, get_prompt_templates.request(name=name, version=_or_unset(version)), read)


def push_template(request: models.TemplateRequest) -> Call[models.Template]:
    sent = push_prompt_template.request(body=request)
    return _call(push_prompt_template, sent, lambda answer: push_prompt_template.read(answer).data)


def validate(request: models.ValidateRequest) -> Call[models.ValidateAnswerData]:
    return _call(validate_output, validate_output.request(body=request), lambda a: validate_output.read(a).data)


def login(email: str, password: str) -> Call[models.SessionAnswerData]:
    sent = login_api.request(body=models.LoginRequest(email=email, password=password))
    return _call(login_api, sent, lambda answer: login_api.read(answer).data)


def refresh(refresh_token: str) -> Call[models.SessionAnswerData]:
    sent = refresh_session.request(body=models.RefreshRequest(refresh_token=refresh_token))
    # A refresh token is used up by its use: after a lost answer the same one would be refused.
    return _call(refresh_session, sent, lambda answer: refresh_session.read(answer).data, after_break=False)


def logout(access_token: str) -> Call[bool]:
    return _call(logout_api, logout_api.request(), lambda a: logout_api.read(a).data.success, token=access_token)


def _call(
    api: ModuleType,
    sent: dict[str, Any],
    read: Callable[[Any], T],
    *,
    after_break: bool = True,
    token: str | None = None,
) -> Call[T]:
    content = encode(sent["json"]) if "json" in sent else None
    call = Call(api.METHOD, api.PATH, read, sent.get("params", {}), content, after_break, token)
    if content is not None:
        refuse_larger(call.operation, len(content))
    return call


def _or_unset(value: T | None) -> T | Unset:
    return UNSET if value is None else value


def _count(value: object) -> int:
    """A whole number; the generated core takes what comes."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"accepted is {value!r}; expected a number")
    return value


def _unexpected(what: str) -> Any:
    raise TypeError(what)


def _refuse(message: str) -> None:
    raise ValidationError(f"{message}; nothing was sent", code=policy.ERROR_CODES["invalid-value"])
