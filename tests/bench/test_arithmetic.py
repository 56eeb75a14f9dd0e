"""Medians, spreads and ratios, and what follows from them."""

from __future__ import annotations

import pytest

from bench._agreement import agreement
from bench._kinds import BY_SIZE, KINDS, RATE, Kind
from bench._record import Record
from bench._statistics import Figure, figure, ratio
from bench._targets import TARGETS, rate_ratio, size_ratios
from tests.bench.records import record


def test_a_figure_is_the_median_with_half_of_the_range_as_its_spread() -> None:
    assert figure([90, 100, 120]) == Figure(100, 0.15, 3)


def test_a_single_value_has_no_spread() -> None:
    assert figure([7]) == Figure(7, 0.0, 1)


def test_a_figure_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no value was measured"):
        figure([])


def test_a_ratio_is_taken_round_by_round_so_that_a_slow_round_of_both_does_not_count() -> None:
    assert ratio([300, 30, 600], [100, 10, 200]) == Figure(3, 0.0, 3)


def test_a_ratio_over_a_server_that_did_nothing_is_none() -> None:
    assert ratio([300], [0]) is None


def test_figures_agree_within_both_spreads() -> None:
    assert Figure(100, 0.1, 3).agrees(Figure(115, 0.1, 3))
    assert not Figure(100, 0.1, 3).agrees(Figure(130, 0.1, 3))


def test_rates_are_compared_only_in_rounds_that_both_ran() -> None:
    assert rate_ratio(record(ours=(300, 900, 50), prism=(100, 300)), "post-2", "ours", "Prism") == Figure(
        3, RATE.ratio, 2
    )


@pytest.mark.parametrize(
    ("ours", "reached"), [((330, 300, 310), True), ((290, 280, 330), False)], ids=["3.1 times", "2.9 times"]
)
def test_a_target_is_judged_by_the_median(ours: tuple[float, ...], reached: bool) -> None:
    (target,) = [each for each in TARGETS if each.says == "POST of 2 events, durable, over Prism"]
    came = target.measured(record(ours=ours, prism=(100, 100, 100)))
    assert came is not None
    assert target.reached(came) is reached


def test_a_target_that_was_not_measured_is_neither_reached_nor_missed() -> None:
    assert [target.measured(record()) for target in TARGETS] == [None] * len(TARGETS)


def test_a_list_is_compared_between_the_largest_store_and_the_smallest() -> None:
    found = record()
    for traces, milliseconds in ((1_000, 0.5), (100_000, 9.0), (1_000_000, 0.75)):
        found.add("sizes", filter="name", share="1 %", page="first", traces=traces, rows=10, p50=milliseconds)
    assert list(size_ratios(found)) == [("name", "1 %", "first", Figure(1.5, BY_SIZE.ratio, 1))]


def test_a_profile_of_the_suite_is_held_to_its_seconds() -> None:
    found = record()
    found.add("suite", profile="standard", seconds=61.0, requests=700, passed=255, failed=0)
    (target,) = [each for each in TARGETS if each.says.startswith("standard profile")]
    came = target.measured(found)
    assert came is not None
    assert not target.reached(came)


def test_memory_under_load_is_its_largest_over_the_first() -> None:
    found = record()
    for memory in (100, 95, 109, 104):
        found.add("steady", subject="ours", second=600.0, memory=memory)
    target = TARGETS[-1]
    came = target.measured(found)
    assert came is not None
    assert came.median == pytest.approx(1.09)
    assert target.reached(came)


def test_a_second_run_says_which_figures_are_apart() -> None:
    before = record(ours=(300, 310, 320), prism=(100, 101, 102))
    after = record(ours=(305, 300, 310), prism=(200, 201, 202))
    told = agreement(after, before)
    assert told.summary.startswith(
        "3 of 6 figures (50 %) agree with the run of 2026-11-21 12:00 UTC on the same machine"
    )
    apart = ["POST of 2 events, durable, over Prism", "post-2, Prism", "post-2, Prism"]
    assert [line.split(":")[0] for line in told.apart] == apart
    granted = f"± {100 * RATE.least:.0f} %"
    assert f"201 {granted}, before 101 {granted} (requests per second)" in told.apart[2]


def test_each_kind_of_figure_says_how_many_of_it_agree() -> None:
    told = agreement(record(ours=(300,), prism=(200,)), record(ours=(300,), prism=(100,)))
    counted = {kind.says: (kind.compared, len(kind.apart)) for kind in told.kinds if kind.compared}
    assert counted == {
        "what was to be reached": (1, 1),
        "how many times as fast is ours": (1, 1),
        "requests per second": (2, 1),
        "processor time of a request": (2, 0),
    }


def test_what_only_one_run_measured_is_not_compared() -> None:
    told = agreement(record(ours=(300,)), record(prism=(300,)))
    assert told.summary.startswith("0 of 0 figures agree")


@pytest.mark.parametrize("values", [(100.0,), (100.0, 101.0)], ids=["one value", "a narrow range"])
@pytest.mark.parametrize("kind", KINDS, ids=[kind.says for kind in KINDS])
def test_every_kind_of_figure_is_granted_a_spread_that_few_rounds_cannot_show(
    kind: Kind, values: tuple[float, ...]
) -> None:
    found = Record()
    for value in values:
        found.add(kind.section, **dict.fromkeys(kind.names, "x"), **{kind.value: value})
    (came,) = kind.each(found).values()
    assert came.spread == kind.least > 0


def test_a_wide_range_of_rounds_is_stated_as_it_came() -> None:
    found = record(ours=(50, 100, 120))
    assert RATE.each(found)["post-2", "ours"] == Figure(100, 0.35, 3)


def test_a_short_watch_says_nothing_about_ten_minutes() -> None:
    found = record()
    found.add("steady", subject="ours", second=20.0, memory=100)
    assert TARGETS[-1].measured(found) is None
