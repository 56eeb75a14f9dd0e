"""The lists that are measured in stores of different sizes: every filter, common and rare, first page and deep page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bench._contract import BenchContract
from bench.load import COMMON_TAG, LIST_SIZE, OTHER_TAG, WORDS, Population, Request, Share, list_request

SHARES: Mapping[Share, str] = {"half": "50 %", "percent": "1 %", "rare": "0.01 %"}
_PART: Mapping[Share, int] = {"half": 2, "percent": 100, "rare": 10_000}
"""One in so many."""
_ROWS: Mapping[Share, tuple[int, int]] = {"half": (LIST_SIZE, LIST_SIZE), "percent": (10, 5), "rare": (1, 1)}
"""Traces asked for on the first page and on a deep one: as many as a store of a thousand has for it."""
_PREFIX = 3
"""Letters of the shortest name that is asked for."""


class Query(NamedTuple):
    """One list."""

    filter: str
    share: str
    page: str
    """`first`, or `deep`: from the middle of what it finds on."""
    errors: Share
    """Of the traces in the project that it is asked of, so many failed."""
    request: Request


def queries(populations: Mapping[Share, Population]) -> Iterator[Query]:
    """All of them, for one store: a population for each share of failed traces."""
    population = populations["percent"]
    contract, middle = population.contract, population.size // 2
    yield from _pages(contract, "none", "100 %", "percent", {}, population.cursor(middle), (LIST_SIZE, LIST_SIZE))
    both_rare = {"tags": f"percent,{OTHER_TAG}"}
    yield from _pages(
        contract, "two tags of 1 %", SHARES["rare"], "percent", both_rare, population.cursor(middle), _ROWS["rare"]
    )
    for share, told in SHARES.items():
        rows, cursor = _ROWS[share], population.cursor(middle)
        yield from _pages(contract, "name", told, "percent", {"name": WORDS[share]}, cursor, rows)
        yield from _pages(contract, "name of 3", told, "percent", {"name": WORDS[share][:_PREFIX]}, cursor, rows)
        yield from _pages(contract, "tag", told, "percent", {"tags": share}, cursor, rows)
        failed = populations[share]
        status = {"status": contract.statuses[True]}
        yield from _pages(contract, "status", told, share, status, failed.cursor(failed.size // 2), rows)
        if share != "half":
            yield from _pages(contract, "two tags", told, "percent", {"tags": f"{COMMON_TAG},{share}"}, cursor, rows)
        found = max(1, population.size // _PART[share])
        oldest = population.size - found
        dates = {
            "startDate": ({"startDate": population.instant(found)}, found // 2),
            "endDate": ({"endDate": population.instant(oldest - 1)}, oldest + found // 2),
        }
        for name, (query, behind) in dates.items():
            deep = population.cursor(behind - 1) if share != "rare" else None  # of one trace there is no second page
            yield from _pages(contract, name, told, "percent", query, deep, rows)


def _pages(
    contract: BenchContract,
    name: str,
    share: str,
    errors: Share,
    query: dict[str, str],
    cursor: str | None,
    rows: tuple[int, int],
) -> Iterator[Query]:
    first, deep = rows
    yield Query(name, share, "first", errors, list_request(contract, query, first))
    if cursor is not None:
        yield Query(name, share, "deep", errors, list_request(contract, query | {"cursor": cursor}, deep))
