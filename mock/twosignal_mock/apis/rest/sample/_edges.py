"""What pages must live with and a usual day seldom shows: each edge changes one run of the sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from twosignal_mock.apis.rest.sample._traces import Run

_LONG_NAME = "Rückfrage zur Rechnung 請求書の確認 · "
_MANY = 200
"""Spans of a run that calls a tool for each row of a table."""
_DEEP = 30
"""Agents that call each other, one below the other."""
_HUGE_TOKENS = 2_000_000
_HUGE_COST = 1234.567891
_STACK = "\n".join(f"  at step {number} (agent.py:{number * 7})" for number in range(60))

Edge = Callable[[Run, Random, int], None]
"""Changes a run; the number is how many events it may have at most."""


def _name(text: str) -> Edge:
    def edit(run: Run, _random: Random, _most: int) -> None:
        run.trace["name"] = text

    return edit


def _tags(*tags: str) -> Edge:
    def edit(run: Run, _random: Random, _most: int) -> None:
        run.trace["tags"] = list(tags)

    return edit


def _many_spans(run: Run, random: Random, most: int) -> None:
    for number in range(min(_MANY, most - len(run.events))):
        _add(run, random, run.root, f"row {number + 1}", "TOOL")


def _deep_tree(run: Run, random: Random, most: int) -> None:
    parent = run.root
    for number in range(min(_DEEP, most - len(run.events))):
        parent = _add(run, random, parent, f"agent below {number + 1}", "AGENT")


def _error_without_end(run: Run, random: Random, most: int) -> None:
    if len(run.events) < most:
        error = f"TimeoutError: the tool never came back\n{_STACK}"
        run.add_span(run.root, "fetch", "TOOL", run.start + random.randrange(100), None, error)


def _costs(cost: float, tokens: int) -> Edge:
    def edit(run: Run, _random: Random, _most: int) -> None:
        for body in run.spans():
            if "cost" in body:
                usage = {"promptTokens": tokens - tokens // 4, "completionTokens": tokens // 4, "totalTokens": tokens}
                body["cost"], body["usage"] = cost, usage

    return edit


EDGES: Mapping[str, Edge] = {
    "an empty name": _name(""),
    "a long name": _name((_LONG_NAME * 40)[:1000]),
    "no tags": _tags(),
    "one tag": _tags("nightly"),
    "many spans": _many_spans,
    "a deep tree": _deep_tree,
    "an error without an end": _error_without_end,
    "a huge cost": _costs(_HUGE_COST, _HUGE_TOKENS),
    "no cost": _costs(0, 0),
}


def edge_at(position: int) -> Edge | None:
    """The edge of a run that ended, by its place counted from the newest, 0.

    Each has one among the newest runs, every third; behind them every fiftieth run has one, in turn.
    """
    edges = tuple(EDGES.values())
    turn, rest = divmod(position, 3)
    if turn < len(edges):
        return edges[turn] if rest == 0 else None
    turn, rest = divmod(position, 50)
    return edges[turn % len(edges)] if rest == 0 else None


def _add(run: Run, random: Random, parent: str, name: str, kind: str) -> str:
    end = run.start if run.end is None else run.end
    start = random.randint(run.start, end)
    output: dict[str, Any] = {"ok": True}
    return run.add_span(parent, name, kind, start, random.randint(start, end), None, output=output)
