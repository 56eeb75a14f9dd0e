"""What each call sends, and how its response is read; the same for both clients.

A function of `operations` takes every parameter of its operation by name and has no defaults. So mypy names the line
here that does not pass on a parameter that is new in the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Generic, TypeVar

from twosignal_client._bodies import batch_body, check_size, encode
from twosignal_client._errors import ResponseError, ValidationError
from twosignal_client._numbers import whole
from twosignal_client.generated import models, operations, policy
from twosignal_client.generated.operations import list_traces
from twosignal_client.generated.types import UNSET

T = TypeVar("T")

_EMPTY_PAGES = 1000
"""In a row, and always with a new cursor: then a walk ends. Filters of an honest server skip fewer traces."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request, and what its response means."""

    operation: policy.Operation
    """What the contract says of it."""
    method: str
    path: str
    read: Callable[[Any], T]
    """From JSON; ValueError, KeyError, TypeError or AttributeError when it is something else."""
    params: Mapping[str, Any]
    content: bytes | None = field(repr=False)
    after_break: bool
    """Whether to send it again when the connection broke, and nobody knows whether the request arrived."""
    token: str | None = field(repr=False)
    """An access token, where the operation takes that and no API key."""


class Pages:
    """The calls of a walk over all pages. It ends with the last page, or with an error when a cursor repeats."""

    def __init__(self, query: list_traces.Query) -> None:
        self._query = query.copy()
        if query.get("limit") is None:
            self._query["limit"] = int(_operation(list_traces).bounds["limit"].most)
        self._seen = {query.get("cursor")}
        self._empty = 0
        self.left = True
        """Whether there is another page."""

    def call(self) -> Call[models.TraceListResultData]:
        """The call that fetches the next page."""
        return page(self._query)

    def go_on(self, page: models.TraceListResultData) -> None:
        """Goes to the next page by the cursor of the last one; ResponseError when the walk would never end."""
        cursor: object = page.next_cursor
        self._empty = 0 if page.traces else self._empty + 1
        self.left = cursor is not None
        if cursor is None:
            return
        if not isinstance(cursor, str) or not cursor or cursor in self._seen:
            message = "a cursor is empty or came a second time; expected a new text or null: the walk would never end"
            raise ResponseError(message)
        if self._empty >= _EMPTY_PAGES:
            raise ResponseError(f"{_EMPTY_PAGES} pages in a row are empty; expected traces, or null as the cursor")
        self._seen.add(cursor)
        self._query["cursor"] = cursor


def health() -> Call[models.Health]:
    return _call(operations.get_health, operations.get_health.request(), operations.get_health.read)


def ingest(batch: Sequence[bytes]) -> Call[int]:
    api = operations.ingest_traces
    return _call(api, {"path": api.PATH}, lambda response: _count(api.read(response)), content=batch_body(batch))


def ingest_otlp(request: models.OtlpExportRequest) -> Call[int]:
    api = operations.ingest_otlp_traces
    return _call(api, api.request(body=request), lambda response: _count(api.read(response)))


def page(query: list_traces.Query) -> Call[models.TraceListResultData]:
    every: dict[str, Any] = dict.fromkeys(list_traces.Query.__optional_keys__, UNSET)
    given = {name: value for name, value in query.items() if value is not None}
    sent = list_traces.request(**(every | given))
    return _call(list_traces, sent, lambda response: list_traces.read(response).data)


def create_score(request: models.ScoreRequest) -> Call[models.Score]:
    return _call(operations.create_score, operations.create_score.request(body=request), operations.create_score.read)


def route_model(request: models.RouteRequest) -> Call[models.RouteDecision]:
    return _call(operations.route_model, operations.route_model.request(body=request), operations.route_model.read)


def list_templates() -> Call[list[models.TemplateSummary]]:
    def read(response: Any) -> list[models.TemplateSummary]:
        data = operations.get_prompt_templates.read(response).data
        return data if isinstance(data, list) else _unexpected("one template; expected a list")

    api = operations.get_prompt_templates
    return _call(api, api.request(name=UNSET, version=UNSET), read)


def resolve_template(name: str, version: int | None) -> Call[models.Template]:
    def read(response: Any) -> models.Template:
        data = operations.get_prompt_templates.read(response).data
        return _unexpected("a list; expected one template") if isinstance(data, list) else data

    api = operations.get_prompt_templates
    return _call(api, api.request(name=name, version=UNSET if version is None else version), read)


def push_template(request: models.TemplateRequest) -> Call[models.Template]:
    api = operations.push_prompt_template
    return _call(api, api.request(body=request), lambda response: api.read(response).data)


def validate(request: models.ValidateRequest) -> Call[models.ValidateResultData]:
    api = operations.validate_output
    return _call(api, api.request(body=request), lambda response: api.read(response).data)


def login(email: str, password: str) -> Call[models.SessionResultData]:
    api = operations.login
    sent = api.request(body=models.LoginRequest(email=email, password=password))
    return _call(api, sent, lambda response: api.read(response).data)


def refresh(refresh_token: str) -> Call[models.SessionResultData]:
    api = operations.refresh_session
    sent = api.request(body=models.RefreshRequest(refresh_token=refresh_token))
    # A refresh token can be used once: when the response is lost, the server may not accept the same one again.
    return _call(api, sent, lambda response: api.read(response).data, after_break=False)


def logout(access_token: str) -> Call[bool]:
    api = operations.logout
    return _call(api, api.request(), lambda response: api.read(response).data.success, token=access_token)


def _call(
    api: ModuleType,
    sent: Mapping[str, Any],
    read: Callable[[Any], T],
    *,
    content: bytes | None = None,
    after_break: bool = True,
    token: str | None = None,
) -> Call[T]:
    """A call of the operation whose module is given; an error when a bound or a limit does not allow it."""
    operation, params, body = _operation(api), sent.get("params", {}), sent.get("json", {})
    for name, (least, most, is_whole) in operation.bounds.items():
        value = params.get(name, body.get(name))
        if value is not None and not (_is_number(value, whole=is_whole) and least <= value <= most):
            raise _wrong(f"{name}: {value!r}; expected a {'whole ' if is_whole else ''}number from {least} to {most}")
    joined = {name: _joined(name, params[name]) for name in operation.joined & params.keys()}
    if "json" in sent:
        content = encode(body)
        check_size(operation, len(content))
    return Call(operation, api.METHOD, sent["path"], read, {**params, **joined}, content, after_break, token)


def _operation(api: ModuleType) -> policy.Operation:
    return policy.OPERATIONS[api.METHOD, api.PATH]


def _is_number(value: object, *, whole: bool) -> bool:
    return isinstance(value, int if whole else int | float) and not isinstance(value, bool)


def _joined(name: str, values: object) -> str:
    """Texts joined by commas. One text alone is a list of its letters to Python, and nobody means that."""
    if not isinstance(values, list | tuple | set | frozenset) or not all(isinstance(each, str) for each in values):
        raise _wrong(f"{name}: {values!r}; expected a list of texts")
    return ",".join(values)


def _wrong(what: str) -> ValidationError:
    return ValidationError(f"{what}; nothing was sent", code=policy.ERROR_CODES["invalid-value"])


def _count(result: models.IngestResult) -> int:
    """A number of things. The generated core does not check that it is one."""
    count = whole(result.accepted)
    if count < 0:
        raise TypeError(f"accepted is {count}; expected a number of things")
    return count


def _unexpected(what: str) -> Any:
    raise TypeError(what)
