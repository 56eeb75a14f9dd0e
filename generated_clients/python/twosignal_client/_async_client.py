"""The client, for asyncio: the same calls as `Client`, awaited."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from tenacity import AsyncRetrying

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


class AsyncClient(Sender):
    """The 2Signal API, for asyncio; as a context (`async with`) it is closed at the end.

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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(base_url, api_key, longest_wait)
        self._sleep = sleep
        self._http = httpx.AsyncClient(timeout=timeout, transport=transport)

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def health(self) -> models.Health:
        """Whether the server answers; needs no key."""
        return await self._do(_calls.health())

    async def ingest(self, events: Iterable[Event]) -> int:
        """How many events were accepted: all, sent in order in as few batches as fit.

        After an error some batches may be stored: send all events again, each is stored once by its id.
        """
        accepted = 0
        waiting = deque(split(events))
        while waiting:
            batch = waiting.popleft()
            try:
                accepted += await self._do(_calls.ingest(batch))
            except PayloadTooLargeError:
                if len(batch) == 1:
                    raise
                waiting.extendleft(reversed(halves(batch)))
        return accepted

    async def ingest_otlp(self, request: models.OtlpExportRequest) -> int:
        """How many spans of an OTLP request were accepted. They have ids, so a lost answer doubles nothing."""
        return await self._do(_calls.ingest_otlp(request))

    async def list_traces(
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
        return await self._do(_calls.page(Filters(name, status, tags, start_date, end_date), limit, cursor))

    async def iterate_traces(
        self,
        *,
        name: str | None = None,
        status: models.Status | None = None,
        tags: Sequence[str] | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        limit: int = PAGE_LIMIT_LARGEST,
    ) -> AsyncIterator[models.Trace]:
        """All traces that pass the filters, newest first; a page of `limit` is fetched when it is needed."""
        filters = Filters(name, status, tags, start_date, end_date)
        cursor: str | None = None
        while True:
            page = await self._do(_calls.page(filters, limit, cursor))
            for trace in page.traces:
                yield trace
            cursor = page.next_cursor
            if cursor is None:
                return

    async def create_score(
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
        return await self._do(_calls.create_score(request))

    async def route_model(self, input_: str, *, config_name: str | Unset | None = UNSET) -> models.RouteDecision:
        """The model to use for an input."""
        return await self._do(_calls.route_model(models.RouteRequest(input_, config_name)))

    async def list_templates(self) -> list[models.TemplateSummary]:
        """All templates of the project, each with its latest version number."""
        return await self._do(_calls.list_templates())

    async def resolve_template(self, name: str, version: int | None = None) -> models.Template:
        """A template with one version, the latest when none is named."""
        return await self._do(_calls.resolve_template(name, version))

    async def push_template(
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
        return await self._do(_calls.push_template(request))

    async def validate(
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
        return await self._do(_calls.validate(request))

    async def login(self, email: str, password: str) -> models.SessionAnswerData:
        """A new session, which the client remembers."""
        return self._remember(await self._do(_calls.login(email, password)))

    async def refresh(self) -> models.SessionAnswerData:
        """The session with new tokens; the old refresh token is used up."""
        return self._remember(await self._do(_calls.refresh(self._signed_in().refresh_token)))

    async def logout(self) -> bool:
        """Ends the session; whether the server says so. An expired access token is refreshed first."""
        if self._expired():
            await self.refresh()
        success = await self._do(_calls.logout(self._signed_in().access_token))
        self._session = None
        return success

    async def _do(self, call: Call[T]) -> T:
        request = self._http.build_request(**self._request(call))
        patience = self._patience(call)
        retrying = AsyncRetrying(retry=patience.again, wait=patience.delay, sleep=self._sleep)
        try:
            return understand(call, await retrying(self._http.send, request))
        except httpx.RequestError as error:
            raise broken(call, error) from error
