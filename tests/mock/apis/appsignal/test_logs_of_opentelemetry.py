"""The logs SDK of OpenTelemetry for Python, unchanged, fills a site that the search then shows."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.exporter.otlp.common.http import Compression
from opentelemetry.exporter.otlp.json.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from twosignal_mock import MockServer

from tests.mock.apis.appsignal.service import DOCUMENT, TOKEN
from tests.mock.apis.appsignal.test_logs import search

SITE = "5f0c1a2b3c4d5e6f70819203"
COUNT = 700
"""More than the SDK sends at once."""


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Of a real server."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with (
        MockServer(contract=DOCUMENT, api="appsignal", api_key=TOKEN, validate_answers=True) as server,
        httpx.Client(base_url=server.url, headers=headers) as client,
    ):
        yield client


@pytest.mark.filterwarnings("ignore:.*LoggingHandler.*:DeprecationWarning")
def test_what_python_logs_is_found_with_level_logger_attributes_and_trace(client: httpx.Client) -> None:
    assert client.put(f"/__mock/v1/appsignal/sites/{SITE}").status_code == 200
    url = str(client.base_url.join(f"/__mock/v1/appsignal/sites/{SITE}/otlp/v1/logs"))
    provider = LoggerProvider(Resource({"service.name": "checkout", "host.name": "web-1"}))
    exporter = OTLPLogExporter(endpoint=url, headers={"Authorization": f"Bearer {TOKEN}"}, compression=Compression.GZIP)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = logging.getLogger("shop.orders")
    handler = LoggingHandler(logger_provider=provider)
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with TracerProvider().get_tracer("test").start_as_current_span("order") as span:
            for number in range(COUNT):
                logger.info("order %d placed", number, extra={"order.id": number, "total": number / 4})
            try:
                raise LookupError("no such order")
            except LookupError:
                logger.exception("order refused", extra={"user.id": "u-7"})
        logger.warning("slow")
        assert provider.force_flush()
    finally:
        logger.removeHandler(handler)
        provider.shutdown()
    (site,) = client.get("/__mock/v1/appsignal/sites").json()["sites"]
    (source,) = site["sources"]

    def found(query: str) -> list[dict[str, object]]:
        answer = client.post("/api/v2/logs/lines", json=search(SITE, source["id"], query))
        assert answer.status_code == 200, answer.text
        lines: list[dict[str, object]] = answer.json()
        return lines

    (error,) = found("severity=error")
    assert (error["message"], error["group"], error["hostname"]) == ("order refused", "shop.orders", "web-1")
    structured = error["json"]
    assert isinstance(structured, dict)
    assert structured["exception.type"] == "LookupError"
    assert structured["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert found('user.id=u-7 exception.message:"such ORDER"') == [error]
    assert [line["severity"] for line in found("slow")] == ["warn"]
    assert [line["message"] for line in found("order.id=699")] == ["order 699 placed"]
    assert [line["message"] for line in found("total>=174.5 total<174.75")] == ["order 698 placed"]
    walked: dict[object, object] = {}
    cursor = None
    while True:
        answer = client.post("/api/v2/logs/lines", json=search(SITE, source["id"], "group=shop.orders", cursor=cursor))
        page = answer.json()
        walked |= {line["id"]: line["message"] for line in page}
        if len(page) < 100:
            break
        cursor = page[-1]["timestamp"]
    assert len(walked) == COUNT + 2
