"""Who may see what: tokens in header and query, and sites that are checked before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.mock.apis.appsignal.service import CONTRACT, TOKEN, Service, serving

OUT_OF_REACH = "f" * 24
"""A site that nobody has."""

_BODIES = {
    operation.id: operation.request_body.content["application/json"].example()
    for operation in CONTRACT.operations.values()
    if operation.request_body is not None
}
SITED = tuple(id_ for id_, body in _BODIES.items() if {"site_id", "site_ids"} & body.keys())
"""Operations whose body names sites."""


def naming(operation_id: str, *sites: str) -> dict[str, Any]:
    """The body of the contract's example, for other sites."""
    body = {key: value for key, value in _BODIES[operation_id].items() if key not in ("site_id", "site_ids")}
    return body | ({"site_ids": list(sites)} if "site_ids" in _BODIES[operation_id] else {"site_id": sites[-1]})


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Authorization": f"Bearer {TOKEN}"}, {}, 200),
        ({}, {"token": TOKEN}, 200),
        ({"Authorization": f"Basic {TOKEN}"}, {"token": TOKEN}, 200),
        ({"Authorization": f"Bearer {TOKEN}"}, {"token": "another"}, 200),
        ({"Authorization": "Bearer another"}, {"token": TOKEN}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, {}, 401),
        ({}, {"token": "another"}, 401),
        ({}, {}, 401),
    ],
)
async def test_a_token_counts_in_the_header_first_and_then_in_the_query(
    headers: Mapping[str, str], query: Mapping[str, str], status: int
) -> None:
    async with serving() as service:
        del service.http.headers["Authorization"]
        path = CONTRACT.operation("verifyToken").path
        answer = await service.http.get(path, headers=headers, params=query)
        assert answer.status_code == status
        if status == CONTRACT.error("missing-key").status:
            assert answer.json() == {"error": CONTRACT.error("missing-key").code}
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_log_search_takes_the_token_from_the_header_only_when_the_dialect_says_so() -> None:
    async def search(service: Service) -> int:
        site = await service.site()
        del service.http.headers["Authorization"]
        body = naming("searchLogLines", site)
        operation = CONTRACT.operation("searchLogLines")
        answer = await service.http.post(operation.path, json=body, params={"token": TOKEN})
        others = await service.http.get(CONTRACT.operation("verifyToken").path, params={"token": TOKEN})
        assert others.status_code == CONTRACT.operation("verifyToken").success
        return answer.status_code

    async with serving() as service:
        assert await search(service) == CONTRACT.error("unknown-resource").status, "its source is not there"
    async with serving(log_token="header-only") as service:  # noqa: S106 - the value of a dialect
        assert await search(service) == CONTRACT.error("missing-key").status


@pytest.mark.parametrize("dialect", CONTRACT.dialect("site-without-access").values)
async def test_one_site_out_of_reach_gives_nothing_of_any(dialect: str) -> None:
    status = CONTRACT.dialect("site-without-access").values[dialect].status
    async with serving(site_without_access=dialect) as service:
        mine, closed = await service.site(), await service.site(accessible=False)
        for operation in SITED:
            for foreign in (closed, OUT_OF_REACH):
                answer = await service.call(operation, naming(operation, mine, foreign))
                assert (answer.status_code, list(answer.json())) == (status, ["error"]), operation
        names = [await service.call("listMetricNames", site_id=site) for site in (mine, closed, OUT_OF_REACH)]
        assert [answer.status_code for answer in names] == [200, status, status]


async def test_another_token_does_not_reach_the_sites_of_an_account() -> None:
    async with serving() as service:
        site = await service.site()
        made = await service.http.post("/__mock/v1/sandboxes", json={"api_key": "another-token"})
        assert made.is_success
        service.http.headers["Authorization"] = "Bearer another-token"
        assert (await service.refused("listMetricNames", site_id=site))[0].startswith("unknown-")


async def test_sites_are_checked_before_the_meaning_of_a_body_and_behind_its_schema() -> None:
    async with serving() as service:
        unknown = naming("queryTimeseries", OUT_OF_REACH) | {"resolution": "yearly"}
        assert (await service.refused("queryTimeseries", unknown))[0].startswith("unknown-")
        assert (await service.refused("queryTimeseries", unknown | {"select": []}))[0] == "invalid-value"


async def test_a_text_with_nul_is_refused_everywhere() -> None:
    async with serving() as service:
        for operation, body in _BODIES.items():
            answer = await service.call(operation, body | {"more": [{"of": "a\0b"}]})
            assert answer.status_code == CONTRACT.error("malformed-json").status, operation
            assert answer.json()["error"] == CONTRACT.error("malformed-json").code, operation


@pytest.mark.parametrize("dialect", CONTRACT.dialect("unprocessable-status").values)
async def test_a_wrong_body_has_the_status_of_the_dialect_and_the_envelope_of_422(dialect: str) -> None:
    async with serving(unprocessable_status=dialect) as service:
        answers = [
            await service.call("getTrace", {"site_ids": []}),
            await service.call("listActions", {"site_id": "a", "from": "today", "to": "2026-03-14T10:00:00Z"}),
            await service.http.post(
                CONTRACT.operation("getTrace").path, content=b"{", headers={"Content-Type": "application/json"}
            ),
        ]
        assert {answer.status_code for answer in answers} == {
            CONTRACT.dialect("unprocessable-status").values[dialect].status
        }
        for answer in answers:
            told = answer.json()
            assert isinstance(told["error"], str)
            assert isinstance(told["message"], str)


async def test_a_client_reads_its_own_user_and_the_journal_keeps_no_token() -> None:
    async with serving() as service:
        path = CONTRACT.operation("verifyToken").path
        del service.http.headers["Authorization"]
        answers = [await service.http.get(path, params={"token": TOKEN}) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        entries = (await service.http.get("/__mock/v1/journal")).json()["entries"]
        assert TOKEN not in httpx.Response(200, json=entries).text
        assert "token=" in entries[0]["query"]
