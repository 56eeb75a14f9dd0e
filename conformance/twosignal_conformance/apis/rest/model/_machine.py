"""The state machine: rules that Hypothesis puts in any order. Imports Hypothesis, so only when it is installed.

Which rules may follow depends on the model alone, never on a response: a server cannot lead Hypothesis astray.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from twosignal_conformance.apis.rest.model._example import Example
from twosignal_conformance.apis.rest.model._expected import SpanModel, TraceModel
from twosignal_conformance.apis.rest.model._queries import Walk, query
from twosignal_conformance.apis.rest.model._session import Session, ViolationError
from twosignal_conformance.apis.rest.model._shapes import (
    MOST_TRACES,
    PLAIN,
    SHAPES,
    Again,
    Filter,
    Order,
    Shape,
    Values,
)
from twosignal_conformance.apis.rest.model._templates import TemplateModel

_INDEX = st.integers(0, 11)
"""Which of the things that there are, modulo their number."""

_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"), exclude_characters=","),
    max_size=12,
)
"""Every letter and sign that nobody has a reason to refuse: no control characters, no halves of pairs."""

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - 2**53, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=8,
)
"""Numbers are those on which all JSON libraries agree (RFC 8259 section 6)."""

_VALUES = st.builds(
    Values,
    suffix=_TEXTS,
    tags=st.lists(_TEXTS, max_size=3, unique=True).map(tuple),
    metadata=st.dictionaries(_TEXTS, _JSON, max_size=4),
)

_COSTS = st.decimals(0, 1000, places=8).map(float)
"""US dollars, down to a hundred-millionth."""

_OWN_SHAPES = st.builds(
    Shape,
    label=st.just(""),
    cost=st.none() | _COSTS,
    tokens=st.none() | st.integers(0, 10**9 - 1),
    failed=st.booleans(),
    open=st.booleans(),
)
_SHAPES = st.sampled_from(SHAPES) | _OWN_SHAPES

_SCORES = st.integers(0, 8).map(lambda eighths: eighths / 8) | st.decimals(0, 1, places=6).map(float)

_COLOURS = st.tuples(st.integers(0, 1), st.integers(0, 1))
_SPANS = st.lists(_SHAPES, max_size=3)
_TRACES = st.lists(st.tuples(_COLOURS, st.booleans(), _SPANS, st.just(PLAIN) | _VALUES), min_size=1, max_size=3)

_NAMES = 2
"""Templates of an example."""


class Machine(RuleBasedStateMachine):
    """Clients of one project at work."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.example = Example(session)
        self.walk: Walk | None = None
        self.templates: list[TemplateModel] = []

    def _some(self) -> bool:
        return bool(self.example.traces)

    def _room(self) -> bool:
        return len(self.example.traces) < MOST_TRACES

    @precondition(_room)
    @rule(traces=_TRACES, order=st.sampled_from(Order), snake=st.booleans())
    def ingest(
        self, traces: list[tuple[tuple[int, int], bool, list[Shape], Values]], order: Order, snake: bool
    ) -> None:
        """New traces with their spans in one batch."""
        items: list[TraceModel | SpanModel] = []
        for colours, ended, shapes, values in traces:
            trace = self.example.make_trace(colours, ended=ended, values=values)
            items += [trace, *(self.example.make_span(trace, shape) for shape in shapes)]
        spans = len(items) - len(traces)
        text = f"{len(traces)} traces with {spans} spans" + _labels(shape for row in traces for shape in row[2])
        text += "".join(f"; {row[3]}" for row in traces if row[3] != PLAIN)
        self.example.ingest(items, order, snake=snake, text=text)

    @precondition(_some)
    @rule(index=_INDEX, shapes=st.lists(_SHAPES, min_size=1, max_size=3), snake=st.booleans())
    def add_spans(self, index: int, shapes: list[Shape], snake: bool) -> None:
        """More spans of a trace."""
        number = index % len(self.example.traces)
        trace = self.example.traces[number]
        spans = [self.example.make_span(trace, shape) for shape in shapes]
        text = f"{len(spans)} more spans of trace {number}" + _labels(shapes)
        self.example.ingest(spans, Order.MADE, snake=snake, text=text)

    @precondition(_some)
    @rule(index=_INDEX, again=st.sampled_from(Again))
    def repeat(self, index: int, again: Again) -> None:
        """What a client does that lost a response."""
        self.example.repeat(index, again)

    @precondition(_some)
    @rule(index=_INDEX, of_span=st.booleans(), value=_SCORES)
    def score(self, index: int, of_span: bool, value: float) -> None:
        """A score of a trace or a span."""
        self.example.score(index, of_span=of_span, value=value)

    @precondition(_some)
    @rule()
    def verify(self) -> None:
        """Compare everything with the model."""
        self.example.verify()

    @precondition(_some)
    @rule(kind=st.sampled_from(Filter), colour=st.integers(0, 1))
    def query(self, kind: Filter, colour: int) -> None:
        """Filters."""
        query(self.example, kind, colour)

    @precondition(lambda self: self.walk is None and bool(self.example.traces))
    @rule(limit=st.integers(1, 3))
    def begin_walk(self, limit: int) -> None:
        """The first page."""
        self.walk = Walk(self.example, limit)
        self.walk.start()

    @precondition(lambda self: self.walk is not None)
    @rule(ends=st.booleans())
    def go_on(self, ends: bool) -> None:
        """The next page, or all that are left."""
        walk = self.walk
        if walk is not None:
            if ends:
                self.walk = None
                walk.finish()
            else:
                walk.go_on()

    @rule(index=st.integers(0, _NAMES - 1))
    def push(self, index: int) -> None:
        """A version of a template, new or known."""
        if index >= len(self.templates):
            self.templates.append(TemplateModel(self.example, self.example.data.tag("template")))
        self.templates[min(index, len(self.templates) - 1)].push()

    @precondition(lambda self: bool(self.templates))
    @rule(index=_INDEX, version=st.none() | st.integers(0, 5))
    def resolve(self, index: int, version: int | None) -> None:
        """A version of a template."""
        self.templates[index % len(self.templates)].resolve(version)

    def teardown(self) -> None:
        """At its end everything is compared once more; not when it ended because something was found."""
        if sys.exc_info()[0] is not None or not self.example.traces:
            return
        if self.walk is not None:
            self.walk.finish()
        spanned = next((number for number, trace in enumerate(self.example.traces) if trace.spans), 0)
        self.example.score(spanned, of_span=True)
        self.example.repeat(spanned, Again.WHOLE)
        self.example.verify()
        for kind in Filter:
            query(self.example, kind, 0)
        whole = Walk(self.example, 2)
        whole.start()
        whole.finish()
        disturbed = Walk(self.example, 1)
        disturbed.start()
        newer = self.example.make_trace((0, 0), ended=False)
        self.example.ingest([newer], Order.MADE, snake=False, text="1 trace")
        disturbed.finish()


def run_machine(session: Session) -> None:
    """Run as many examples as the effort allows, each with a history of its own; the session knows what was found."""
    own = session.client.settings
    number = int.from_bytes(hashlib.sha256(f"{own.seed}/{own.run_id}/model".encode()).digest()[:8], "big")

    class Own(Machine):
        def __init__(self) -> None:
            super().__init__(session)

    configured = settings(
        max_examples=session.effort.examples,
        stateful_step_count=session.effort.steps,
        # Nothing of an earlier run, no clock and no setting of the machine decides what is sent.
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    try:
        run_state_machine_as_test(seeded(number)(Own), settings=configured)
    except (ViolationError, Flaky):
        # The session has the shortest sequence. When the bounds of shortening are reached nothing is sent any more, so
        # that what failed passes, which Hypothesis calls flaky.
        return


def _labels(shapes: Iterable[Shape]) -> str:
    labels = sorted({str(shape) for shape in shapes if shape.label != "plain"})
    return f" ({', '.join(labels)})" if labels else ""
