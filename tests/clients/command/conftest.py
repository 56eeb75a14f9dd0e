"""Makes the command importable as it lies in its folder, and sets up what its tests share."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from twosignal_mock import MockServer, Sandbox

from tests.clients.canned import Asked, CaseServer
from tests.clients.command.programs import FOLDER, Program

sys.path.insert(0, str(FOLDER))


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The command with an empty home, which nobody has logged in from."""
    home = tmp_path / "home"
    home.mkdir()
    # No test may reach for the hosted service.
    return Program(home, {"TWOSIGNAL_URL": "http://127.0.0.1:1"})


class Scripted:
    """A server that says what it is told to say: what no server of the contract, and so no mock, says."""

    def __init__(self, server: CaseServer) -> None:
        self._server = server
        self._responses: list[Sequence[Mapping[str, Any]]] = []
        server.responses = self._responses

    def __call__(self, *responses: Mapping[str, Any]) -> tuple[str, Asked]:
        """A URL below which these come in turn, the last one for ever; and what came there."""
        self._responses.append(responses)
        self._server.asked.append(Asked())
        return self._server.url(len(self._responses) - 1), self._server.asked[-1]


@pytest.fixture(scope="session")
def scripted() -> Iterator[Scripted]:
    """One such server for the run."""
    with CaseServer([]) as server:
        yield Scripted(server)


SESSION = {
    "access_token": "access", "refresh_token": "refresh", "expires_at": 4102444800, "user_id": "u", "user_email": "e@x",
}  # fmt: skip


@pytest.fixture
def known(program: Program) -> Program:
    """Somebody with a session that does not say where it was opened, and that does not expire here."""
    program.session_file.parent.mkdir()
    program.session_file.write_text(json.dumps(SESSION), encoding="utf-8")
    return program


@dataclass
class Place:
    """A sandbox of the mock, and the command of somebody who is logged in there."""

    sandbox: Sandbox
    program: Program
    organization: str
    project: str
    api_key: str

    def ingest(self, *traces: dict[str, Any]) -> None:
        """Sends traces over the REST API; each has `id`, and what else differs from the usual."""
        events = [event for trace in traces for event in _events(trace)]
        headers = {"Authorization": f"Bearer {self.api_key}"}
        response = httpx.post(f"{self.sandbox.url}/api/v1/traces", json={"batch": events}, headers=headers)
        assert response.is_success, response.text

    def score(self, trace: str, name: str, value: float, label: str | None = None) -> None:
        """Sends a score over the REST API."""
        body = {"traceId": trace, "evaluatorName": name, "value": value} | ({} if label is None else {"label": label})
        headers = {"Authorization": f"Bearer {self.api_key}"}
        response = httpx.post(f"{self.sandbox.url}/api/v1/scores", json=body, headers=headers)
        assert response.is_success, response.text

    def another_user(self) -> tuple[str, str]:
        """E-mail and password of one more person who can sign in."""
        given = {"email": "second@example.com", "password": "quite secret"}
        url = f"{self.sandbox.url}/__mock/v1/users"
        response = httpx.post(url, json=given, params={"sandbox": self.sandbox.id})
        assert response.is_success, response.text
        return given["email"], given["password"]


def log_in(sandbox: Sandbox, home: Path) -> Place:
    """A place with an empty home."""
    home.mkdir()
    program = Program(home)
    program.run("login", "-e", sandbox.email, "-p", sandbox.password, "--url", sandbox.url).text  # noqa: B018
    (organization,) = program.run("orgs", "list", "--json").json
    (project,) = program.run("projects", "list", "--org", organization["id"], "--json").json
    return Place(sandbox, program, organization["id"], project["id"], sandbox.api_key)


@pytest.fixture
def place(twosignal_sandbox: Sandbox, tmp_path: Path) -> Place:
    """A sandbox without traces, for one test."""
    return log_in(twosignal_sandbox, tmp_path / "person")


THREE: Sequence[dict[str, Any]] = (
    {"id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "minutes": 2, "milliseconds": 1200, "cost": 0.003},
    {
        "id": "f9e8d7c6-b5a4-3210-fedc-ba0987654321",
        "minutes": 5,
        "milliseconds": 4800,
        "cost": 0.012,
        "status": "ERROR",
    },
    {"id": "11223344-5566-7788-99aa-bbccddeeff00", "minutes": 12, "milliseconds": 800, "cost": 0.001},
)
"""The traces of the documentation's example."""


@pytest.fixture(scope="module")
def three(twosignal_mock: MockServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A sandbox with the three traces of the documentation, one of which has scores; its tests only read."""
    with twosignal_mock.sandbox("command-three") as sandbox:
        place = log_in(sandbox, tmp_path_factory.mktemp("three") / "home")
        for trace in reversed(THREE):
            sandbox.clock.freeze(datetime.now(UTC) - timedelta(minutes=trace["minutes"]))
            place.ingest(trace)
        sandbox.clock.follow()
        place.score(THREE[0]["id"], "quality", 0.9, "pass")
        place.score(THREE[1]["id"], "quality", 0.2, "fail")
        yield place


def _events(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """A trace, its span that answers, and those of `inner`, which name the one that they are `below`."""
    start = datetime.now(UTC) - timedelta(minutes=trace.get("minutes", 1))
    end = start + timedelta(milliseconds=trace.get("milliseconds", 100))
    identifier, status = trace["id"], trace.get("status", "OK")
    times = {"startTime": start.isoformat(), "endTime": end.isoformat()}
    answer = {
        "name": "answer",
        "type": "LLM",
        "status": status,
        "model": "gpt-4o-mini",
        "cost": trace.get("cost", 0.001),
    }
    body = {"id": identifier, "name": trace.get("name", "support-agent"), "tags": trace.get("tags", []), **times}
    events = [{"id": f"trace-{identifier}", "type": "trace-create", "timestamp": end.isoformat(), "body": body}]
    for row in [answer, *trace.get("inner", ())]:
        span = {name: value for name, value in row.items() if name not in ("below", "error")} | times
        span |= {"id": f"{row['name']}-{identifier}", "traceId": identifier}
        span |= {"parentSpanId": f"{row['below']}-{identifier}"} if "below" in row else {}
        span |= {"errorMessage": row["error"]} if "error" in row else {}
        events.append({"id": f"event-{span['id']}", "type": "span-create", "timestamp": end.isoformat(), "body": span})
    return events
