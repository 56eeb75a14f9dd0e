"""Walks over pages: the cursor as it came, to the end and no further, with the filters of the first page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from twosignal_conformance.clients import Case, Link, RuleResult, RuleTable

RULES = RuleTable()

_OPERATION = "listTraces"
_CURSOR, _ENDS, _COMPLETE = "client.paging.cursor", "client.paging.ends", "client.paging.complete"
_AGAIN = "asked again without the cursor that it was given"
_OFTEN = 20
"""Times in a row that are more than a program asks for the same first page and looks at nothing else."""
_FILTERS, _LIMIT = "client.paging.same-filters", "client.paging.limit"


@RULES.covers(_CURSOR, _ENDS, _COMPLETE, _FILTERS)
def walks(case: Case) -> Iterator[RuleResult]:
    """Every walk over pages begins with a request without a cursor."""
    whole = case.scenario is not None and len(case.actions("list")) == 1
    # Only a success is a step; a request that is sent again belongs to the step that succeeds.
    pages = [link for link in case.of(_OPERATION) if link.attempt.ok]
    for walk in _walks(pages):
        yield from _steps(walk)
    if case.scenario is None:
        yield from _circles(pages)
    if not whole or not pages:
        return
    yield from _lost(pages)
    ended = next((number for number, link in enumerate(pages) if _next_cursor(link) is None), None)
    complete = ended is not None or not case.done
    if case.done:
        yield RuleResult(_COMPLETE, complete, "a walk to the page whose nextCursor is null", _reached(pages), pages)
    if ended is not None:
        more = pages[ended + 1 :]
        expected = "no request after the page whose nextCursor is null"
        yield RuleResult(_ENDS, not more, expected, f"{len(more)} more requests", pages[ended:], tuple(more))


@RULES.covers(_LIMIT)
def limits(case: Case) -> Iterator[RuleResult]:
    """The limit of a page is within its bounds."""
    bounds = case.contract.parameter(_OPERATION, "limit")
    for link in case.of(_OPERATION):
        asked = _parameters(link).get("limit")
        if asked is not None:
            inside = asked.isdigit() and bounds.minimum <= int(asked) <= bounds.maximum
            expected = f"limit {bounds.minimum} to {bounds.maximum}"
            yield RuleResult(_LIMIT, inside, expected, f"limit={asked}", (link,))


def _next_cursor(link: Link) -> str | None:
    """The nextCursor of a page; None when it is null, and for what cannot be read."""
    page = link.attempt.response
    data = page.get("data") if isinstance(page, dict) else None
    cursor = data.get("nextCursor") if isinstance(data, dict) else None
    return cursor if isinstance(cursor, str) else None


def _walks(pages: Sequence[Link]) -> Iterator[list[Link]]:
    walk: list[Link] = []
    for link in pages:
        if walk and "cursor" not in _parameters(link):
            yield walk
            walk = []
        walk.append(link)
    if walk:
        yield walk


def _steps(walk: Sequence[Link]) -> Iterator[RuleResult]:
    for before, link in pairwise(walk):
        given, asked = _next_cursor(before), _parameters(link)["cursor"]
        if given is None:
            continue
        expected = f"cursor {given!r}, the nextCursor of the page before"
        yield RuleResult(_CURSOR, asked == given, expected, f"cursor {asked!r}", (before, link), (link,))
        old, new = _filters(before), _filters(link)
        yield RuleResult(
            _FILTERS, old == new, f"the filters of the first page, {old}", f"{new}", (before, link), (link,)
        )


def _lost(pages: Sequence[Link]) -> Iterator[RuleResult]:
    """The first page asked for again, where there is one walk only: the cursor that was given is lost."""
    for before, link in pairwise(pages):
        if _same_page_again(before, link):
            expected = f"cursor {_next_cursor(before)!r}, the nextCursor of the page before"
            yield RuleResult(_CURSOR, False, expected, _AGAIN, (before, link), (link,))
            return


def _circles(pages: Sequence[Link]) -> Iterator[RuleResult]:
    """The first page so often in a row that it may be a walk. Nobody knows what was asked for, so it breaks nothing."""
    row: list[Link] = []
    for link in pages:
        row = [*row, link] if row and _same_page_again(row[-1], link) else [link]
        if len(row) == _OFTEN:
            title = f"The first page, which has a nextCursor, {_OFTEN} times in a row"
            yield RuleResult(_CURSOR, False, title, f"it {_AGAIN}, or began anew", row, (link,), finding=True)
            return


def _same_page_again(before: Link, link: Link) -> bool:
    again = "cursor" not in _parameters(link) and _filters(link) == _filters(before)
    return again and _next_cursor(before) is not None


def _filters(link: Link) -> dict[str, str]:
    return {name: value for name, value in _parameters(link).items() if name != "cursor"}


def _parameters(link: Link) -> Mapping[str, Any]:
    return dict(link.attempt.parameters)


def _reached(pages: Sequence[Link]) -> str:
    last = _next_cursor(pages[-1])
    return (
        f"{len(pages)} pages, the last without a nextCursor" if last is None else f"it stopped before cursor {last!r}"
    )
