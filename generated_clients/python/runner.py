"""Does one scenario with the client, or many cases, as ../README.md says ("Runners"); with --async by AsyncClient.

The two clients have the same calls; `settle` waits for the results of the second.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
import sys
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import httpx
from twosignal_client import AsyncClient, Client, TwoSignalError, models
from twosignal_client.generated.operations import list_traces as list_traces_operation

Json = Any
Fields = dict[str, Any]
AnyClient = Client | AsyncClient

NOT_SUPPORTED = 64
"""Exit code."""


class NotSupportedError(Exception):
    """There is no action of that name."""


async def main() -> int:
    """Reads what is to be done, prints the results; the exit code."""
    kind = AsyncClient if "--async" in sys.argv[1:] else Client
    wanted = json.load(sys.stdin)
    try:
        if "cases" in wanted:
            done: Json = {"cases": [await tried(kind, case) for case in wanted["cases"]]}
        else:
            client = kind()
            done = {"results": [await attempt(client, action) for action in wanted["do"]]}
            await close(client)
    except NotSupportedError as error:
        print(error, file=sys.stderr)
        return NOT_SUPPORTED
    print(json.dumps(done))
    return 0


async def tried(kind: type[AnyClient], case: Json) -> Json:
    """What comes of a case, with a client of its own that notes its waits and does not wait."""
    waits: list[float] = []
    shown: list[str] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    options = {snake_case(name): value for name, value in case["client"].items()}
    try:
        # Without certificates, which take a third of a second to load: all servers of cases are on this machine.
        client: AnyClient
        if kind is AsyncClient:
            client = AsyncClient(**options, sleep=note, transport=httpx.AsyncHTTPTransport(verify=False))
        else:
            client = Client(**options, sleep=waits.append, transport=httpx.HTTPTransport(verify=False))
    except TwoSignalError as error:
        return {"results": [described(error)], "waits": waits, "shown": texts(error)}
    results = [await attempt(client, special(action), shown) for action in case["do"]]
    shown += [repr(client), str(client)]
    await close(client)
    return {"results": results, "waits": waits, "shown": shown}


async def close(client: AnyClient) -> None:
    """Closes the client, of whatever kind it is."""
    if isinstance(client, AsyncClient):
        await client.aclose()
    else:
        client.close()


def special(value: Json) -> Json:
    """The value with the numbers that JSON cannot say."""
    match value:
        case "$NaN" | "$Infinity" | "$-Infinity":
            return float(value[1:])
        case dict():
            return {key: special(item) for key, item in value.items()}
        case list():
            return [special(item) for item in value]
    return value


def described(error: TwoSignalError) -> Json:
    """An error, as a result."""
    return {"error": {"kind": error.kind, "code": error.code, "status": error.status, "message": error.message}}


def texts(error: TwoSignalError) -> list[str]:
    """Whatever Python shows of an error."""
    return [
        *traceback.format_exception(error),
        repr(error),
        repr(vars(error)),
        repr((error.__cause__, error.__context__)),
    ]


async def attempt(client: AnyClient, action: Json, shown: list[str] | None = None) -> Json:
    """The result of an action, done as often as it says; the first error ends it, and what is shown of it is noted."""
    result = None
    try:
        for _ in range(action.get("times", 1)):
            result = await act(client, action)
    except TwoSignalError as error:
        if shown is not None:
            shown += texts(error)
        return described(error)
    return result


async def act(client: AnyClient, action: Json) -> Json:
    """One action, once."""
    do = ACTIONS.get(action["action"])
    if do is None:
        raise NotSupportedError(f"action: {action['action']!r}; expected one of {', '.join(ACTIONS)}")
    return await do(client, {key: value for key, value in action.items() if key not in ("action", "times")})


async def health(client: AnyClient, _: Fields) -> Json:
    """Whether the server is there."""
    return (await settle(client.health())).to_dict()


async def ingest(client: AnyClient, fields: Fields) -> Json:
    """How many events were accepted."""
    events = models.IngestRequest.from_dict({"batch": fields["events"]}).batch
    return {"accepted": await settle(client.ingest(events))}


async def emit(client: AnyClient, fields: Fields) -> Json:
    """How many events were accepted of traces with their spans, which get ids and times here."""
    events = [event for trace in fields["traces"] for event in recorded(trace)]
    return await ingest(client, {"events": events})


def recorded(trace: Json) -> Iterator[Json]:
    """A trace's events: itself, then its spans, each before those inside it."""
    body = {"id": fresh(), "startTime": now(), **without(trace, "spans")}
    yield {"id": fresh(), "type": "trace-create", "timestamp": now(), "body": body}
    for span in trace.get("spans", ()):
        yield from recorded_span(span, {"traceId": body["id"]})


