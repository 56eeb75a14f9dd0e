"""httpx with nothing around it: a script that follows the first examples of the documentation.

One request for each action, no second attempt, no look at sizes. Its known deviations are what that costs.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from emission import with_events

Json = Any

NOT_SUPPORTED = 64


def main() -> int:
    """Does the scenario on standard input; the exit code."""
    headers = {"Authorization": f"Bearer {os.environ['TWOSIGNAL_API_KEY']}"}
    actions = [with_events(action) for action in json.load(sys.stdin)["do"]]
    unknown = {action["action"] for action in actions} - ACTIONS.keys()
    if unknown:
        print(f"actions that are not supported: {', '.join(sorted(unknown))}", file=sys.stderr)
        return NOT_SUPPORTED
    with httpx.Client(base_url=os.environ["TWOSIGNAL_BASE_URL"], headers=headers) as client:
        print(json.dumps({"results": [perform(client, action) for action in actions]}))
    return 0


def perform(client: httpx.Client, action: Json) -> Json:
    """The result of an action."""
    fields = dict(action)
    do = ACTIONS[fields.pop("action")]
    result = None
    try:
        for _ in range(fields.pop("times", 1)):
            result = do(client, fields)
    except httpx.HTTPStatusError as error:
        return {"error": {"kind": "unexpected", "status": error.response.status_code, **error_fields(error.response)}}
    except httpx.TransportError as error:
        return {"error": {"kind": "network", "status": None, "code": "", "message": str(error)}}
    return result


def error_fields(response: httpx.Response) -> Json:
    """Code and message of an error, where it is the documented object."""
    try:
        error = response.json()["error"]
    except ValueError:
        return {"code": "", "message": response.text[:200]}
    return {"code": error["code"], "message": error["message"]}


def walk(client: httpx.Client, fields: Json) -> Json:
    """Ids of the traces of all pages, as the example of the documentation goes through them."""
    query = {name: ",".join(value) if name == "tags" else value for name, value in fields.get("query", {}).items()}
    ids: list[str] = []
    while True:
        data = read(client.get("/api/v1/traces", params=query))["data"]
        ids += [trace["id"] for trace in data["traces"]]
        if not data.get("nextCursor"):
            return {"ids": ids}
        query["cursor"] = data["nextCursor"]


def templates(client: httpx.Client, fields: Json) -> Json:
    """Pushes, resolves or lists."""
    if "push" in fields:
        return read(client.post("/api/v1/prompt-templates", json=fields["push"]))["data"]
    found = read(client.get("/api/v1/prompt-templates", params=fields))["data"]
    return found if "name" in fields else {"templates": found}


def read(response: httpx.Response) -> Json:
    """The body of a success."""
    return response.raise_for_status().json()


ACTIONS: Mapping[str, Callable[[httpx.Client, Json], Json]] = {
    "health": lambda client, _: read(client.get("/api/v1/health")),
    "ingest": lambda client, fields: read(client.post("/api/v1/traces", json={"batch": fields["events"]})),
    "otlp": lambda client, fields: read(client.post("/api/v1/otel/traces", json=fields["request"])),
    "list": walk,
    "score": lambda client, fields: read(client.post("/api/v1/scores", json=fields)),
    "templates": templates,
    "route": lambda client, fields: read(client.post("/api/v1/route-model", json=fields)),
    "validate": lambda client, fields: read(client.post("/api/v1/validate", json=fields))["data"],
}

if __name__ == "__main__":
    sys.exit(main())
