"""From the actions of a scenario to calls of a client, and back to results: generated_clients/README.md, "Runners"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from tests.conformance.clients.broken.careful import Careful, RefusedError

Json = Any


class NotSupportedError(Exception):
    """An action of that name is not known here."""


def perform(client: Careful, action: Mapping[str, Json]) -> Json:
    """The result of an action, done as often as it says; the first error ends it."""
    fields = dict(action)
    do = ACTIONS.get(fields.pop("action"))
    if do is None:
        raise NotSupportedError(f"action: {action['action']!r}; expected one of {', '.join(ACTIONS)}")
    result = None
    try:
        for _ in range(fields.pop("times", 1)):
            result = do(client, fields)
    except RefusedError as error:
        return {"error": error.fields}
    return result


def _list(client: Careful, fields: Json) -> Json:
    query = {name: _text(value) for name, value in fields.get("query", {}).items()}
    if fields.get("walk", True):
        return {"ids": [trace["id"] for trace in islice(client.walk(query), fields.get("take"))]}
    page = client.page(query)
    return {"ids": [trace["id"] for trace in page["traces"]], "nextCursor": page["nextCursor"]}


def _text(value: Json) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


def _templates(client: Careful, fields: Json) -> Json:
    if "push" in fields:
        return client.call("pushPromptTemplate", fields["push"])["data"]
    found = client.call("getPromptTemplates", query={name: str(value) for name, value in fields.items()})["data"]
    return found if "name" in fields else {"templates": found}


ACTIONS: Mapping[str, Callable[[Careful, Json], Json]] = {
    "health": lambda client, _: client.call("getHealth"),
    "ingest": lambda client, fields: {"accepted": client.ingest(fields["events"])},
    "emit": lambda client, fields: {"accepted": client.ingest(client.record(fields["traces"]))},
    "otlp": lambda client, fields: {"accepted": client.call("ingestOtlpTraces", fields["request"])["accepted"]},
    "list": _list,
    "score": lambda client, fields: client.score(fields),
    "route": lambda client, fields: client.call("routeModel", fields),
    "templates": _templates,
    "validate": lambda client, fields: client.call("validateOutput", fields)["data"],
    "login": lambda client, _: {"email": client.login()["user"]["email"]},
    "refresh": lambda client, _: {"email": client.refresh()["user"]["email"]},
    "logout": lambda client, _: {"success": client.call("logout")["data"]["success"]},
}
