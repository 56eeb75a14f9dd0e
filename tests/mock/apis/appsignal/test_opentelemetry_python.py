"""A Flask application with its SQL calls, unchanged, under OpenTelemetry's own instrumentation and exporters."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import flask
import httpx
import pytest
from opentelemetry import metrics
from opentelemetry.exporter.otlp.common.http import Compression
from opentelemetry.exporter.otlp.json.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import get_current_span
from twosignal_mock import MockServer

from tests.mock.apis.appsignal.service import CONTRACT, DOCUMENT, TOKEN

SITE = "c" * 24
NEVER = 3_600_000
"""Milliseconds; what is exported is exported when the test says so."""
ORDERS = 7
"""Orders of one page: more like queries than an N+1 needs."""
TIMES: dict[str, Any] = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}

Ask = Callable[..., Any]
# They ship without types.
_INSTRUMENT: Callable[..., None] = FlaskInstrumentor.instrument_app
_UNINSTRUMENT: Callable[..., None] = FlaskInstrumentor.uninstrument_app


class Shop:
    """The application with its database, and what was asked of it."""

    def __init__(self, server: MockServer, compression: Compression) -> None:
        base = f"{server.url}/__mock/v1/appsignal/sites/{SITE}/otlp/v1"
        options: dict[str, Any] = {"headers": {"Authorization": f"Bearer {TOKEN}"}, "compression": compression}
        resource = Resource({"service.name": "shop", "appsignal.config.revision": "3f2a91c"})
        self.tracing = TracerProvider(resource=resource)
        self.tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{base}/traces", **options)))
        exporter = OTLPMetricExporter(endpoint=f"{base}/metrics", **options)
        self.metering = MeterProvider([PeriodicExportingMetricReader(exporter, NEVER)], resource)
        self.web = self._application(self.metering.get_meter("shop"))
        _INSTRUMENT(self.web, tracer_provider=self.tracing, meter_provider=self.metering)

    def get(self, path: str) -> int:
        """The status of a page."""
        return self.web.test_client().get(path).status_code

    def flush(self) -> None:
        """Has everything sent."""
        assert self.tracing.force_flush()
        assert self.metering.force_flush()

    def close(self) -> None:
        _UNINSTRUMENT(self.web)
        self.tracing.shutdown()
        self.metering.shutdown()

    def _application(self, meter: metrics.Meter) -> flask.Flask:
        web = flask.Flask("shop")
        web.logger.setLevel(logging.CRITICAL)  # its failures are wanted
        plain = sqlite3.connect(":memory:", check_same_thread=False)
        plain.execute("CREATE TABLE orders (id INTEGER, total REAL)")
        database = SQLite3Instrumentor().instrument_connection(plain, tracer_provider=self.tracing)
        sold, took = meter.create_counter("orders_sold"), meter.create_histogram("order_total")

        @web.get("/orders/<int:number>")
        def order(number: int) -> str:
            get_current_span().set_attributes({"appsignal.namespace": "web", "appsignal.tag.region": "eu-west"})
            sold.add(number, {"kind": "book"})
            took.record(float(number), {"kind": "book"})
            cursor = database.cursor()
            cursor.execute(f"SELECT total FROM orders WHERE id = {number}")  # noqa: S608 - a number, of a route for numbers
            return str(cursor.fetchall())

        @web.get("/orders")
        def orders() -> str:
            get_current_span().set_attribute("appsignal.action_name", "Orders#index")
            cursor = database.cursor()
            for number in range(ORDERS):
                cursor.execute("SELECT total FROM orders WHERE id = ?", (number,))
            return "all"

        @web.get("/broken")
        def broken() -> str:
            raise RuntimeError("no stock")

        return web


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(contract=DOCUMENT, api="appsignal", api_key=TOKEN, validate_answers=True) as server:
        yield server


@pytest.fixture
def ask(server: MockServer) -> Iterator[Ask]:
    """Asks an operation; each test has the site for itself."""
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        client.post("/__mock/v1/reset").raise_for_status()
        client.put(f"/__mock/v1/appsignal/sites/{SITE}").raise_for_status()

        def call(operation_id: str, body: Any = None, **path: str) -> Any:
            operation = CONTRACT.operation(operation_id)
            answer = client.request(operation.method, operation.path.format(**path), json=body)
            assert answer.status_code == operation.success, answer.text
            return answer.json()

        yield call


@pytest.mark.parametrize("compression", [Compression.NONE, Compression.GZIP], ids=lambda value: value.value)
def test_an_application_is_shown_as_it_was_asked(server: MockServer, ask: Ask, compression: Compression) -> None:
    shop = Shop(server, compression)
    try:
        statuses = [shop.get(path) for path in ("/orders/3", "/orders/4", "/orders", "/broken", "/orders/5")]
        assert statuses == [200, 200, 200, 500, 200]
        shop.flush()
        shop.get("/orders/8")
        shop.flush()
    finally:
        shop.close()

    actions = {(row["namespace"], row["action"]): row for row in ask("listActions", {"site_id": SITE, **TIMES})}
    order, index, broken = (
        ("shop/web", "GET /orders/<int:number>"),
        ("shop/default", "Orders#index"),
        ("shop/default", "GET /broken"),
    )
    assert {key: row["throughput"] for key, row in actions.items()} == {order: 4, index: 1, broken: 1}
    assert {key: row["error_rate"] for key, row in actions.items()} == {order: 0, index: 0, broken: 100}
    assert {key: row["has_npo"] for key, row in actions.items()} == {order: False, index: True, broken: False}

    page = {"per_page": 100, "order": "ASC", "cursor": "Time"}
    rows = ask("listPerformanceTraces", {"site_ids": [SITE], "pagination": page, "query": "tag.region=eu-west"})
    assert [(row["action_name"], row["revision"]) for row in rows] == [(order[1], "3f2a91c")] * 4
    (error,) = ask("listErrorTraces", {"site_ids": [SITE], "pagination": page})
    located = ask("locateTrace", {"site_ids": [SITE], "trace_id": error["trace_id"]})
    assert [each["exception_name"] for each in located["errors"]] == ["RuntimeError"]

    events = ask("listSlowEvents", {"site_id": SITE, **TIMES})
    assert Counter({row["body"]: row["count"] for row in events}) == {
        "SELECT total FROM orders WHERE id = ?": 4 + ORDERS
    }
    assert ask("getDeployStatistics", {"site_id": SITE, "revision": "3f2a91c"})["throughput"] == 6

    assert {"orders_sold", "order_total"} <= set(ask("listMetricNames", site_id=SITE))
    tags = {"kind": "book"}
    select = [
        {"id": "sold", "name": "orders_sold", "field": "COUNTER", "tags": tags},
        {"id": "orders", "name": "order_total", "field": "COUNT", "tags": tags},
        {"id": "mean", "name": "order_total", "field": "MEAN", "tags": tags},
    ]
    body = {"site_id": SITE, **TIMES, "resolution": "HOURLY", "group_by": [{"Tag": "kind"}], "select": select}
    (row,) = ask("queryMetricList", body)["rows"]
    assert row["data"] == {"sold": 3 + 4 + 5 + 8, "orders": 4, "mean": 5}
