"""What the spans of a trace add up to: cost in exact decimal arithmetic, tokens, and whether one of them failed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Control, Expect, Group
from twosignal_conformance.apis.rest.checks.responses import is_integer

_COSTS = (0.1, 0.2, 2.2, 0.0007, 0.6)
"""US dollars. In binary arithmetic they add up to 3.1007000000000002 and to something else than 3.1007 in every other
order too; 0.1 + 0.2 to 0.30000000000000004."""

_NEAR = Decimal("0.000001")
"""US dollars. A sum that is off by less was lost in binary arithmetic, which is a clause of its own."""


@covers(
    "traces.fields.total-cost",
    "traces.fields.total-cost-sum",
    "traces.fields.total-cost-exact",
    "traces.fields.total-cost-plain",
    "traces.fields.total-cost-none",
    "traces.span.cost-missing",
)
def test_costs_are_added_exactly(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Costs that binary arithmetic cannot add, and a model's span whose cost is not known."""
    group = Group(client, judge, data, "costs")
    long, short = group.trace("long"), group.trace("short")
    free, unpriced = group.trace("free"), group.trace("unpriced")
    usage = {"promptTokens": 1000, "completionTokens": 500, "totalTokens": 1500}
    group.ingest(
        *(long, short, free, unpriced),
        *(group.span(long, cost=cost) for cost in _COSTS),
        *(group.span(short, cost=cost) for cost in _COSTS[:2]),
        group.span(free, cost=0),
        group.span(unpriced, model="gpt-4o", usage=usage, cost=ABSENT),
    )
    sums = ((long, _sum(_COSTS)), (short, _sum(_COSTS[:2])))
    priced = [
        Expect("traces.fields.total-cost", trace, "totalCost", _is_amount, "a decimal number in a string")
        for trace in (long, short, free)
    ]
    for trace, total in sums:
        priced += [
            Expect(
                "traces.fields.total-cost-sum",
                trace,
                "totalCost",
                _amount(total, _NEAR),
                f"the sum {total}",
                awaited=_amount(total, _NEAR, anything_else=False),
            ),
            Expect(
                "traces.fields.total-cost-plain",
                trace,
                "totalCost",
                lambda seen, total=total: seen == f"{total.normalize():f}",  # type: ignore[misc]
                f"{total} without exponent and zeros at its end",
            ),
        ]
    seen = group.verify(
        *priced,
        Expect.value("traces.fields.total-cost-none", free, "totalCost", "0"),
        Expect("traces.span.cost-missing", unpriced, "totalCost", _amount(Decimal(0), Decimal(0)), "a cost of 0"),
    )
    for trace, total in sums:
        shown = responses.amount(seen.row(trace).get("totalCost"))
        if shown is not None and abs(shown - total) < _NEAR:
            judge.check(
                "traces.fields.total-cost-exact",
                shown == total,
                expected=f"totalCost exactly {total}",
                actual=f"totalCost {seen.row(trace).get('totalCost')}",
                evidence=seen.page,
            )


