"""Pieces of Python that must not type-check against the client, and those that must: what mypy says of each."""

RIGHT = """
from datetime import UTC, datetime
from twosignal_client import AsyncClient, Client, Evaluator, Event, UNSET, models

now = datetime.now(UTC)
events: list[Event] = [
    models.TraceCreateEvent(id="e", type_="trace-create", timestamp=now, body=models.TraceBody(id="t", name="n")),
    models.SpanCreateEvent(
        id="f", type_="span-create", timestamp=now,
        body=models.SpanBody(trace_id="t", name="n", type_=models.SpanType.LLM, end_time=None, cost=UNSET),
    ),
]
checks: list[Evaluator] = [models.LengthEvaluator(type_="LENGTH", config=models.LengthEvaluatorConfig(max_=5))]
count: int = Client().ingest(events)
score: models.Score = Client().create_score("t", "accuracy", 0.5, label=None)
passed: bool = Client().validate("x", checks).pass_

async def main() -> str:
    return (await AsyncClient().route_model("x")).model
"""

WRONG = {
    "a wrong field": (
        'from twosignal_client import models\nmodels.TraceBody(id="t", name="n", colour="red")',
        'Unexpected keyword argument "colour"',
    ),
    "a missing field": (
        'from twosignal_client import models\nmodels.SpanBody(trace_id="t", name="n")',
        'Missing positional argument "type_"',
    ),
    "a field of another type": (
        'from twosignal_client import models\nmodels.TraceBody(id="t", name="n", start_time="2026-03-14")',
        'Argument "start_time" to "TraceBody" has incompatible type "str"',
    ),
    "an enum value that is none": (
        "from twosignal_client import models\nmodels.SpanType.BOGUS",
        '"type[SpanType]" has no attribute "BOGUS"',
    ),
    "text where an enum is wanted": (
        'from twosignal_client import Client\nClient().iterate_traces(status="OK")',
        'Argument "status" to "iterate_traces" of "Client" has incompatible type "str"',
    ),
    "a constant that is another one": (
        "from datetime import datetime\nfrom twosignal_client import models\n"
        'models.TraceCreateEvent(id="e", type_="span-create", timestamp=datetime.now(),'
        ' body=models.TraceBody(id="t", name="n"))',
        'Argument "type_" to "TraceCreateEvent" has incompatible type "Literal[\'span-create\']"',
    ),
    "an alias": (
        'from twosignal_client import models\nmodels.SpanBody(trace_id="t", name="n", type_=models.SpanType.LLM,'
        " start=None)",
        'Unexpected keyword argument "start"',
    ),
    "a missing argument": (
        'from twosignal_client import Client\nClient().create_score("t", "accuracy")',
        'Missing positional argument "value"',
    ),
    "an event that is none": (
        'from twosignal_client import Client, models\nClient().ingest([models.TraceBody(id="t", name="n")])',
        "List item 0 has incompatible type",
    ),
    "a union that is not told apart": (
        'from twosignal_client import Client, models\nClient().validate("x", [models.LengthEvaluatorConfig()])',
        "List item 0 has incompatible type",
    ),
    "a promise that nobody waits for": (
        'from twosignal_client import AsyncClient\nasync def main() -> int:\n    return AsyncClient().ingest([])',
        "Incompatible return value type",
    ),
    "a null that may come": (
        'from twosignal_client import Client\nfor trace in Client().iterate_traces():\n    trace.end_time.isoformat()',
        'Item "None" of "datetime | None" has no attribute "isoformat"',
    ),
}  # fmt: skip
