"""What every repository promises: all that it keeps comes back as it was, to its project alone, in a known order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import pytest
from twosignal_mock.apis.rest.store import EvaluationRecord, Repositories, TraceRecord, UsageRecord, repositories_of
from twosignal_mock.engine.store import Store

from tests.mock.apis.rest.store import records

T = TypeVar("T")


async def write(store: Store, work: Callable[[Repositories], T], project: int = 1) -> T:
    return await store.write(project, lambda transaction: work(repositories_of(transaction)))


async def read(store: Store, work: Callable[[Repositories], T], project: int = 1) -> T:
    return await store.read(project, lambda transaction: work(repositories_of(transaction)))


def everything(repositories: Repositories) -> tuple[list[object], ...]:
    return (
        list(repositories.spans.all_events()),
        list(repositories.traces.all()),
        list(repositories.spans.all()),
        list(repositories.scores.all()),
        list(repositories.templates.all()),
        list(repositories.templates.versions()),
        list(repositories.routing.all()),
        list(repositories.sessions.all()),
        list(repositories.evaluators.all()),
        list(repositories.evaluations.all()),
        list(repositories.usage.all()),
    )


async def test_all_that_was_kept_comes_back_as_it_was_and_in_its_order(store: Store) -> None:
    await write(store, records.fill)

    assert await read(store, everything) == (
        [records.TRACE_EVENT],
        [records.TRACE, records.BARE_TRACE],
        [records.SPAN, records.BARE_SPAN],
        [records.SCORE, records.BARE_SCORE],
        [records.BARE_TEMPLATE, records.TEMPLATE],
        list(records.VERSIONS),
        [records.BARE_CONFIG, records.CONFIG],
        [records.SESSION],
        [records.EVALUATOR, records.BARE_EVALUATOR],
        [records.EVALUATION, records.BARE_EVALUATION],
        [records.USAGE],
    )


async def test_another_project_sees_nothing_of_it(store: Store) -> None:
    await write(store, records.fill)

    assert await read(store, everything, project=2) == ([],) * 11


async def test_a_transaction_gives_the_same_repositories_again(store: Store) -> None:
    def work(repositories: Repositories) -> bool:
        return repositories.traces is repositories.traces

    assert await write(store, work)
    assert await store.write(1, lambda transaction: repositories_of(transaction) is repositories_of(transaction))


async def test_a_trace_is_found_with_its_spans_and_scores(store: Store) -> None:
    await write(store, records.fill)

    assert await read(store, lambda all_: all_.traces.find("t1")) == records.TRACE
    assert await read(store, lambda all_: all_.traces.find("nobody")) is None
    assert await read(store, lambda all_: all_.spans.of_trace("t1")) == [records.SPAN, records.BARE_SPAN]
    assert await read(store, lambda all_: all_.spans.of_trace("t2")) == []
    assert await read(store, lambda all_: all_.scores.of_trace("t1")) == [records.SCORE, records.BARE_SCORE]
    assert await read(store, lambda all_: all_.scores.of_trace("t2")) == []


@pytest.mark.parametrize("count", [1, 20], ids=["few", "many"])
async def test_those_of_many_traces_that_are_there_are_found_together(store: Store, count: int) -> None:
    await write(store, records.fill)
    asked = ["t1", *(f"nobody {number}" for number in range(count)), "t2"]

    found = await read(store, lambda all_: all_.traces.find_all(asked))
    assert found == {"t1": records.TRACE, "t2": records.BARE_TRACE}


async def test_spans_come_by_start_and_then_by_id(store: Store) -> None:
    spans = [records.BARE_SPAN._replace(id=id_, start=start) for id_, start in (("b", 2), ("c", 1), ("a", 2))]
    await write(store, lambda all_: all_.spans.add(spans))

    found = await read(store, lambda all_: all_.spans.of_trace("t1"))
    assert [span.id for span in found] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("trace", "name", "known"),
    [("t1", "s1", True), ("t1", "e1", True), ("t1", "s0", False), ("t2", "s1", False)],
    ids=["by its id", "by its event's id", "a parent's id", "in another trace"],
)
async def test_a_span_is_known_by_its_id_and_by_that_of_its_event(
    store: Store, trace: str, name: str, *, known: bool
) -> None:
    await write(store, records.fill)

    assert await read(store, lambda all_: all_.spans.has(trace, name)) is known


async def test_a_trace_that_was_found_can_be_changed_in_all_fields_but_its_scores(store: Store) -> None:
    await write(store, records.fill)
    other = replace(records.TRACE, id="t2", created=records.BARE_TRACE.created, scores=0)

    def change(repositories: Repositories) -> None:
        found = repositories.traces.find("t2")
        assert found == records.BARE_TRACE
        repositories.traces.save(replace(other))

    await write(store, change)
    assert await read(store, lambda all_: all_.traces.find("t2")) == other
    assert await read(store, lambda all_: all_.traces.find("t1")) == records.TRACE


async def test_scores_are_counted_in_their_trace_alone(store: Store) -> None:
    await write(store, records.fill)
    await write(store, lambda all_: all_.traces.count_score("t2"))
    await write(store, lambda all_: all_.traces.count_score("t2"))

    counts = [trace.scores for trace in await read(store, lambda all_: list(all_.traces.all()))]
    assert counts == [1, 2]


async def test_a_trace_that_is_saved_keeps_scores_that_were_counted_meanwhile(store: Store) -> None:
    await write(store, lambda all_: all_.traces.save(TraceRecord("t", 0)))

    def work(repositories: Repositories) -> None:
        found = repositories.traces.find("t")
        assert found is not None
        repositories.traces.count_score("t")
        found.tokens = 9
        repositories.traces.save(found)

    await write(store, work)
    found = await read(store, lambda all_: all_.traces.find("t"))
    assert found is not None
    assert (found.scores, found.tokens) == (1, 9)


async def test_a_template_is_replaced_by_name_and_keeps_its_versions(store: Store) -> None:
    await write(store, records.fill)
    newer = records.TEMPLATE._replace(latest=3, description=None, updated=9)
    await write(store, lambda all_: all_.templates.put(newer))

    assert await read(store, lambda all_: all_.templates.find("greeting")) == newer
    assert await read(store, lambda all_: all_.templates.find("Greeting")) is None
    assert await read(store, lambda all_: all_.templates.version("p1", 2)) == records.VERSIONS[1]
    assert await read(store, lambda all_: all_.templates.version("p1", 3)) is None
    assert await read(store, lambda all_: all_.templates.version("p2", 2)) is None


async def test_a_routing_configuration_is_replaced_and_deleted_by_name(store: Store) -> None:
    await write(store, records.fill)
    newer = replace(records.CONFIG, enabled=False, rules=records.CONFIG.rules[:1])
    await write(store, lambda all_: all_.routing.put(newer))

    assert await read(store, lambda all_: all_.routing.find("support")) == newer
    assert await write(store, lambda all_: all_.routing.delete("support"))
    assert not await write(store, lambda all_: all_.routing.delete("support"))
    assert await read(store, lambda all_: list(all_.routing.all())) == [records.BARE_CONFIG]


async def test_a_routing_configuration_keeps_its_id_and_its_place_under_another_name(store: Store) -> None:
    await write(store, records.fill)
    renamed = replace(records.BARE_CONFIG, name="renamed", updated=9)
    await write(store, lambda all_: all_.routing.put(renamed))

    assert await read(store, lambda all_: list(all_.routing.all())) == [renamed, records.CONFIG]
    assert await read(store, lambda all_: all_.routing.find(records.BARE_CONFIG.name)) is None


async def test_an_evaluator_is_changed_in_its_place_and_deleted(store: Store) -> None:
    await write(store, records.fill)
    changed = records.EVALUATOR._replace(enabled=False, name="other", config="{}", updated=9)
    await write(store, lambda all_: all_.evaluators.put(changed))

    assert await read(store, lambda all_: all_.evaluators.all()) == [changed, records.BARE_EVALUATOR]
    assert await read(store, lambda all_: all_.evaluators.find("v1")) == changed
    assert await write(store, lambda all_: all_.evaluators.delete("v1"))
    assert not await write(store, lambda all_: all_.evaluators.delete("v1"))
    assert await read(store, lambda all_: all_.evaluators.find("v1")) is None


async def test_what_is_used_in_a_month_adds_up(store: Store) -> None:
    for counts in (UsageRecord("2026-04", spans=2), UsageRecord("2026-03", 1), UsageRecord("2026-04", 1, 1, 5)):
        await write(store, partial(_count, counts))

    expected = [UsageRecord("2026-03", 1), UsageRecord("2026-04", 1, 3, 5)]
    assert await read(store, lambda all_: all_.usage.all()) == expected


def _count(counts: UsageRecord, repositories: Repositories) -> None:
    repositories.usage.add(counts)


async def test_names_are_ordered_by_code_points(store: Store) -> None:
    names = ["b", "B", "\xe9", "a", "\U0001f600", "\uffee"]

    def work(repositories: Repositories) -> None:
        for number, name in enumerate(names):
            repositories.templates.put(records.TEMPLATE._replace(id=str(number), name=name))

    await write(store, work)
    assert [template.name for template in await read(store, lambda all_: list(all_.templates.all()))] == sorted(names)


async def test_a_session_is_found_by_its_newest_refresh_token(store: Store) -> None:
    await write(store, records.fill)
    rotated = records.SESSION._replace(refresh_digest="d2", refresh_expires=200)
    await write(store, lambda all_: all_.sessions.put(rotated))

    assert await read(store, lambda all_: all_.sessions.find("i1")) == rotated
    assert await read(store, lambda all_: all_.sessions.find_by_refresh("d2")) == rotated
    assert await read(store, lambda all_: all_.sessions.find_by_refresh("d1")) is None


async def test_a_session_ends_and_may_end_again(store: Store) -> None:
    await write(store, records.fill)
    for _ in range(2):
        await write(store, lambda all_: all_.sessions.end("i1"))
        assert await read(store, lambda all_: all_.sessions.find("i1")) is None


async def test_sessions_end_at_the_moment_of_their_expiry(store: Store) -> None:
    def work(repositories: Repositories) -> None:
        for expires in (99, 100, 101):
            id_ = str(expires)
            repositories.sessions.put(records.SESSION._replace(id=id_, refresh_digest=id_, refresh_expires=expires))
        repositories.sessions.end_expired(100)

    await write(store, work)
    assert [session.id for session in await read(store, lambda all_: list(all_.sessions.all()))] == ["101"]


async def test_evaluations_are_due_in_the_order_in_which_their_traces_were_complete(store: Store) -> None:
    rows = [EvaluationRecord(id_, ready, False, "[]") for id_, ready in (("a", 3), ("b", 1), ("c", None), ("d", 2))]

    def work(all_: Repositories) -> None:
        for row in (*rows, EvaluationRecord("e", 1, True, "[]")):
            all_.evaluations.put(row)
        all_.evaluations.move("b", 9)
        all_.evaluations.move("e", 9)

    await write(store, work)
    due = await read(store, lambda all_: all_.evaluations.due(3, 5, elsewhere=False))
    assert [row.trace for row in due] == ["d", "a"]
    assert len(await read(store, lambda all_: all_.evaluations.due(9, 2, elsewhere=False))) == 2
    assert [row.trace for row in await read(store, lambda all_: all_.evaluations.due(1, 5, elsewhere=True))] == ["e"]
    assert await read(store, lambda all_: all_.evaluations.first_ready(elsewhere=False)) == 2
    await write(store, lambda all_: all_.evaluations.delete("e"))
    assert await read(store, lambda all_: all_.evaluations.first_ready(elsewhere=True)) is None
    assert await read(store, lambda all_: all_.evaluations.any())


async def test_the_oldest_enabled_evaluators_of_another_type_are_named(store: Store) -> None:
    def work(all_: Repositories) -> None:
        for name, kind, enabled in (
            ("a", "COST", True),
            ("b", "COST", False),
            ("c", "CUSTOM", True),
            ("d", "WEBHOOK", True),
        ):
            all_.evaluators.put(records.EVALUATOR._replace(id=name, type=kind, enabled=enabled))

    await write(store, work)
    assert await read(store, lambda all_: all_.evaluators.enabled("CUSTOM", 5)) == ["a", "d"]
    assert await read(store, lambda all_: all_.evaluators.enabled("", 1)) == ["a"]
