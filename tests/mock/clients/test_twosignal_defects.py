"""The defects of PyPI `twosignal` 0.1.0 that reference/twosignal.md lists in section 6.1, by their numbers there.

Each shows itself here as the reference says, the mock lives with it, and the journal tells of no broken clause but
those of the table. The other tests of this client break none.
"""

# mypy: disable-error-code="untyped-decorator"
# The published package ships no types.

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from twosignal import observe  # type: ignore[import-untyped]  # the published package ships no types
from twosignal.types import SpanType  # type: ignore[import-untyped]
from twosignal.wrappers.crewai import wrap_crewai  # type: ignore[import-untyped]
from twosignal.wrappers.langchain import TwoSignalCallbackHandler  # type: ignore[import-untyped]
from twosignal.wrappers.llamaindex import TwoSignalHandler  # type: ignore[import-untyped]
from twosignal_mock import Sandbox

from tests.mock.clients.reading import Tree, broken_clauses, read_traces, sent_events, tree_of

# The package asks for the time in a way that newer Pythons deprecate, and takes the warning for a failure of its own.
pytestmark = pytest.mark.filterwarnings(r"ignore:datetime.datetime.utcnow\(\):DeprecationWarning")

PARENT = "client.spans.parent"


def _decorated(_: Any) -> None:
    @observe(name="inner")
    def inner() -> None: ...

    @observe(name="outer", span_type=SpanType.AGENT)
    def outer() -> None:
        inner()

    outer()


def _two_roots(client: Any) -> None:
    with client.span("first"):
        pass
    with client.span("second"):
        pass


def _raising(_: Any) -> None:
    runs = {"outer": 0, "inner": 0}

    @observe(name="inner")
    def inner() -> None:
        runs["inner"] += 1
        raise ValueError("broken")

    @observe(name="outer")
    def outer() -> None:
        runs["outer"] += 1
        inner()

    with pytest.raises(ValueError, match="broken"):
        outer()
    assert runs == {"outer": 2, "inner": 4}


def _decorated_in_session(client: Any) -> None:
    with client.session("lost"):

        @observe(name="turn")
        def turn() -> None: ...

        turn()


def _usage_by_hand(client: Any) -> None:
    with client.span("call", SpanType.LLM, metadata={"copied": True}) as span:
        span["usage"] = {"promptTokens": 10, "completionTokens": 5}
        span["cost"] = 0.25


def _crew_without_names(_: Any) -> None:
    # A stand-in for crewai.Crew: the wrapper asks only for these members.
    wrap_crewai(SimpleNamespace(name="crew", kickoff=lambda: "done", tasks=[], agents=[])).kickoff()


def _chain_with_tool(client: Any) -> None:
    # The handler is called as LangChain would call it; it needs nothing of that package.
    handler, chain, tool = TwoSignalCallbackHandler(), uuid.uuid4(), uuid.uuid4()
    with client.span("agent"):
        handler.on_chain_start({"name": "rag"}, {"question": "why"}, run_id=chain)
        handler.on_tool_start({"name": "search"}, "why", run_id=tool, parent_run_id=chain)
        handler.on_tool_end("because", run_id=tool)
        handler.on_chain_end({"answer": "because"}, run_id=chain)


def _query_with_retrieval(client: Any) -> None:
    # Called as LlamaIndex would call it.
    handler = TwoSignalHandler()
    with client.span("agent"):
        handler.on_event_start("CBEventType.QUERY", {"query_str": "why"}, event_id="q-1")
        handler.on_event_start("CBEventType.RETRIEVE", {"query_str": "why"}, event_id="r-1", parent_id="q-1")
        handler.on_event_end("CBEventType.RETRIEVE", {"nodes": []}, event_id="r-1")
        handler.on_event_end("CBEventType.QUERY", {"response": "because"}, event_id="q-1")


@dataclass(frozen=True)
class Defect:
    """What somebody does, and what comes of it."""

    number: int
    """In section 6.1 of reference/twosignal.md, `Defects visible on the wire`."""
    act: Callable[[Any], None]
    trees: list[Tree]
    """Of all traces, as the mock understands them; two may begin in one millisecond, so their order tells nothing."""
    broken: dict[str, int] = field(default_factory=dict)
    """How often it breaks which clauses."""
    expected: dict[str, Any] = field(default_factory=dict)
    """Fields that every trace has."""


DEFECTS = {
    # The mock takes the id of an event for that of its span, so the tree is right all the same.
    "a decorated child names the event of its parent": Defect(1, _decorated, [{"outer": {"inner": {}}}], {PARENT: 1}),
    "a second root span joins the first trace": Defect(
        2, _two_roots, [{"first": {}, "second": {}}], expected={"name": "first", "spanCount": 2}
    ),
    # outer -> inner fails twice inside the trace; then outer runs untraced and inner makes a trace of its own.
    "a raising function runs again untraced": Defect(
        3, _raising, [{"inner": {}}, {"outer": {"inner": {}}}], {PARENT: 1}, {"status": "ERROR"}
    ),
    "a decorated function has no session": Defect(4, _decorated_in_session, [{"turn": {}}], expected={"tags": []}),
    "usage and cost set by hand are not sent": Defect(
        5,
        _usage_by_hand,
        [{"call": {}}],
        expected={"totalTokens": 0, "totalCost": "0", "metadata": {"copied": True}},
    ),
    "a crew without agent names sends no span": Defect(
        6, _crew_without_names, [{}], expected={"name": "crew", "spanCount": 0, "endTime": None, "durationMs": 0}
    ),
    "a LangChain child names a run": Defect(
        7,
        _chain_with_tool,
        [{"agent": {"langchain.chain(rag)": {}}, "langchain.tool(search)": {}}],
        {PARENT: 1},
        {"spanCount": 3},
    ),
    "a LlamaIndex child names an event of its own": Defect(
        7,
        _query_with_retrieval,
        [{"agent": {"llamaindex.query": {}}, "llamaindex.retrieve": {}}],
        {PARENT: 1},
        {"spanCount": 3},
    ),
}


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_a_listed_defect_shows_and_breaks_no_other_clause(
    sandbox: Sandbox, two_signal: Callable[..., Any], defect: Defect
) -> None:
    client = two_signal()
    defect.act(client)
    client.flush()

    traces = read_traces(sandbox)
    assert sorted((tree_of(sandbox, trace) for trace in traces), key=repr) == defect.trees
    assert all(trace | defect.expected == trace for trace in traces)
    assert broken_clauses(sandbox) == defect.broken
    assert {entry["status"] for entry in sandbox.journal()} <= {200, 201}


def test_a_decorated_function_loses_the_session_of_its_client(sandbox: Sandbox, two_signal: Callable[..., Any]) -> None:
    client = two_signal(session_id="s-1", deployment_id="d-1")
    _decorated_in_session(client)
    client.flush()

    (created, _) = [event["body"] for event in sent_events(sandbox)]
    assert not {"sessionId", "deploymentId"} & created.keys()
