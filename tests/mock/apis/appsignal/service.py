"""The AppSignal API as a client sees it: one application in this process, its control API, and data by OTLP/JSON."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from twosignal_contract import Contract, documents, load_contract
from twosignal_mock import create_application

DOCUMENT = next(path for path in documents() if path.name.startswith("appsignal"))
CONTRACT: Contract = load_contract(DOCUMENT)
TOKEN = "a-personal-token"  # noqa: S105 - good for the mock of a test alone
NOON = "2026-03-14T12:00:00Z"
SECOND = 1_000_000_000
"""Nanoseconds."""
TEN = 1_773_482_400 * SECOND
"""2026-03-14T10:00:00Z in nanoseconds since 1970."""

_sites = itertools.count(1)


class Service:
    """A client of one server."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.http = client

    async def site(self, **fields: Any) -> str:
        """The id of a new site."""
        id_ = f"{next(_sites):024x}"
        made = await self.http.put(f"/__mock/v1/appsignal/sites/{id_}", json=fields)
        assert made.status_code == 200, made.text
        return id_

    async def take(self, site: str, signal: str, body: Any) -> Any:
        """Sends an export; gives what the response says of it."""
        sent = await self.http.post(f"/__mock/v1/appsignal/sites/{site}/otlp/v1/{signal}", json=body)
        assert sent.status_code == 200, sent.text
        return sent.json()

    async def call(self, operation_id: str, body: Any = None, **parameters: str) -> httpx.Response:
        """The response of an operation."""
        operation = CONTRACT.operation(operation_id)
        path = operation.path.format(**{name: quote(value, safe="") for name, value in parameters.items()})
        return await self.http.request(operation.method, path, json=body)

    async def ask(self, operation_id: str, body: Any = None, **parameters: str) -> Any:
        """The body of a success."""
        answer = await self.call(operation_id, body, **parameters)
        assert answer.status_code == CONTRACT.operation(operation_id).success, answer.text
        return answer.json()

    async def refused(self, operation_id: str, body: Any = None, **parameters: str) -> tuple[str, Mapping[str, Any]]:
        """The cause of an error of the contract, by its slug and status, and its details."""
        answer = await self.call(operation_id, body, **parameters)
        told = answer.json()
        causes = [
            cause
            for cause, error in CONTRACT.errors.items()
            if (error.status, error.code) == (answer.status_code, told["error"])
        ]
        assert causes, answer.text
        return causes[0], told.get("details", {})


@asynccontextmanager
async def serving(
    *, state: Path | None = None, clock: str = NOON, sample: int = 0, **dialects: str
) -> AsyncIterator[Service]:
    """A server whose responses are checked by the contract; `dialects` with `_` for `-`."""
    application = create_application(
        contract=DOCUMENT,
        api="appsignal",
        api_key=TOKEN,
        clock=clock,
        sample=sample,
        state=state,
        dialect=[f"{name.replace('_', '-')}={value}" for name, value in dialects.items()],
        validate_answers=True,
    )
    transport = httpx.ASGITransport(application)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
        yield Service(client)
    await application.close()


def instant(nanoseconds: int) -> str:
    """An instant with nine digits of a fraction."""
    seconds, rest = divmod(nanoseconds, SECOND)
    hours, within = divmod(seconds - TEN // SECOND, 3600)
    assert -10 <= hours < 14, "within the day"
    return f"2026-03-14T{10 + hours:02}:{within // 60:02}:{within % 60:02}.{rest:09}Z"


def attributes(values: Mapping[str, object]) -> list[dict[str, Any]]:
    """Attributes as OTLP/JSON."""
    return [{"key": key, "value": {"stringValue": str(value)}} for key, value in values.items()]


def span(
    trace: str, id_: str, parent: str = "", *, name: str = "GET /", kind: int = 2, start: int = TEN, **more: Any
) -> dict[str, Any]:
    """A span as OTLP/JSON; `duration` in nanoseconds, `values` its attributes, `exception` the class of one."""
    happened = []
    if (exception := more.get("exception")) is not None:
        told = attributes({"exception.type": exception, "exception.message": "no"})
        happened = [{"name": "exception", "timeUnixNano": str(start), "attributes": told}]
    return {
        "traceId": trace,
        "spanId": id_,
        "parentSpanId": parent,
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + more.get("duration", SECOND)),
        "attributes": attributes(more.get("values", {})),
        "events": happened,
    }


def spans_body(spans: Sequence[Any], **resource: str) -> dict[str, Any]:
    """An export of spans of one resource, its attributes with `_` for a dot."""
    told = attributes({key.replace("_", "."): value for key, value in resource.items()})
    return {"resourceSpans": [{"resource": {"attributes": told}, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]}


def metrics_body(*metrics: Any, **resource: str) -> dict[str, Any]:
    """An export of metrics of one resource."""
    told = attributes({key.replace("_", "."): value for key, value in resource.items()})
    return {"resourceMetrics": [{"resource": {"attributes": told}, "scopeMetrics": [{"metrics": list(metrics)}]}]}
