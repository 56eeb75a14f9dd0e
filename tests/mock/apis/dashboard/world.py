"""A mock that serves REST and the dashboard in this process, and people who call procedures of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import httpx
import orjson
from twosignal_contract import Contract, documents, load_contract
from twosignal_mock import create_application

CONTRACT: Contract = next(contract for path in documents() if (contract := load_contract(path)).api.name == "dashboard")
NOON = "2026-03-14T12:00:00Z"
ABSENT = "no-such-thing"
FIRST = ("dev@example.com", "development")
"""E-mail and password of the sandbox's first user."""
KEY = "ts_local_development"


class World:
    """One mock. A context that lets it go at the end."""

    def __init__(self, **options: object) -> None:
        self._application = create_application(**{"api": "rest,dashboard", "validate_answers": True, **options})
        self._loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(self._application)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.run_until_complete(self._application.close())
        self._loop.close()

    def send(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """One request with a JSON body; header names with `_` for `-`."""
        content = {} if body is None else {"content": orjson.dumps(body)}
        kind = {} if body is None else {"content-type": "application/json"}
        sent = kind | {name.replace("_", "-"): value for name, value in headers.items()}
        return self._loop.run_until_complete(self._client.request(method, path, headers=sent, **content))  # type: ignore[arg-type]  # httpx names each option

    def rest(self, method: str, path: str, body: object = None, key: str = KEY) -> httpx.Response:
        """One request to the REST API with an API key."""
        return self.send(method, f"/api/v1{path}", body, authorization=f"Bearer {key}")

    def control(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """One call of the control API; it must succeed."""
        response = self.send(method, f"/__mock/v1{path}{'?' if query else ''}{urlencode(query)}", body)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def pause(self, seconds: float) -> None:
        """Give what runs beside the requests its turn."""
        self._loop.run_until_complete(asyncio.sleep(seconds))

    def numbers(self) -> list[int]:
        """The numbers of all projects that have rows in the store."""

        async def read() -> list[int]:
            store = (await self._application.open()).store
            return list(await store.read(0, lambda transaction: transaction.rows.numbers()))

        return self._loop.run_until_complete(read())

    def sign_in(self, email: str = FIRST[0], password: str = FIRST[1]) -> Person:
        """Somebody with a session."""
        response = self.send("POST", "/api/v1/auth/login", {"email": email, "password": password})
        assert response.status_code == 200, response.text
        data = response.json()["data"]
        return Person(self, data)

    def newcomer(self, **query: str) -> Person:
        """A further user of a sandbox, the first one unless the query names another."""
        user = self.control("POST", "/users", {}, **query)
        return self.sign_in(user["email"], user["password"])

    def ingest(self, *traces: str, key: str = KEY, spans: int = 1) -> None:
        """Traces of these ids, each with so many spans."""
        stamp = "2026-03-14T11:00:00.000Z"
        batch = [
            {"id": f"e-{id_}", "type": "trace-create", "timestamp": stamp, "body": {"id": id_, "name": f"agent {id_}"}}
            for id_ in traces
        ]
        batch += [
            {
                "id": f"e-{id_}-{number}",
                "type": "span-create",
                "timestamp": stamp,
                "body": {
                    "id": f"{id_}-{number}",
                    "traceId": id_,
                    "name": "step",
                    "type": "LLM",
                    "startTime": stamp,
                    "endTime": "2026-03-14T11:00:01.200Z",
                    "usage": {"promptTokens": 10, "completionTokens": 5, "totalTokens": 15},
                    "cost": 0.25,
                    "input": {"q": None},
                    "output": "text",
                    "parentSpanId": None if number == 0 else f"e-{id_}-0",
                },
            }
            for id_ in traces
            for number in range(spans)
        ]
        assert self.rest("POST", "/traces", {"batch": batch}, key).status_code == 201


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    world: World
    session: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Of the user."""
        return str(self.session["user"]["id"])

    @property
    def cookie(self) -> str:
        """As the published client writes it."""
        name = CONTRACT.extension("x-dashboard-session")["cookie"]
        return f"{name.format(project_ref=self.session['project_ref'])}={orjson.dumps(self.session).decode()}"

    def call(self, procedure: str, meta: object = None, **sent: object) -> httpx.Response:
        """One call; without an input when nothing is sent."""
        return call(self.world, procedure, sent, meta, cookie=self.cookie)

    def do(self, procedure: str, **sent: object) -> Any:
        """The result of a call that succeeds."""
        response = self.call(procedure, **sent)
        assert response.status_code == 200, f"{procedure}: {response.text}"
        return response.json()["result"]["data"]["json"]

    def organization(self) -> str:
        """The id of the first organization."""
        return str(self.do("organization.list")[0]["id"])

    def project(self) -> str:
        """The id of its first project."""
        return str(self.do("project.list", organizationId=self.organization())[0]["id"])


def call(
    world: World, procedure: str, sent: Mapping[str, object], meta: object = None, **headers: str
) -> httpx.Response:
    """One call of a procedure by the method that the contract has for it."""
    operation = CONTRACT.operations[procedure]
    envelope: dict[str, object] = {"json": sent} | ({} if meta is None else {"meta": meta})
    if operation.method == "POST":
        return world.send("POST", operation.path, envelope, **headers)
    query = "?" + urlencode({"input": orjson.dumps(envelope)}) if sent or meta else ""
    return world.send("GET", operation.path + query, **headers)


def code_of(response: httpx.Response) -> str:
    """The code of an error."""
    return str(response.json()["error"]["json"]["data"]["code"])
