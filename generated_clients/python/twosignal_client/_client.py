"""The client, for programs that wait."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from tenacity import Retrying

from twosignal_client import _calls
from twosignal_client._batches import halves, split
from twosignal_client._calls import Call, Filters
from twosignal_client._errors import PayloadTooLargeError
from twosignal_client._sending import LONGEST_WAIT, TIMEOUT, Sender, broken, understand
from twosignal_client.generated import models
from twosignal_client.generated.policy import PAGE_LIMIT_LARGEST
from twosignal_client.generated.types import UNSET, Unset
from twosignal_client.generated.unions import Evaluator, Event

T = TypeVar("T")


class Client(Sender):
    """The 2Signal API. Thread-safe but for sessions; as a context it is closed at the end.

    `base_url` may end in the API's prefix or not; without it and `api_key` the environment is asked
    (TWOSIGNAL_BASE_URL, TWOSIGNAL_API_KEY). `timeout`: seconds for each step of one attempt. `longest_wait`: seconds
    that one call waits for rate limits, in all. `sleep` and `transport` are for tests.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        longest_wait: float = LONGEST_WAIT,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(base_url, api_key, longest_wait)
        self._sleep = sleep
        self._http = httpx.Client(timeout=timeout, transport=transport)

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def health(self) -> models.Health:
        """Whether the server answers; needs no key."""
        return self._do(_calls.health())

    def ingest(self, events: Iterable[Event]) -> int:
        """How many events were accepted: all, sent in order in as few batches as fit.

        After an error some batches may be stored: send all events again, each is stored once by its id.
        """
        accepted = 0
        waiting = deque(split(events))
        while waiting:
            batch = waiting.popleft()
            try:
                accepted += self._do(_calls.ingest(batch))
            except PayloadTooLargeError:
                if len(batch) == 1:
                    raise
                waiting.extendleft(reversed(halves(batch)))
        return accepted

    def ingest_otlp(self, request: models.OtlpExportRequest) -> int:
        """How many spans of an OTLP request were accepted. They have ids, so a lost answer doubles nothing."""
        return self._do(_calls.ingest_otlp(request))

    def list_traces(
        self,
        *,
        name: str | None = None,
        status: models.Status | None = None,
        tags: Sequence[str] | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.TraceListAnswerData:
        """One page: `traces`, newest first, and `next_cursor`, None on the last page. All filters must hold."""
        return self._do(_calls.page(Filters(name, status, tags, start_date, end_date), limit, cursor))

    def iterate_traces(
        self,
        *,
        name: str | None = None,
        status: models.Status | None = None,
        tags: Sequence[str] | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        limit: int = PAGE_LIMIT_LARGEST,
    ) -> Iterator[models.Trace]:
        """All traces that pass the filters, newest first; a page of `limit` is fetched when it is needed."""
        filters = Filters(name, status, tags, start_date, end_date)
        cursor: str | None = None
        while True:
            page = self._do(_calls.page(filters, limit, cursor))
            yield from page.traces
            cursor = page.next_cursor
            if cursor is None:
                return

    def create_score(
        self,
        trace_id: str,
        evaluator_name: str,
        value: float,
        *,
        span_id: str | Unset | None = UNSET,
        label: str | Unset | None = UNSET,
        reasoning: str | Unset | None = UNSET,
    ) -> models.Score:
        """A stored score of a trace, or of one of its spans. After a lost answer it may be stored twice."""
        request = models.ScoreRequest(trace_id, evaluator_name, value, span_id, label, reasoning)
        return self._do(_calls.create_score(request))

    def route_model(self, input_: str, *, config_name: str | Unset | None = UNSET) -> models.RouteDecision:
        """The model to use for an input."""
        return self._do(_calls.route_model(models.RouteRequest(input_, config_name)))

    def list_templates(self) -> list[models.TemplateSummary]:
        """All templates of the project, each with its latest version number."""
        return self._do(_calls.list_templates())

    def resolve_template(self, name: str, version: int | None = None) -> models.Template:
        """A template with one version, the latest when none is named."""
        return self._do(_calls.resolve_template(name, version))

    def push_template(
        self,
        name: str,
        content: str,
        *,
        variables: list[str] | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        commit_message: str | Unset | None = UNSET,
    ) -> models.Template:
        """The template with its new version. After a lost answer there may be one version more."""
        request = models.TemplateRequest(name, content, variables, description, commit_message)
        return self._do(_calls.push_template(request))

    def validate(
        self,
        output: Any,
        evaluators: Sequence[Evaluator],
        *,
        input_: Any = UNSET,
        expected_output: Any = UNSET,
        fail_mode: models.ValidateRequestFailMode | Unset = UNSET,
    ) -> models.ValidateAnswerData:
        """Whether an output passes the evaluators, and what each of them says."""
        request = models.ValidateRequest(
            output=output,
            evaluators=list(evaluators),
            input_=input_,
            expected_output=expected_output,
            fail_mode=fail_mode,
        )
        return self._do(_calls.validate(request))

    def login(self, email: str, password: str) -> models.SessionAnswerData:
        """A new session, which the client remembers."""
        return self._remember(self._do(_calls.login(email, password)))

    def refresh(self) -> models.SessionAnswerData:
        """The session with new tokens; the old refresh token is used up."""
        return self._remember(self._do(_calls.refresh(self._signed_in().refresh_token)))

    def logout(self) -> bool:
        """Ends the session; whether the server says so. An expired access token is refreshed first."""
        if self._expired():
            self.refresh()
        success = self._do(_calls.logout(self._signed_in().access_token))
        self._session = None
        return success

    def _do(self, call: Call[T]) -> T:
        request = self._http.build_request(**self._request(call))
        patience = self._patience(call)
        retrying = Retrying(retry=patience.again, wait=patience.delay, sleep=self._sleep)
        try:
            return understand(call, retrying(self._http.send, request))
        except httpx.RequestError as error:
            raise broken(call, error) from error
