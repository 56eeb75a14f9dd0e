"""The listing of traces: its envelope, its limit, its order, and that a project sees only its own."""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, Key, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.judging import judge_response, judge_status
from twosignal_conformance.apis.rest.checks.shared_traces import shared_traces


@covers("traces.list.status", "traces.list.envelope", "traces.list.error-null", "traces.list.next-cursor")
def test_a_query_is_answered_in_its_envelope(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The first page of everything, and the last one of nothing."""
    status = client.contract.operation("listTraces").success
    for query in ({}, {"limit": 2}, {"name": data.name("nothing")}):
        exchange = client.call("listTraces", query=query)
        judge_status(judge, "traces.list.status", exchange, status)
        judge.require(exchange.ok, "the query was not answered")
        _judge_member(judge, exchange, "traces.list.envelope", ("data", "traces"), "an array", list)
        _judge_member(judge, exchange, "traces.list.error-null", ("error",), "null", type(None))
        _judge_member(
            judge, exchange, "traces.list.next-cursor", ("data", "nextCursor"), "a string or null", str, type(None)
        )


@covers("traces.list.empty")
def test_a_query_that_matches_nothing_is_answered_with_nothing(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A name that nobody gave."""
    exchange = client.call("listTraces", query={"name": data.name("nothing")})
    judge.require(isinstance(exchange.at("data", "traces"), list), "the response holds no array of traces")
    judge.check(
        "traces.list.empty",
        responses.traces(exchange) == [] and responses.is_last(exchange),
        expected="an empty array and nextCursor null",
        actual=f"status {exchange.status}: {exchange.text}",
        evidence=exchange,
    )


@covers("traces.list.unauthorized-code", "traces.list.validation-code")
def test_a_refused_query_has_the_code_of_its_cause(client: ApiClient, judge: Judge) -> None:
    """Without a key, with one that was never issued, and with a limit below its bounds."""
    beyond = client.contract.parameter("listTraces", "limit").minimum - 1
    refused = (
        ("traces.list.unauthorized-code", "missing-key", client.call("listTraces", key=Key.NONE)),
        ("traces.list.unauthorized-code", "invalid-key", client.call("listTraces", key=Key.NEVER_ISSUED)),
        ("traces.list.validation-code", "invalid-value", client.call("listTraces", query={"limit": beyond})),
    )
    for clause, cause, exchange in refused:
        row, error = client.contract.error(cause), responses.error_of(client, exchange)
        if exchange.status != row.status or error is None:
            continue
        judge.check(clause, error.code == row.code, expected=row.code, actual=error.code, evidence=exchange)


@covers("traces.list.limit.below", "traces.list.limit.above", "traces.list.limit.not-integer")
def test_a_limit_outside_of_its_bounds_is_refused(client: ApiClient, judge: Judge) -> None:
    """One too small, one too large, and texts that are no integer."""
    bounds = client.contract.parameter("listTraces", "limit")
    status = client.contract.error("invalid-value").status
    limits: dict[object, str] = {
        bounds.minimum - 1: "traces.list.limit.below",
        bounds.maximum + 1: "traces.list.limit.above",
        "ten": "traces.list.limit.not-integer",
        "1.5": "traces.list.limit.not-integer",
    }
    for limit, clause in limits.items():
        exchange = client.call("listTraces", query={"limit": limit})
        judge_status(judge, clause, exchange, status, what=f"limit={limit}")


@covers("traces.list.limit.smallest", "traces.list.limit.largest")
def test_the_bounds_of_the_limit_are_accepted(client: ApiClient, judge: Judge) -> None:
    """The smallest and the largest limit."""
    bounds = client.contract.parameter("listTraces", "limit")
    for clause, limit in (
        ("traces.list.limit.smallest", bounds.minimum),
        ("traces.list.limit.largest", bounds.maximum),
    ):
        exchange = client.call("listTraces", query={"limit": limit})
        judge_response(judge, clause, exchange, exchange.ok, f"limit={limit} is accepted")


@covers(
    "traces.list.limit.size",
    "traces.list.limit.full",
    "traces.list.limit.default",
    "traces.list.limit.default-full",
)
def test_a_page_holds_as_many_traces_as_its_limit(client: ApiClient, judge: Judge) -> None:
    """The bounds, limits between them, and none, over more traces than the default."""
    shared = shared_traces(client, judge)
    bounds = client.contract.parameter("listTraces", "limit")
    for limit in (bounds.minimum, 3, bounds.default + 3, bounds.maximum):
        exchange = client.call("listTraces", query={**shared.query(), "limit": limit})
        clauses = ("traces.list.limit.size", "traces.list.limit.full")
        _judge_size(judge, exchange, clauses, limit, len(shared.rows))
    exchange = client.call("listTraces", query=shared.query())
    clauses = ("traces.list.limit.default", "traces.list.limit.default-full")
    _judge_size(judge, exchange, clauses, bounds.default, len(shared.rows))


@covers("traces.list.order.newest-first", "traces.list.order.ties", "traces.list.order.stable")
def test_traces_are_listed_newest_first(client: ApiClient, judge: Judge) -> None:
    """Traces that came in another order than they started; the same page twice."""
    shared = shared_traces(client, judge)
    query = {**shared.query(), "limit": client.contract.parameter("listTraces", "limit").maximum}
    pages = [client.call("listTraces", query=query) for _ in range(2)]
    rows = responses.traces(pages[0])
    first, second = ([row.get("id") for row in responses.traces(page)] for page in pages)
    judge.require(len(first) > 1, "the page shows no order")
    judge.check(
        "traces.list.order.stable",
        first == second,
        expected="the same order as before",
        actual="it is the same" if first == second else "it differs",
        evidence=pages,
    )
    starts = [responses.instant(row.get("startTime")) for row in rows]
    known = [start for start in starts if start is not None]
    judge.require(len(known) == len(rows), "a startTime cannot be read")
    wrong = next((place for place in range(1, len(known)) if known[place] > known[place - 1]), None)
    judge.check(
        "traces.list.order.newest-first",
        wrong is None,
        expected="each startTime is at most the one before",
        actual="in order" if wrong is None else f"place {wrong} starts at {known[wrong]}, before it {known[wrong - 1]}",
        evidence=pages[0],
    )
    tied = [(place - 1, place) for place in range(1, len(known)) if known[place] == known[place - 1]]
    judge.require(tied, "no two traces start at the same time")
    ways = {"ascending" if str(first[one]) < str(first[other]) else "descending" for one, other in tied}
    judge.observe("traces.list.order.ties", " and ".join(sorted(ways)), evidence=pages[0])


@covers("traces.project.isolated", needs=(Key.OTHER,))
def test_a_query_shows_no_trace_of_another_project(client: ApiClient, judge: Judge) -> None:
    """The same filters with the key of another project, and no filter."""
    shared = shared_traces(client, judge, filtered=False)
    known = {item.id for item in shared.items}
    limit = client.contract.parameter("listTraces", "limit").maximum
    for query in ({"tags": shared.tag}, {"name": shared.prefix}, {}):
        exchange = client.call("listTraces", key=Key.OTHER, query={**query, "limit": limit})
        judge.require(exchange.ok, f"the other key's list was answered with {exchange.status}")
        seen = {row.get("id") for row in responses.traces(exchange) if isinstance(row, dict)} & known
        judge.check(
            "traces.project.isolated",
            not seen,
            expected="no trace of the first project",
            actual=f"{len(seen)} of them",
            evidence=exchange,
        )


def _judge_member(
    judge: Judge, exchange: Exchange, clause: str, place: tuple[str, ...], what: str, *kinds: type
) -> None:
    value = exchange.at(*place)
    judge.check(
        clause,
        isinstance(value, kinds),
        expected=f"{'.'.join(place)} is {what}",
        actual=value if not isinstance(value, list) else f"an array of {len(value)}",
        evidence=exchange,
    )


def _judge_size(judge: Judge, exchange: Exchange, clauses: tuple[str, str], limit: int, matching: int) -> None:
    """Not more than the limit; and as many as match, up to the limit."""
    if not exchange.ok:
        return
    size, wanted = len(responses.traces(exchange)), min(limit, matching)
    at_most, full = clauses
    judge.check(at_most, size <= limit, expected=f"at most {limit} traces", actual=f"{size} traces", evidence=exchange)
    if size <= limit:
        judge.check(full, size >= wanted, expected=f"{wanted} traces", actual=f"{size} traces", evidence=exchange)
