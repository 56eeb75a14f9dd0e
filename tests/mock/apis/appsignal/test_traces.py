"""Single traces: what dialects change, what waits for its parents, and what no sender may do."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import pytest

from tests.mock.apis.appsignal.service import CONTRACT, SECOND, TEN, Service, instant, serving, span, spans_body

TRACE, ROOT, CHILD = "ab" * 16, "0a" * 8, "0b" * 8
PAGE = {"per_page": 10, "order": "DESC", "cursor": "Time"}


async def one_trace(service: Service) -> str:
    """A site with one trace, whose query raised."""
    site = await service.site()
    query = span(TRACE, CHILD, ROOT, name="SELECT", kind=3, values={"db.system": "x"}, exception="Timeout")
    values = {"appsignal.namespace": "web", "appsignal.action_name": "Users#show", "appsignal.tag.region": "eu"}
    root = span(TRACE, ROOT, values={**values, "answer": "42"})
    for each in (query, root):
        assert await service.take(site, "traces", spans_body([each], service_name="shop")) == {}
    return site


async def test_a_span_that_waits_for_its_parent_is_part_of_no_action_yet() -> None:
    async with serving() as service:
        site = await service.site()
        query = span(TRACE, CHILD, ROOT, name="SELECT", kind=3, exception="Timeout")
        await service.take(site, "traces", spans_body([query], service_name="shop"))
        times = {"from": instant(TEN), "to": instant(TEN + SECOND)}
        assert await service.ask("listErrorTraces", {"site_ids": [site], "pagination": PAGE}) == []
        assert await service.ask("listSlowEvents", {"site_id": site, **times}) == []
        assert len(await service.ask("getTrace", {"site_ids": [site], "trace_id": TRACE})) == 1
        await service.take(site, "traces", spans_body([span(TRACE, ROOT)], service_name="shop"))
        (row,) = await service.ask("listErrorTraces", {"site_ids": [site], "pagination": PAGE})
        assert (row["span_id"], row["action_name"]) == (CHILD, "GET /")
        (action,) = await service.ask("listActions", {"site_id": site, **times})
        assert (action["throughput"], action["error_rate"]) == (1, 100)


async def test_a_span_shows_what_its_attributes_mean() -> None:
    async with serving() as service:
        site = await one_trace(service)
        body = {"site_ids": [site], "trace_id": TRACE}
        query, root = sorted(await service.ask("getErrorTrace", body), key=lambda each: each["subtrace_root"])
        assert (root["action_name"], root["namespace"], root["service_name"]) == ("Users#show", "shop/web", "shop")
        assert (query["action_name"], query["namespace"]) == ("Users#show", "shop/web")
        assert root["span_attributes"]["answer"] == "42"
        (attributes,) = query["events.attributes"]
        assert attributes["exception.type"] == "Timeout"
        located = await service.ask("locateTrace", body)
        assert located["errors"] == [{"site_id": site, "incident_number": 1, "exception_name": "Timeout"}]


@pytest.mark.parametrize("operation", ["getTrace", "getPerformanceTrace", "getErrorTrace"])
@pytest.mark.parametrize("dialect", CONTRACT.dialect("unknown-trace").values)
async def test_a_trace_that_is_not_there_is_answered_as_the_dialect_says(operation: str, dialect: str) -> None:
    status = CONTRACT.dialect("unknown-trace").values[dialect].status
    async with serving(unknown_trace=dialect) as service:
        site = await one_trace(service)
        for body in ({"trace_id": "c" * 32}, {"trace_id": "\u00e4"}):
            answer = await service.call(operation, {"site_ids": [site], **body})
            assert answer.status_code == status
            assert answer.json() == ([] if status == CONTRACT.operation(operation).success else {"error": "Not found"})


async def test_a_single_trace_without_id_is_the_first_of_the_list() -> None:
    async with serving() as service:
        site = await one_trace(service)
        await service.take(site, "traces", spans_body([span("c" * 32, ROOT, start=TEN + 5 * SECOND)]))
        for order, trace in (("ASC", TRACE), ("DESC", "c" * 32)):
            body = {"site_ids": [site], "pagination": PAGE | {"order": order}}
            assert {each["trace_id"] for each in await service.ask("getPerformanceTrace", body)} == {trace}
        (only,) = await service.ask("getPerformanceTrace", {"site_ids": [site]})
        assert only["trace_id"] == "c" * 32


CURSORS: dict[str, Any] = {"name": "Time", "instant": {"time": None}}


@pytest.mark.parametrize("dialect", CONTRACT.dialect("trace-cursor").values)
async def test_a_cursor_has_the_forms_of_the_dialect(dialect: str) -> None:
    async with serving(trace_cursor=dialect) as service:
        site = await one_trace(service)
        for form, cursor in CURSORS.items():
            body = {"site_ids": [site], "pagination": PAGE | {"cursor": cursor}}
            answer = await service.call("listPerformanceTraces", body)
            if dialect in ("both", form):
                assert len(answer.json()) == 1
            else:
                assert answer.json()["details"] == {"field": "pagination.cursor"}


DURATIONS = {"duration": {"duration": 5000}, "duration-ms": {"duration_ms": 5000}}


@pytest.mark.parametrize("dialect", CONTRACT.dialect("minimum-duration").values)
async def test_the_shortest_duration_is_spelled_as_the_dialect_says(dialect: str) -> None:
    async with serving(minimum_duration=dialect) as service:
        site = await one_trace(service)
        for spelling, field in DURATIONS.items():
            rows = await service.ask("listPerformanceTraces", {"site_ids": [site], "pagination": PAGE, **field})
            assert (rows == []) == (dialect in ("both", spelling))


async def test_the_other_dialects_of_traces() -> None:
    async with serving(single_trace_pagination="required", root_parent="null") as service:
        site = await one_trace(service)
        body = {"site_ids": [site], "trace_id": TRACE}
        for operation in ("getPerformanceTrace", "getErrorTrace"):
            assert await service.refused(operation, body) == ("invalid-value", {"field": "pagination"})
            spans = await service.ask(operation, body | {"pagination": PAGE})
            assert {each["span_id"]: each["parent_span_id"] for each in spans} == {ROOT: None, CHILD: ROOT}


@pytest.mark.parametrize("dialect", CONTRACT.dialect("edge-scope").values)
async def test_edges_take_the_scope_of_the_dialect(dialect: str) -> None:
    async with serving(edge_scope=dialect) as service:
        site = await one_trace(service)
        times = {"from": instant(TEN), "to": instant(TEN + SECOND)}
        for form, scope in (("site-id", {"site_id": site}), ("site-ids", {"site_ids": [site]})):
            answer = await service.call("listSlowEvents", {**scope, **times})
            taken = dialect in ("either", form)
            assert (answer.status_code == CONTRACT.operation("listSlowEvents").success) == taken
        assert (await service.refused("listSlowEvents", times))[0] == "invalid-value"


async def test_what_cannot_be_kept_of_an_export_is_counted_and_the_rest_is_kept() -> None:
    async with serving() as service:
        site = await service.site()
        zeros, late = span("0" * 32, ROOT), span(TRACE, CHILD, start=2**63)
        circle = [span(TRACE, "1" * 16, "2" * 16, kind=1), span(TRACE, "2" * 16, "1" * 16, kind=1)]
        told = await service.take(site, "traces", spans_body([zeros, late, *circle, span(TRACE, ROOT)]))
        assert told["partialSuccess"]["rejectedSpans"] == "2"
        assert len(await service.ask("getTrace", {"site_ids": [site], "trace_id": TRACE})) == 3
        assert len(await service.ask("listPerformanceTraces", {"site_ids": [site], "pagination": PAGE})) == 1


async def test_an_export_may_be_compressed_and_is_bounded_either_way() -> None:
    async with serving() as service:
        site = await service.site()
        path = f"/__mock/v1/appsignal/sites/{site}/otlp/v1/traces"
        content = orjson.dumps(spans_body([span(TRACE, ROOT)]))
        encoded = {"Content-Encoding": "gzip"}
        assert (await service.http.post(path, content=gzip.compress(content), headers=encoded)).json() == {}
        assert len(await service.ask("getTrace", {"site_ids": [site], "trace_id": TRACE})) == 1
        for body, headers, status in (
            (gzip.compress(b" " * 5_000_000), encoded, 413),
            (b" " * 5_000_000, {}, 413),
            (gzip.compress(content)[:-9], encoded, 400),
            (content, encoded, 400),
            (content, {"Content-Encoding": "br"}, 400),
            (orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "x"}]}]}]}), {}, 400),
            (orjson.dumps({"resourceSpans": [None]}), {}, 400),
        ):
            answer = await service.http.post(path, content=body, headers=headers)
            assert answer.status_code == status, body[:60]
        assert (await service.http.post(path.replace(site, "e" * 24), content=content)).status_code == 404


async def test_a_query_of_too_many_words_is_refused() -> None:
    async with serving() as service:
        site = await one_trace(service)
        body = {"site_ids": [site], "pagination": PAGE, "query": " ".join(map(str, range(101)))}
        assert await service.refused("listPerformanceTraces", body) == ("invalid-value", {"field": "query"})
