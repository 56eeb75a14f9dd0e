"""The numbers of a revision: those of its traces and of no others, recomputed from what was sent."""

from __future__ import annotations

from random import Random
from statistics import fmean
from typing import Any

import pytest

from tests.mock.apis.appsignal.service import SECOND, TEN, instant, serving, span, spans_body

STATS = "getDeployStatistics"


async def test_a_revision_has_the_numbers_of_its_traces() -> None:
    random, sent = Random(9), []  # noqa: S311 - a test has to repeat
    async with serving() as service:
        site = await service.site()
        for number in range(60):
            revision, failed = random.choice(("a1", "b2")), random.random() < 0.3
            start, duration = TEN + random.randrange(3600) * SECOND, random.randrange(1, 10**9)
            more: dict[str, Any] = {"duration": duration, "exception": "Oops" if failed else None}
            one = span(f"{number + 1:032x}", f"{number + 1:016x}", name=f"GET /{number % 3}", start=start, **more)
            await service.take(site, "traces", spans_body([one], appsignal_config_revision=revision))
            sent.append((revision, start, duration, failed))
        for revision in ("a1", "b2"):
            for first, last in ((None, None), (0, 1800), (900, 901)):
                ends = (
                    {} if first is None or last is None else {"from": TEN + first * SECOND, "to": TEN + last * SECOND}
                )
                body = {"site_id": site, "revision": revision, **{key: instant(end) for key, end in ends.items()}}
                of = [
                    each
                    for each in sent
                    if each[0] == revision and ends.get("from", 0) <= each[1] <= ends.get("to", 10**19)
                ]
                if not of:
                    assert (await service.call(STATS, body)).status_code == 404
                    continue
                answer = await service.ask(STATS, body)
                assert answer == {
                    "throughput": len(of),
                    "mean": pytest.approx(fmean(each[2] for each in of) / 1_000_000),
                    "error_rate": pytest.approx(100 * fmean(each[3] for each in of)),
                }
                if ends:
                    actions = await service.ask("listActions", body)
                    assert sum(row["throughput"] for row in actions) == answer["throughput"]


@pytest.mark.parametrize(("dialect", "status"), [("404", 404), ("422", 422)])
async def test_a_revision_without_traces_has_no_numbers(dialect: str, status: int) -> None:
    async with serving(unknown_revision=dialect) as service:
        site, closed = await service.site(), await service.site(accessible=False)
        answer = await service.call(STATS, {"site_id": site, "revision": "none"})
        assert answer.status_code == status
        assert answer.json()["error"] == ("Not found" if status == 404 else "invalid_value")
        assert (await service.call(STATS, {"site_id": closed, "revision": "none"})).status_code == 404
        assert (await service.refused(STATS, {"site_id": site}))[0] == "invalid-value"