@covers(
    "traces.fields.total-tokens",
    "traces.fields.total-tokens-sum",
    "traces.usage.total-wins",
    "traces.usage.prompt-completion",
    "traces.usage.cached",
)
def test_tokens_are_added(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Totals that agree with their parts, one that does not, parts alone, and parts with cached tokens."""
    group = Group(client, judge, data, "tokens")
    usages: dict[str, tuple[list[Json | None], int]] = {
        "traces.fields.total-tokens-sum": (
            [
                {"promptTokens": 100, "completionTokens": 20, "totalTokens": 120},
                {"promptTokens": 7, "completionTokens": 3, "totalTokens": 10},
                None,
            ],
            130,
        ),
        "traces.usage.total-wins": ([{"promptTokens": 3, "completionTokens": 4, "totalTokens": 50}], 50),
        "traces.usage.prompt-completion": ([{"promptTokens": 30, "completionTokens": 12}], 42),
        "traces.usage.cached": ([{"promptTokens": 30, "completionTokens": 5, "cachedTokens": 20}], 35),
    }
    traces = {clause: group.trace(clause) for clause in usages}
    spans = [group.span(traces[clause], usage=usage) for clause, (rows, _) in usages.items() for usage in rows]
    group.ingest(*traces.values(), *spans)
    sums = [
        Expect(
            clause,
            traces[clause],
            "totalTokens",
            lambda seen, total=total: not is_integer(seen) or seen == total,  # type: ignore[misc]
            f"totalTokens {total}",
            awaited=lambda seen, total=total: seen == total,  # type: ignore[misc]
        )
        for clause, (_, total) in usages.items()
    ]
    whole = [
        Expect("traces.fields.total-tokens", trace, "totalTokens", is_integer, "an integer totalTokens")
        for trace in traces.values()
    ]
    group.verify(*whole, sums[0])
    # By the trace whose usage leaves nothing to interpret: when that is wrong, adding is at fault.
    clause = "traces.fields.total-tokens-sum"
    group.verify(*sums[1:], control=Control(traces[clause], {"totalTokens": usages[clause][1]}))


@covers("traces.fields.status", "traces.status.error", "traces.status.ok", "traces.status.stays-error")
def test_a_trace_is_as_its_worst_span(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Spans that are fine, one that is not between others, one that fails late, and fine ones after a failure."""
    group = Group(client, judge, data, "status")
    statuses = client.contract.enum("Status")
    fine, bad = statuses
    healthy, empty, failed, late, stays = (
        group.trace(kind) for kind in ("healthy", "empty", "failed", "late", "stays")
    )
    first = ((healthy, fine), (failed, fine), (failed, bad), (failed, fine), (late, fine), (stays, bad))
    group.ingest(healthy, empty, failed, late, stays, *(group.span(trace, status=status) for trace, status in first))
    kinds = (healthy, empty, failed, late, stays)

    def becomes(clause: str, status: str, *traces: Json) -> list[Expect]:
        # A status that is none at all breaks another clause.
        return [
            Expect(
                clause,
                trace,
                "status",
                lambda seen: seen == status or seen not in statuses,
                f"status {status}",
                awaited=lambda seen: seen == status,
            )
            for trace in traces
        ]

    known = [
        Expect("traces.fields.status", trace, "status", lambda seen: seen in statuses, " or ".join(statuses))
        for trace in kinds
    ]
    seen = group.verify(
        *known, *becomes("traces.status.error", bad, failed, stays), *becomes("traces.status.ok", fine, healthy, empty)
    )
    group.ingest(group.span(late, status=bad), group.span(stays, status=fine))
    # Both spans came in one batch: once the one shows, the other one has had its effect.
    arrived = group.see(late, stays, until=lambda seen: all(_spans(seen.row(trace)) == 2 for trace in (late, stays)))
    group.verify(*becomes("traces.status.error", bad, late))
    judge.require(seen.row(stays).get("status") == bad, "the trace was not ERROR before")
    judge.require(_spans(arrived.row(stays)) == 2, "the later span did not show")
    group.verify(*becomes("traces.status.stays-error", bad, stays))


def _spans(row: Json) -> object:
    return row.get("spanCount")


def _sum(costs: tuple[float, ...]) -> Decimal:
    """Of the decimal numbers that are sent, which are the shortest texts of the floats."""
    return sum((Decimal(str(cost)) for cost in costs), Decimal(0))


def _is_amount(value: object) -> bool:
    return responses.amount(value) is not None


def _amount(total: Decimal, most: Decimal, *, anything_else: bool = True) -> Callable[[object], bool]:
    """True when a total is as near as this; what is no amount at all breaks another clause."""

    def holds(value: object) -> bool:
        amount = responses.amount(value)
        return anything_else if amount is None else abs(amount - total) <= most

    return holds
