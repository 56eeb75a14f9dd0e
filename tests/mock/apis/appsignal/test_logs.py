"""Log lines from OTLP/JSON to the search: every clause of the language, pages, sources, access and dialects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.mock.apis.appsignal.log_queries import LANGUAGE
from tests.mock.apis.appsignal.service import NOON, SECOND, TEN, Service, instant, serving

OTHER = "64a7c0ffee12345678abcdef"
SEARCH = "searchLogLines"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with serving() as service:
        yield service


def value_of(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [{"key": key, "value": value_of(each)} for key, each in value.items()]}}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


def record(message: Any, time: int = TEN, severity: str = "INFO", **attributes: Any) -> dict[str, Any]:
    """A log record as OTLP/JSON; attributes with `__` for a dot."""
    told = [{"key": key.replace("__", "."), "value": value_of(value)} for key, value in attributes.items()]
    return {"timeUnixNano": str(time), "severityText": severity, "body": value_of(message), "attributes": told}


def logs_body(*records: Mapping[str, Any], scope: str = "rails", **resource: str) -> dict[str, Any]:
    told = [{"key": key.replace("_", "."), "value": {"stringValue": value}} for key, value in resource.items()]
    scopes = [{"scope": {"name": scope}, "logRecords": list(records)}]
    return {"resourceLogs": [{"resource": {"attributes": told}, "scopeLogs": scopes}]}


async def source_of(service: Service, site: str) -> str:
    shown = (await service.http.get("/__mock/v1/appsignal/sites")).json()["sites"]
    (source,) = next(each["sources"] for each in shown if each["id"] == site)
    return str(source["id"])


def search(site: str, source: str, query: str = "", **more: Any) -> dict[str, Any]:
    cursor, order, per_page = more.pop("cursor", None), more.pop("order", "ASC"), more.pop("per_page", 100)
    pagination = {"per_page": per_page, "order": order, "cursor": {"time": cursor}}
    wanted = {"site_id": site, "source_ids": [source], "query": query, "use_expressions": True}
    return {**wanted, "pagination": pagination, **more}


LINES = (
    record("Login refused", TEN, "ERROR", status_code=401, user={"id": 124, "name": "Élodie"}),
    record("Payment timed out", TEN + SECOND, "critical", status_code=500, duration=250.5),
    record('say "hi" \\ there', TEN + 2 * SECOND, "WARN", status_code=401, user__id="123", ok=True),
    record({"message": "Job done", "job": "mail"}, TEN + 3 * SECOND, "debug", duration=-12.5, nothing={}),
)

QUERIES = {
    "": [0, 1, 2, 3],
    "severity=error": [0],
    "severity=ERROR": [0],
    "severity=[error,critical]": [0, 1],
    "severity!=[error,critical]": [2, 3],
    "status_code=401": [0, 2],
    "status_code!=401": [1, 3],
    "status_code=401.0": [],
    "user.id=124": [0],
    "user.id=123": [2],
    "user.id!=123": [0, 1, 3],
    "user.name:éL": [0],
    "user.name!:éL": [1, 2, 3],
    "user.name=élodie": [],
    "user=124": [],
    "user!=124": [0, 1, 2, 3],
    "nothing:x": [],
    "ok=true": [2],
    "job=mail": [3],
    "duration>250": [1],
    "duration>=250.5": [1],
    "duration<0": [3],
    "duration<=-12.5": [3],
    "status_code>401": [1],
    "user.name>0": [],
    "refused": [0],
    "REFUSED login": [0],
    "refused OR timed": [0, 1],
    "refused OR timed status_code=500": [0, 1],
    "(refused OR timed) status_code=500": [1],
    '"timed out"': [1],
    '"out timed"': [],
    r'"say \"hi\" \\"': [2],
    'message="Job done"': [3],
    "message=job": [],
    "hostname=web-1 group=rails": [0, 1, 2, 3],
    "hostname=WEB-1": [],
    "hostname:WEB": [0, 1, 2, 3],
    "group!=rails": [],
    "duration>=250 OR (status_code=401 user.id=124)": [0, 1],
}


async def test_the_language_keeps_the_lines_that_it_says(service: Service) -> None:
    site = await service.site()
    assert await service.take(site, "logs", logs_body(*LINES, host_name="web-1")) == {}
    source = await source_of(service, site)
    rows = await service.ask(SEARCH, search(site, source))
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(LINES)
    for query, wanted in QUERIES.items():
        for order in ("ASC", "DESC"):
            found = [
                ids.index(row["id"]) for row in await service.ask(SEARCH, search(site, source, query, order=order))
            ]
            assert found == (wanted if order == "ASC" else wanted[::-1]), query
    assert rows[0] == {
        "id": ids[0],
        "timestamp": "2026-03-14T10:00:00Z",
        "source_id": source,
        "severity": "error",
        "message": "Login refused",
        "hostname": "web-1",
        "group": "rails",
        "json": {"status_code": 401, "user": {"id": 124, "name": "Élodie"}},
        "attributes": {},
    }
    assert rows[3]["json"] == {"message": "Job done", "job": "mail", "duration": -12.5, "nothing": {}}


async def test_a_query_that_cannot_be_read_is_answered_with_its_place(service: Service) -> None:
    site = await service.site()
    await service.take(site, "logs", logs_body(*LINES))
    source = await source_of(service, site)
    position = {"details": {"position": 5}}["details"]
    assert await service.refused(SEARCH, search(site, source, "a OR")) == ("invalid-log-query", position)
    legacy = search(site, source, "attributes.status_code_integer=401")
    assert await service.refused(SEARCH, legacy) == (
        LANGUAGE["legacy"]["cause"],
        {"field": "attributes.status_code_integer"},
    )
    for expressions in (False, None):
        assert len(await service.ask(SEARCH, {**legacy, "use_expressions": expressions})) == 2


async def test_an_odd_record_is_kept_and_shown_or_counted(service: Service) -> None:
    site = await service.site()
    deep = b'{"kvlistValue":{"values":[{"key":"k","value":' * 252 + b'{"stringValue":"x"}' + b"}]}}" * 252
    path = f"/__mock/v1/appsignal/sites/{site}/otlp/v1/logs"
    for place in (b'"body":', b'"attributes":[{"key":"a","value":'):
        record_ = b'{"timeUnixNano":"1773482400000000000",' + place + deep + (b"}]" if b"[" in place else b"") + b"}"
        raw = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[' + record_ + b"]}]}]}"
        sent = await service.http.post(path, content=raw, headers={"Content-Type": "application/json"})
        assert sent.json() == {}
    many: dict[str, Any] = {f"key_{number}": number for number in range(5000)}
    odd = [
        record("a\0b", text="\0"),
        record("numbers", large=10**18, small=1e-300, negative=-(2**63)),
        record("many", **many),
        {"timeUnixNano": None, "observedTimeUnixNano": str(TEN), "body": None, "attributes": None},
        {"timeUnixNano": str(TEN), "attributes": [{"key": "n", "value": {"doubleValue": "NaN"}}, {"key": ""}]},
    ]
    assert await service.take(site, "logs", logs_body(*odd)) == {}
    late = await service.take(site, "logs", logs_body({"timeUnixNano": str(2**64 - 1)}, {}))
    assert late["partialSuccess"]["rejectedLogRecords"] == "2"
    source = await source_of(service, site)
    assert len(await service.ask(SEARCH, search(site, source))) == 7
    for query, count in {"key_999=999": 1, "large>=1000000000000000000": 1, "negative<0": 1, "n=NaN": 1}.items():
        assert len(await service.ask(SEARCH, search(site, source, query))) == count, query
    exported = (await service.http.get("/__mock/v1/state")).json()
    assert (await service.http.put("/__mock/v1/state", json=exported)).is_success


async def test_pages_show_every_line_once_when_repeats_are_left_out(service: Service) -> None:
    site = await service.site()
    records = [record(f"line {number}", TEN + number // 3 * 7) for number in range(40)]
    await service.take(site, "logs", logs_body(*records[::-1]))
    source = await source_of(service, site)
    whole = {}
    for order in ("ASC", "DESC"):
        whole[order] = await service.ask(SEARCH, search(site, source, order=order))
        cursor: str | None = None
        seen: dict[str, Any] = {}
        while True:
            page = await service.ask(SEARCH, search(site, source, order=order, per_page=7, cursor=cursor))
            assert cursor is None or page[0]["timestamp"] == cursor
            seen |= {row["id"]: row for row in page}
            if len(page) < 7:
                break
            cursor = page[-1]["timestamp"]
        assert list(seen.values()) == whole[order]
    assert whole["ASC"] == whole["DESC"][::-1]
    assert len(whole["ASC"]) == len(records)


async def test_a_range_includes_both_of_its_ends(service: Service) -> None:
    site = await service.site()
    await service.take(site, "logs", logs_body(*(record(str(number), TEN + number) for number in range(10))))
    source = await source_of(service, site)
    ranged = search(site, source, **{"from": instant(TEN + 3), "to": instant(TEN + 6)})
    assert [row["message"] for row in await service.ask(SEARCH, ranged)] == ["3", "4", "5", "6"]
    reversed_ = search(site, source, **{"from": instant(TEN + 6), "to": instant(TEN + 3)})
    assert await service.ask(SEARCH, reversed_) == []


async def test_a_record_goes_to_the_source_that_it_names(service: Service) -> None:
    site = await service.site()
    for number, name in enumerate(("shop", "mail"), 1):
        path = f"/__mock/v1/appsignal/sites/{site}/sources/{number:024x}"
        assert (await service.http.put(path, json={"name": name})).status_code == 200
    await service.take(site, "logs", logs_body(record("a"), service_name="mail"))
    await service.take(site, "logs", logs_body(record("b", appsignal__log_source="shop"), service_name="mail"))
    await service.take(site, "logs", logs_body(record("c"), service_name="another"))
    found = [await service.ask(SEARCH, search(site, f"{number:024x}")) for number in (1, 2)]
    assert [[row["message"] for row in rows] for rows in found] == [["b", "c"], ["a"]]
    both = search(site, "", source_ids=[f"{number:024x}" for number in (2, 1, 2)])
    assert {(row["message"], row["source_id"]) for row in await service.ask(SEARCH, both)} == {
        ("a", f"{2:024x}"),
        ("b", f"{1:024x}"),
        ("c", f"{1:024x}"),
    }


async def test_a_source_or_a_site_that_is_not_reached_gives_no_line(service: Service) -> None:
    site, closed, empty = await service.site(), await service.site(accessible=False), await service.site()
    for each in (site, closed):
        await service.take(each, "logs", logs_body(record("a")))
    source = await source_of(service, site)
    hidden = await source_of(service, closed)
    for body, cause in (
        (search(closed, hidden), "unknown-site"),
        (search("f" * 24, source), "unknown-site"),
        (search(site, hidden), "unknown-resource"),
        (search(empty, source), "unknown-resource"),
        (search(site, source, source_ids=[source, OTHER]), "unknown-resource"),
        (search(closed, hidden, "a OR"), "unknown-site"),
    ):
        answer = await service.call(SEARCH, body)
        assert (answer.status_code, answer.json()) == (404, {"error": "Not found"}), cause


@pytest.mark.parametrize("field", ["site_id", "source_ids", "query", "pagination"])
async def test_a_search_needs_its_fields(service: Service, field: str) -> None:
    site = await service.site()
    body = search(site, OTHER)
    del body[field]
    assert (await service.refused(SEARCH, body))[0] == "invalid-value"
    wrong = {**search(site, OTHER), field: 5}
    assert (await service.refused(SEARCH, wrong))[0] == "invalid-value"


async def test_the_dialects_of_logs() -> None:
    chosen = {"log_site": "ignored", "log_severity_case": "upper", "log_json": "text", "log_token": "header-only"}
    async with serving(state=None, clock=NOON, sample=0, **chosen) as service:
        site, closed = await service.site(), await service.site(accessible=False)
        for each in (site, closed):
            await service.take(each, "logs", logs_body(record("a", severity="error", x=1)))
        source, hidden = await source_of(service, site), await source_of(service, closed)
        (row,) = await service.ask(SEARCH, search(OTHER, source, "severity=error"))
        assert (row["severity"], row["json"]) == ("ERROR", '{"x":1}')
        nameless = {name: value for name, value in search(site, source).items() if name != "site_id"}
        assert await service.ask(SEARCH, nameless) == [row]
        assert (await service.call(SEARCH, search(OTHER, hidden))).status_code == 404
        del service.http.headers["Authorization"]
        url = "/api/v2/logs/lines?token=a-personal-token"
        assert (await service.http.post(url, json=search(site, source))).status_code == 401
        assert (await service.http.get("/api/v2/auth?token=a-personal-token")).status_code == 200


async def test_lines_are_found_after_a_snapshot_and_after_an_export_as_before(service: Service) -> None:
    site = await service.site()
    many = [record(f"line {number} of many", TEN + number, number=number) for number in range(2500)]
    await service.take(site, "logs", logs_body(*many))
    source = await source_of(service, site)
    queries = [search(site, source, query, order="DESC") for query in ("number=77", '"line 24"', "", "number>2490")]
    before = [await service.ask(SEARCH, query) for query in queries]
    assert list(map(len, before)) == [1, 100, 100, 9]
    control = service.http
    assert (await control.post("/__mock/v1/snapshots", json={"name": "a"})).status_code == 201
    exported = (await control.get("/__mock/v1/state")).json()
    for url in ("/__mock/v1/snapshots/a/restore", "/__mock/v1/state"):
        await service.take(site, "logs", logs_body(record("later")))
        answer = await (control.put(url, json=exported) if url.endswith("state") else control.post(url))
        assert answer.is_success, answer.text
        assert [await service.ask(SEARCH, query) for query in queries] == before
