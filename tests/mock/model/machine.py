"""The state machine: does to a mock what clients do, in any order, and compares what it says with the model.

Rules depend on the model alone, never on an answer, so that a failing run can be repeated and made smaller.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import orjson
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from twosignal_contract import Contract

from tests.mock.model import inputs
from tests.mock.model.direct import Answer, Direct
from tests.mock.model.expected import Json, Model, Window, microseconds_of, milliseconds_of

TRACES = "/api/v1/traces"
EXPORTS = "/api/v1/otel/traces"
SCORES = "/api/v1/scores"
TEMPLATES = "/api/v1/prompt-templates"

_EVENTS = 200
"""Event ids in all: few enough that a batch often holds one that was sent before."""
_STEPS = (0.000001, 0.25, 0.5, 0.999999, 1, 10, 86_400)
"""Seconds that the clock is moved by; a second is the window of the rate limit."""

_draft = st.tuples(
    st.integers(0, _EVENTS),
    inputs.trace_bodies | inputs.span_bodies,
    st.integers(-2, 2),
)
"""Number of an event, its body, and the second of its timestamp."""


@dataclass
class Walk:
    """Someone who reads page by page."""

    query: Json
    limit: int
    moves: int
    """How many moves there were when it began."""
    cursor: str | None = None
    """The id of the last trace that was seen."""
    seen: list[str] = field(default_factory=list)
    due: set[str] = field(default_factory=set)
    """Traces that matched at every look: each must be met, wherever it stands now."""


class ProjectMachine(RuleBasedStateMachine):
    """One project. `mock` and `contract` are given to the class."""

    mock: ClassVar[Direct]
    contract: ClassVar[Contract]
    limited_plan: ClassVar[str]
    """A plan of very few requests."""
    open_plan: ClassVar[str]

    @initialize(limited=st.booleans())
    def begin(self, limited: bool) -> None:
        self.limited = limited
        plan = self.limited_plan if limited else self.open_plan
        self.sandbox = self.mock.control("POST", "/sandboxes", {"plan": plan})
        self.other = self.mock.control("POST", "/sandboxes", {"plan": self.open_plan})
        self.key: str = self.sandbox["api_key"]
        self.rate = self.contract.plans[plan]
        self.stamps = 0
        self.anew()

    def anew(self) -> None:
        """What a fresh or reset project is."""
        self.model = Model((inputs.STATUSES[0], inputs.STATUSES[1]))
        self.window = Window(self.rate, self.contract.rate_limit.window)
        self.sent: list[list[Json]] = []
        self.walks: list[Walk] = []
        told = self.mock.control("GET", "/clock", sandbox=self.sandbox["id"])
        self.now = microseconds_of(told["now"])

    def teardown(self) -> None:
        for sandbox in ("sandbox", "other"):
            if hasattr(self, sandbox):
                self.mock.control("DELETE", f"/sandboxes/{getattr(self, sandbox)['id']}")

    # --- what is written ----------------------------------------------------------------------------------------------

    @rule(drafts=st.lists(_draft, min_size=4, max_size=12), snake=st.booleans(), breakage=st.none() | inputs.breakages)
    def ingest(self, drafts: list[tuple[int, Json, int]], snake: bool, breakage: Json | None) -> None:
        batch = [self.event(*draft) for draft in drafts]
        wire = [self.respell(event) if snake else event for event in batch]
        if breakage is None:
            self.sent.append(batch)
            self.accept(batch, wire)
        else:
            wire[-1] = {**wire[-1], **breakage}
            answer = self.send("POST", TRACES, {"batch": wire})
            self.refused(answer, "invalid-value")  # traces.batch.atomic: the listing shows that nothing was stored

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def ingest_again(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(self.sent))
        self.accept(batch, batch)

    @rule(drafts=st.lists(_draft, min_size=1, max_size=3))
    def ingest_elsewhere(self, drafts: list[tuple[int, Json, int]]) -> None:
        """Another project with the same ids; nothing of it shows (traces.project.isolated)."""
        batch = [self.event(*draft) for draft in drafts]
        answer = self.mock.call("POST", TRACES, {"batch": batch}, key=self.other["api_key"])
        assert answer.body == {"accepted": len(batch)}

    @rule(drafts=st.lists(inputs.exported_spans, min_size=1, max_size=4))
    def export(self, drafts: list[Json]) -> None:
        spans = [self.exported(draft) for draft in drafts]
        by_trace: dict[str, list[Json]] = {}
        for span in spans:
            by_trace.setdefault(span["traceId"].lower(), []).append(span)
        groups = [
            {"resource": {"attributes": _attributes(inputs.RESOURCES[trace])}, "scopeSpans": [{"spans": of_trace}]}
            for trace, of_trace in by_trace.items()
        ]
        answer = self.send("POST", EXPORTS, {"resourceSpans": groups})
        assert answer.body == {"accepted": len(spans)}
        for trace, of_trace in by_trace.items():
            self.model.export(of_trace, inputs.RESOURCES[trace], self.now // 1000)

    @rule(body=inputs.scores)
    def score(self, body: Json) -> None:
        trace = self.model.traces.get(body["traceId"])
        if trace is not None and trace.place is None:
            return  # no clause says whether a trace exists of which only spans came
        answer = self.send("POST", SCORES, body)
        value, span = body["value"], body.get("spanId")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.refused(answer, "invalid-value")
        elif trace is None or (span is not None and span not in trace.spans):
            self.refused(answer, "unknown-resource")
        else:
            trace.scores += 1
            missing = {"spanId": None, "label": None, "reasoning": None}  # scores.create.absent-null
            told = {name: each for name, each in answer.body.items() if name in missing | body}
            assert (answer.status, told) == (201, missing | body)

    @rule(body=inputs.pushes)
    def push(self, body: Json) -> None:
        answer = self.send("POST", TEMPLATES, body)
        version = self.model.push(body, self.now // 1000)
        assert answer.status == 201
        assert _without(answer.body["data"]["version"], "id") == version

    # --- what is read -------------------------------------------------------------------------------------------------

    @precondition(lambda self: not self.limited)
    @invariant()
    def the_listing_is_the_model(self) -> None:
        self.query({})

    @rule(query=inputs.filters)
    def query(self, query: Json) -> None:
        largest = self.limits["maximum"]
        answer = self.send("GET", TRACES, query=self.spell(query) | {"limit": largest})
        self.same(answer, Walk(query, largest, len(self.model.moves)))

    @rule(query=inputs.filters | st.just({}), limit=st.integers(1, 3))
    def begin_walk(self, query: Json, limit: int) -> None:
        due = {trace.id for trace in self.listed(query)}
        self.walks.append(Walk(query, limit, len(self.model.moves), due=due))
        self.step(self.walks[-1])

    @precondition(lambda self: self.walks)
    @rule(data=st.data())
    def walk_on(self, data: st.DataObject) -> None:
        self.step(self.walks[data.draw(st.integers(0, len(self.walks) - 1))])

    @rule(name=st.sampled_from(inputs.TEMPLATES), number=st.none() | st.integers(1, 4))
    def resolve(self, name: str, number: int | None) -> None:
        answer = self.send("GET", TEMPLATES, query={"name": name} | ({} if number is None else {"version": number}))
        versions = self.model.templates[name].versions if name in self.model.templates else []
        if (number or 1) > len(versions):
            self.refused(answer, "unknown-resource")
        else:
            wanted = versions[-1 if number is None else number - 1]  # templates.resolve.latest, .version
            assert (answer.body["data"]["name"], _without(answer.body["data"]["version"], "id")) == (name, wanted)

    @rule()
    def list_templates(self) -> None:
        told = self.send("GET", TEMPLATES).body["data"]
        assert [(each["name"], each["latestVersion"], each["description"]) for each in told] == [
            (name, len(template.versions), template.description)
            for name, template in sorted(self.model.templates.items())  # templates.list.order
        ]

    # --- what moves the world -----------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from(_STEPS))
    def advance(self, seconds: float) -> None:
        self.mock.control("POST", "/clock/advance", {"seconds": seconds}, sandbox=self.sandbox["id"])
        self.now += round(seconds * 1_000_000)

    @rule()
    def fill_the_window(self) -> None:
        """As many requests as may pass, and one more (its refusal is met in `send`)."""
        if self.limited:
            for _ in range(self.rate + 1):
                self.list_templates()

    @precondition(lambda self: len(self.sent) > 2)
    @rule()
    def reset(self) -> None:
        stale = [walk.cursor for walk in self.walks if walk.cursor is not None]
        self.mock.control("POST", "/reset", sandbox=self.sandbox["id"])
        self.anew()
        for trace in stale[:1]:
            self.refused(self.send("GET", TRACES, query={"cursor": _cursor(trace)}), "invalid-value")

    # --- how ----------------------------------------------------------------------------------------------------------

    @property
    def limits(self) -> Mapping[str, Any]:
        parameters = self.contract.document["paths"][TRACES]["get"]["parameters"]
        return dict(next(each["schema"] for each in parameters if each["name"] == "limit"))

    def send(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Answer:
        """The answer of a request that passes the limit: after a refusal it waits as long as it is told."""
        passes = self.window.take(self.now)
        answer = self.mock.call(method, path, body, key=self.key, query=query)
        if not passes:
            self.refused(answer, "rate-limit")
            wait = int(answer.headers[self.contract.rate_limit.headers.retry_after.lower()])
            assert wait >= 1
            self.advance(wait)
            assert self.window.take(self.now), "Retry-After is too short by the model's own window"
            answer = self.mock.call(method, path, body, key=self.key, query=query)
        assert answer.status not in (429, 500), answer
        return answer

    def refused(self, answer: Answer, cause: str) -> None:
        kind = self.contract.errors[cause]
        assert (answer.status, answer.body["error"]["code"]) == (kind.status, kind.code), answer

    def accept(self, batch: list[Json], wire: list[Json]) -> None:
        answer = self.send("POST", TRACES, {"batch": wire})
        assert (answer.status, answer.body) == (201, {"accepted": len(batch)})  # traces.event.repeat-counted
        self.model.ingest(batch, self.now // 1000)

    def event(self, number: int, body: Json, second: int) -> Json:
        # No two timestamps are the same: no clause says which of two simultaneous events is the later one.
        self.stamps += 1
        stamp = inputs.START + timedelta(seconds=second, microseconds=self.stamps)
        kind = "span-create" if "traceId" in body else "trace-create"
        return {"id": f"event-{number}", "type": kind, "timestamp": f"{stamp:%Y-%m-%dT%H:%M:%S.%fZ}", "body": body}

    def respell(self, event: Json) -> Json:
        """With the first alias of each field of a span (x-aliases)."""
        known = self.contract.document["components"]["schemas"]["SpanBody"]["properties"]
        if event["type"] != "span-create":
            return event
        body = {known.get(name, {}).get("x-aliases", [name])[0]: value for name, value in event["body"].items()}
        return {**event, "body": body}

    def exported(self, draft: Json) -> Json:
        """A span of OTLP; no two start in the same millisecond, for no clause says which of them is the earlier one."""
        self.stamps += 1
        start = int(inputs.START.timestamp()) * 10**9 + draft["seconds"] * 10**9 + self.stamps * 10**6 + 999_999
        form: Callable[[int], int | str] = str if draft["as_text"] else int
        span: Json = {name: value for name, value in draft.items() if name not in _ABOUT}
        names = ("ai.prompt_tokens", "ai.completion_tokens") if draft["as_text"] else _GEN_AI
        tokens = zip(names, draft.get("tokens", ()), strict=False)
        span["attributes"] = [{"key": key, "value": {"intValue": form(value)}} for key, value in tokens]
        span["startTimeUnixNano"] = form(start)
        if draft.get("duration") is not None:
            span["endTimeUnixNano"] = form(start + draft["duration"] * 10**6)
        return span

    def spell(self, query: Json) -> Json:
        return {name: ",".join(value) if isinstance(value, list) else value for name, value in query.items()}

    def listed(self, query: Json, moves: int | None = None) -> list[Any]:
        start, end = query.get("startDate"), query.get("endDate")
        return self.model.listed(
            name=query.get("name", ""),
            status=query.get("status"),
            tags=query.get("tags", ()),
            start=None if start is None else milliseconds_of(start),
            end=None if end is None else milliseconds_of(end),
            moves=moves,
        )

    def same(self, answer: Answer, walk: Walk) -> list[str]:
        """The ids of a page, which must be the one that the model has behind the walk's last trace."""
        found, moves = self.listed(walk.query, walk.moves), walk.moves
        if walk.cursor is not None:
            last_order = self.model.order(self.model.traces[walk.cursor], moves)
            found = [trace for trace in found if self.model.order(trace, moves) > last_order]
        page = found[: walk.limit]
        last = _cursor(page[-1].id, moves) if len(found) > walk.limit else None
        assert answer.status == 200, answer
        assert answer.body["data"]["traces"] == [trace.shown(self.model.statuses) for trace in page]
        assert answer.body["data"]["nextCursor"] == last  # traces.list.cursor.last-id
        return [trace.id for trace in page]

    def step(self, walk: Walk) -> None:
        """One page further; at the end of a walk nothing was missed and nothing repeated."""
        query = self.spell(walk.query) | {"limit": walk.limit}
        if walk.cursor is not None:
            query["cursor"] = _cursor(walk.cursor, walk.moves)
        answer = self.send("GET", TRACES, query=query)
        page = self.same(answer, walk)
        walk.due &= {trace.id for trace in self.listed(walk.query, walk.moves)}
        walk.seen += page
        assert len(walk.seen) == len(set(walk.seen))  # traces.list.walk.no-repeat
        if answer.body["data"]["nextCursor"] is not None:
            walk.cursor = page[-1]
            return
        assert walk.due <= set(walk.seen)  # traces.list.walk.complete, .inserts, .moves
        self.walks.remove(walk)


_ABOUT = {"as_text", "duration", "seconds", "tokens"}
"""What a drawn span says of itself in other words than OTLP."""
_GEN_AI = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")


def _cursor(trace: str, moves: int = 0) -> str:
    content = {"id": trace} | ({"moves": moves} if moves else {})
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


def _attributes(values: Json) -> list[Json]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def _without(told: Json, name: str) -> Json:
    return {key: value for key, value in told.items() if key != name}