def recorded_span(span: Json, place: Json) -> Iterator[Json]:
    """A span's event and those of the spans inside; `place` names its trace and its parent."""
    body = {"id": fresh(), "startTime": now(), "endTime": now(), **without(span, "spans", "error"), **place}
    if "error" in span:
        body |= {"status": "ERROR", "errorMessage": span["error"]}
    yield {"id": fresh(), "type": "span-create", "timestamp": now(), "body": body}
    for inner in span.get("spans", ()):
        yield from recorded_span(inner, {**place, "parentSpanId": body["id"]})


def without(thing: Json, *names: str) -> Json:
    """An object without some of its fields."""
    return {name: value for name, value in thing.items() if name not in names}


def fresh() -> str:
    """A new id."""
    return str(uuid.uuid4())


def now() -> str:
    """This instant, as it is sent."""
    return datetime.now(UTC).isoformat()


async def otlp(client: AnyClient, fields: Fields) -> Json:
    """How many spans were accepted."""
    request = models.OtlpExportRequest.from_dict(fields["request"])
    return {"accepted": await settle(client.ingest_otlp(request))}


async def score(client: AnyClient, fields: Fields) -> Json:
    """The stored score."""
    new = models.ScoreRequest.from_dict(fields)
    stored = client.create_score(
        new.trace_id, new.evaluator_name, new.value, span_id=new.span_id, label=new.label, reasoning=new.reasoning
    )
    return (await settle(stored)).to_dict()


async def route(client: AnyClient, fields: Fields) -> Json:
    """The decision."""
    wanted = models.RouteRequest.from_dict(fields)
    return (await settle(client.route_model(wanted.input_, config_name=wanted.config_name))).to_dict()


async def validate(client: AnyClient, fields: Fields) -> Json:
    """The verdict."""
    wanted = models.ValidateRequest.from_dict(fields)
    verdict = client.validate(
        wanted.output,
        wanted.evaluators,
        input_=wanted.input_,
        expected_output=wanted.expected_output,
        fail_mode=wanted.fail_mode,
    )
    return (await settle(verdict)).to_dict()


async def login(client: AnyClient, _: Fields) -> Json:
    """Who signed in."""
    session = await settle(client.login(os.environ["TWOSIGNAL_EMAIL"], os.environ["TWOSIGNAL_PASSWORD"]))
    return {"email": session.user.email}


async def refresh(client: AnyClient, _: Fields) -> Json:
    """Whose session it is."""
    return {"email": (await settle(client.refresh())).user.email}


async def logout(client: AnyClient, _: Fields) -> Json:
    """Whether the session ended."""
    return {"success": await settle(client.logout())}


async def list_traces(client: AnyClient, fields: Fields) -> Json:
    """Traces of one page, or of all."""
    filters: Any = {snake_case(name): value for name, value in fields["query"].items()}
    for name, kind in get_type_hints(list_traces_operation.Query).items():
        if name in filters:
            filters[name] = typed(filters[name], get_args(kind)[0])
    if fields.get("walk", True):
        return {"ids": await gather(client.iterate_traces(**filters), fields.get("take"))}
    page = await settle(client.list_traces(**filters))
    whole = {"traces": [trace.to_dict() for trace in page.traces]} if fields.get("whole") else {}
    return {"ids": [trace.id for trace in page.traces], "nextCursor": page.next_cursor, **whole}


def snake_case(name: str) -> str:
    """The name that a parameter has in Python."""
    return re.sub(r"(?=[A-Z])", "_", name).lower()


def typed(value: Json, kind: Any) -> Any:
    """A value of JSON as the client takes it."""
    if kind is datetime:
        return datetime.fromisoformat(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, StrEnum) else value


async def gather(traces: Iterator[models.Trace] | AsyncIterator[models.Trace], take: int | None) -> list[str]:
    """Ids of the first `take` traces; no page beyond them is fetched."""
    ids: list[str] = []
    while take is None or len(ids) < take:
        try:
            trace = next(traces) if isinstance(traces, Iterator) else await anext(traces)
        except (StopIteration, StopAsyncIteration):
            break
        ids.append(trace.id)
    return ids


async def templates(client: AnyClient, fields: Fields) -> Json:
    """Lists, resolves or pushes."""
    if "push" in fields:
        new = models.TemplateRequest.from_dict(fields["push"])
        pushed = client.push_template(
            new.name,
            new.content,
            variables=new.variables,
            description=new.description,
            commit_message=new.commit_message,
        )
        return (await settle(pushed)).to_dict()
    if "name" in fields:
        return (await settle(client.resolve_template(fields["name"], fields.get("version")))).to_dict()
    return {"templates": [template.to_dict() for template in await settle(client.list_templates())]}


async def settle(value: Any) -> Any:
    """The value, or the result of waiting for it."""
    return await value if inspect.isawaitable(value) else value


ACTIONS: dict[str, Callable[[AnyClient, Fields], Awaitable[Json]]] = {
    "health": health,
    "ingest": ingest,
    "emit": emit,
    "otlp": otlp,
    "list": list_traces,
    "score": score,
    "route": route,
    "templates": templates,
    "validate": validate,
    "login": login,
    "refresh": refresh,
    "logout": logout,
}

if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
