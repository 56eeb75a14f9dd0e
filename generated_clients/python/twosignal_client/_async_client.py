"""The client: one method for each operation.

`_client.py`, with `Client`, is made from `_async_client.py`, with `AsyncClient`: `make generate` drops `async` and
`await` and changes a few names. So what is said there is said of both.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx
from tenacity import AsyncRetrying

from twosignal_client import _calls
from twosignal_client._bodies import halves, split
from twosignal_client._calls import Call, Pages
from twosignal_client._connections import AsyncConnections, Received, SendingError
from twosignal_client._errors import PayloadTooLargeError
from twosignal_client._sending import LONGEST_WAIT, TIMEOUT, AsyncSleep, Sender
from twosignal_client.generated import models, operations
from twosignal_client.generated.unions import Evaluator, Event

T = TypeVar("T")


class AsyncClient(Sender):
    """The 2Signal API; as a context it is closed at the end. May be shared by threads and tasks, but for its session.

    `base_url` may end in the API's prefix or not; without it and `api_key` the environment is asked
    (TWOSIGNAL_BASE_URL, TWOSIGNAL_API_KEY). `timeout`: seconds for one attempt, until its response is read.
    `longest_wait`: seconds that one call waits for rate limits, in all. `sleep` and `transport` are for tests.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        longest_wait: float = LONGEST_WAIT,
        sleep: AsyncSleep = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(base_url, api_key, timeout, longest_wait)
        self._sleep = sleep
        self._connections = AsyncConnections(self._timeout, transport)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._connections.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def health(self) -> models.Health:
        """Whether the server is there; needs no key."""
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
        """How many spans of an OTLP request were accepted. They have ids, so a lost response doubles nothing."""
        return await self._do(_calls.ingest_otlp(request))

    async def list_traces(self, **query: Unpack[operations.list_traces.Query]) -> models.TraceListResultData:
        """One page: `traces`, newest first, and `next_cursor`, None on the last page. All filters must hold."""
        return await self._do(_calls.page(query))

    async def iterate_traces(self, **query: Unpack[operations.list_traces.Query]) -> AsyncIterator[models.Trace]:
        """All traces that pass the filters, newest first, or those after `cursor`.

        A page is fetched when it is needed, with `limit` traces, or as many as a page may have.
        """
        pages = Pages(query)
        while pages.left:
            page = await self._do(pages.call())
            for trace in page.traces:
                yield trace
            pages.go_on(page)

    async def create_score(
        self, trace_id: str, evaluator_name: str, value: float, **more: Unpack[operations.create_score.Options]
    ) -> models.Score:
        """A stored score of a trace, or of one of its spans. When a response is lost it may be stored twice."""
        return await self._do(_calls.create_score(models.ScoreRequest(trace_id, evaluator_name, value, **more)))

    async def route_model(self, input_: str, **more: Unpack[operations.route_model.Options]) -> models.RouteDecision:
        """The model to use for an input."""
        return await self._do(_calls.route_model(models.RouteRequest(input_, **more)))

    async def list_templates(self) -> list[models.TemplateSummary]:
        """All templates of the project, each with its latest version number."""
        return await self._do(_calls.list_templates())

    async def resolve_template(self, name: str, version: int | None = None) -> models.Template:
        """A template with one version, the latest when none is named."""
        return await self._do(_calls.resolve_template(name, version))

    async def push_template(
        self, name: str, content: str, **more: Unpack[operations.push_prompt_template.Options]
    ) -> models.Template:
        """The template with its new version. When a response is lost there may be one version more."""
        return await self._do(_calls.push_template(models.TemplateRequest(name, content, **more)))

    async def validate(
        self, output: Any, evaluators: Sequence[Evaluator], **more: Unpack[operations.validate_output.Options]
    ) -> models.ValidateResultData:
        """Whether an output passes the evaluators, and what each of them says."""
        return await self._do(_calls.validate(models.ValidateRequest(output, list(evaluators), **more)))

    async def login(self, email: str, password: str) -> models.SessionResultData:
        """A new session, which the client remembers."""
        return self._remember(await self._do(_calls.login(email, password)))

    async def refresh(self) -> models.SessionResultData:
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
        request, retries = self._request(call), self._retries(call)
        retrying = AsyncRetrying(retry=retries.again, wait=retries.delay, sleep=self._sleep, reraise=True)
        try:
            received: Received = await retrying(self._connections.send, request)
        except SendingError as error:
            failure = self._network_error(call, error)
        else:
            return self._result(call, received)
        # Outside of the block: an error that holds what httpx said would show it, with the secrets that are in it.
        raise failure
