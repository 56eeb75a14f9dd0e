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

from tests.conformance.clients.broken.law import Law, Operation
from tests.conformance.clients.broken.recording import Recorder
from tests.conformance.clients.broken.transport import Answer, Request, exchange

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

    def __init__(self, law: Law, settings: Settings) -> None:
        self.law = law
        self.settings = settings
        self.session: Json = None

    # --- one request ---

    def call(self, name: str, body: Json = None, query: Mapping[str, str] | None = None) -> Json:
        """The answer of an operation, as JSON."""
        request = self.request(name, body, query or {})
        limit = self.law.operation(name).largest
        if request.body is not None and limit is not None and not self.fits(request.body, limit):
            raise RefusedError("too-large", f"{len(request.body)} bytes are more than {limit}")
        answer = self.attempt(request)
        if not answer.good:
            raise RefusedError(**self.report(answer))
        if not isinstance(answer.json, dict):
            raise RefusedError("answer", "a success that cannot be read", status=answer.status)
        return answer.json

    def request(self, name: str, body: Json, query: Mapping[str, str]) -> Request:
        """What is sent for an operation."""
        operation = self.law.operation(name)
        encoded = None if body is None else self.encode(body)
        return Request(name, operation.method, self.path(operation), query, self.headers(operation, body), encoded)

    def path(self, operation: Operation) -> str:
        """Where an operation is asked for."""
        return operation.path

    @property
    def origin(self) -> str:
        """The base URL without the prefix that every path has."""
        return self.settings.url.rstrip("/").removesuffix(self.law.prefix)

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
        """Whether a body may be sent."""
        return len(body) <= limit

    def report(self, answer: Answer) -> dict[str, Any]:
        """What the caller is told of a failure."""
        if answer.status is None:
            return {"kind": "network", "message": "no answer"}
        error = answer.error
        message = str(error.get("message", "")) or answer.body[:200].decode(errors="replace")
        return {"kind": "refused", "message": message, "code": str(error.get("code", "")), "status": answer.status}

    # --- again ---

    def attempt(self, request: Request) -> Answer:
        """The last answer to a request that is sent again as long as the contract says."""
        failures = limits = 0
        while True:
            answer = exchange(self.origin, request)
            if answer.status in self.law.limited:
                wait = self.after_limit(answer, limits)
                limits += 1
            elif self.failed(answer):
                wait = self.after_failure(failures)
                failures += 1
            else:
                return answer
            if wait is None:
                return answer
            time.sleep(wait)
            request = self.again(request, answer)

    def failed(self, answer: Answer) -> bool:
        """Whether an answer, or that there is none, may be mended by sending the request again."""
        return answer.status is None or answer.status in self.law.failed

    def after_failure(self, failures: int) -> float | None:
        """Seconds until the next attempt after so many earlier failures; none when it was the last."""
        return self.law.delays[failures] if failures < len(self.law.delays) else None

    def after_limit(self, answer: Answer, limits: int) -> float | None:
        """The same when the limit was met, so many times before."""
        if limits >= _AFTER_A_LIMIT:
            return None
        after = answer.headers.get(self.law.retry_after.lower())
        if after is not None:
            return float(after) if after.isdigit() else self.until(after, answer)
        reset = answer.headers.get(self.law.reset.lower())
        return self.law.delays[0] if reset is None else self.until_reset(float(reset))

    def until(self, date: str, answer: Answer) -> float:
        """Seconds from an answer to a date, both by the server's clock."""
        now = parsedate_to_datetime(answer.headers["date"]) if "date" in answer.headers else datetime.now(UTC)
        return max(0.0, (parsedate_to_datetime(date) - now).total_seconds())

    def until_reset(self, reset: float) -> float:
        """Seconds until there is room again."""
        if reset < _UNIX:
            return reset
        return max(0.0, (reset if reset < _UNIX * 1000 else reset / 1000) - time.time())

    def again(self, request: Request, _: Answer) -> Request:
        """What is sent after an answer that did not end it: the same."""
        return request

    # --- batches ---

    def ingest(self, events: list[Json]) -> int:
        """How many events were accepted."""
        return sum(self.send(batch) for batch in self.batches(events))

    def batches(self, events: list[Json]) -> Iterator[list[Json]]:
        """The events in order, as many in a batch as may be in one."""
        operation = self.law.operation("ingestTraces")
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
            if error.fields["status"] != self.law.too_large or len(batch) == 1:
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
        least, most = self.law.page
        if not least <= int(query.get("limit", most)) <= most:
            raise RefusedError("validation", f"limit: {query['limit']} is not within {least} to {most}")
        return self.call("listTraces", query=query)["data"]

    def goes_on(self, page: Json) -> bool:
        """Whether there is another page."""
        return page["nextCursor"] is not None

    def following(self, query: Mapping[str, str], page: Json) -> dict[str, str]:
        """What is asked for after a page."""
        return {**query, "cursor": page["nextCursor"]}

    # --- scores, sessions ---

    def score(self, fields: Json) -> Json:
        """The stored score."""
        least, most = self.law.score
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
