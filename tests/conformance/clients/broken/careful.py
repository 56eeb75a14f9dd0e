"""The client that does everything right: what each clause about clients asks is one small method here.

The clients that err (mistakes/) replace one of these methods each.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tests.conformance.clients.broken.contract import Contract, Operation
from tests.conformance.clients.broken.recording import Recorder
from tests.conformance.clients.broken.transport import Request, Response, exchange

Json = Any

_AFTER_A_LIMIT = 8
"""Times that one request is sent again after it met the limit: the contract states no end, and a run must have one."""
_UNIX = 1_000_000_000.0
"""A reset beyond so many seconds is no wait but a Unix time; a thousand times that is one in milliseconds."""


class RefusedError(Exception):
    """A request that ended without success, or could not be sent."""

    def __init__(self, kind: str, message: str, code: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.fields = {"kind": kind, "code": code, "status": status, "message": message}


@dataclass
class Settings:
    """Whom to ask, and as whom."""

    url: str
    key: str
    email: str
    password: str


class Careful(Recorder):
    """A client of the API that obeys the contract."""

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self.contract = contract
        self.settings = settings
        self.session: Json = None

    # --- one request ---

    def call(self, name: str, body: Json = None, query: Mapping[str, str] | None = None) -> Json:
        """The response of an operation, as JSON."""
        request = self.request(name, body, query or {})
        limit = self.contract.operation(name).largest
        if request.body is not None and limit is not None and not self.fits(request.body, limit):
            raise RefusedError("too-large", f"{len(request.body)} bytes are more than {limit}")
        response = self.attempt(request)
        if not response.good:
            raise RefusedError(**self.report(response))
        if not isinstance(response.json, dict):
            raise RefusedError("response", "a success that cannot be read", status=response.status)
        return response.json

    def request(self, name: str, body: Json, query: Mapping[str, str]) -> Request:
        """What is sent for an operation."""
        operation = self.contract.operation(name)
        encoded = None if body is None else self.encode(body)
        return Request(name, operation.method, self.path(operation), query, self.headers(operation, body), encoded)

    def path(self, operation: Operation) -> str:
        """Where an operation is asked for."""
        return operation.path

    @property
    def origin(self) -> str:
        """The base URL without the prefix that every path has."""
        return self.settings.url.rstrip("/").removesuffix(self.contract.prefix)

    def headers(self, operation: Operation, body: Json) -> dict[str, str]:
        """The key where one is needed, or the access token, and what the body is."""
        named = {} if body is None else {"Content-Type": "application/json"}
        if operation.credential is None:
            return named
        key = self.settings.key if operation.credential == "apiKey" else self.session["access_token"]
        return {**named, "Authorization": f"Bearer {key}"}

    def encode(self, body: Json) -> bytes:
        """A body on the wire."""
        return json.dumps(body, separators=(",", ":")).encode()

    def fits(self, body: bytes, limit: int) -> bool:
        """True when a body may be sent."""
        return len(body) <= limit

    def report(self, response: Response) -> dict[str, Any]:
        """What the caller is told of a failure."""
        if response.status is None:
            return {"kind": "network", "message": "no response"}
        error = response.error
        message = str(error.get("message", "")) or response.body[:200].decode(errors="replace")
        return {"kind": "refused", "message": message, "code": str(error.get("code", "")), "status": response.status}

    # --- again ---

    def attempt(self, request: Request) -> Response:
        """The last response to a request that is sent again as long as the contract says."""
        failures = limits = 0
        while True:
            began = time.monotonic()
            response = exchange(self.origin, request)
            if response.status in self.contract.limited:
                wait = self.after_limit(response, limits)
                limits += 1
            elif self.failed(response):
                wait = self.after_failure(failures)
                failures += 1
            else:
                return response
            if wait is None:
                return response
            self.pause(wait, began)
            request = self.again(request, response)

    def pause(self, wait: float, began: float) -> None:  # noqa: ARG002
        """Waits so many seconds from now on; the last attempt began at a time of the monotonic clock."""
        time.sleep(wait)

    def failed(self, response: Response) -> bool:
        """True when sending the request again may help."""
        return response.status is None or response.status in self.contract.failed

    def after_failure(self, failures: int) -> float | None:
        """Seconds until the next attempt after so many earlier failures; none when it was the last."""
        return self.contract.delays[failures] if failures < len(self.contract.delays) else None

    def after_limit(self, response: Response, limits: int) -> float | None:
        """The same when the limit was met, so many times before."""
        if limits >= _AFTER_A_LIMIT:
            return None
        after = response.headers.get(self.contract.retry_after.lower())
        if after is not None:
            return float(after) if after.isdigit() else self.until(after, response)
        reset = response.headers.get(self.contract.reset.lower())
        return self.contract.delays[0] if reset is None else self.until_reset(float(reset))

    def until(self, date: str, response: Response) -> float:
        """Seconds from a response to a date, both by the server's clock."""
        now = parsedate_to_datetime(response.headers["date"]) if "date" in response.headers else datetime.now(UTC)
        return max(0.0, (parsedate_to_datetime(date) - now).total_seconds())

    def until_reset(self, reset: float) -> float:
        """Seconds until there is room again."""
        if reset < _UNIX:
            return reset
        return max(0.0, (reset if reset < _UNIX * 1000 else reset / 1000) - time.time())

    def again(self, request: Request, _: Response) -> Request:
        """What is sent after a response that did not end it: the same."""
        return request

    # --- batches ---

    def ingest(self, events: list[Json]) -> int:
        """How many events were accepted."""
        return sum(self.send(batch) for batch in self.batches(events))

    def batches(self, events: list[Json]) -> Iterator[list[Json]]:
        """The events in order, as many in a batch as may be in one."""
        operation = self.contract.operation("ingestTraces")
        assert operation.largest is not None
        assert operation.most is not None
        frame = len(self.encode({"batch": []}))
        batch: list[Json] = []
        size = frame
        for event in events:
            length = len(self.encode(event)) + 1
            if batch and (len(batch) == operation.most or size + length > operation.largest):
                yield batch
                batch, size = [], frame
            batch.append(event)
            size += length
        if batch:
            yield batch

    def send(self, batch: list[Json]) -> int:
        """How many events of a batch were accepted; what is too large for the server goes in halves."""
        try:
            return int(self.call("ingestTraces", {"batch": batch})["accepted"])
        except RefusedError as error:
            if error.fields["status"] != self.contract.too_large or len(batch) == 1:
                raise
        middle = len(batch) // 2
        return self.send(batch[:middle]) + self.send(batch[middle:])

    # --- pages ---

    def walk(self, query: Mapping[str, str]) -> Iterator[Json]:
        """Traces of all pages."""
        asked: dict[str, str] = dict(query)
        while True:
            page = self.page(asked)
            yield from page["traces"]
            if not self.goes_on(page):
                return
            asked = self.following(query, page)

    def page(self, query: Mapping[str, str]) -> Json:
        """One page."""
        least, most = self.contract.page
        if not least <= int(query.get("limit", most)) <= most:
            raise RefusedError("validation", f"limit: {query['limit']} is not within {least} to {most}")
        return self.call("listTraces", query=query)["data"]

    def goes_on(self, page: Json) -> bool:
        """True when there is another page."""
        return page["nextCursor"] is not None

    def following(self, query: Mapping[str, str], page: Json) -> dict[str, str]:
        """What is asked for after a page."""
        return {**query, "cursor": page["nextCursor"]}

    # --- scores, sessions ---

    def score(self, fields: Json) -> Json:
        """The stored score."""
        least, most = self.contract.score
        if not least <= fields["value"] <= most:
            raise RefusedError("validation", f"value: {fields['value']} is not within {least} to {most}")
        return self.call("createScore", fields)

    def login(self) -> Json:
        """A session for e-mail and password."""
        credentials = {"email": self.settings.email, "password": self.settings.password}
        self.session = self.call("login", credentials)["data"]
        return self.session

    def refresh(self) -> Json:
        """The session with new tokens."""
        return self.renewed(self.call("refreshSession", {"refresh_token": self.session["refresh_token"]})["data"])

    def renewed(self, session: Json) -> Json:
        """The session, remembered with its new tokens."""
        self.session = session
        return session
