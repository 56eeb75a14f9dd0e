"""What of a whole sandbox a state file keeps over a kill, and what ends with the process, as mock/README.md says."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from twosignal_mock import MockServer, Sandbox

from tests.mock.crash.sending import Batch, connect, send

AT = "2026-01-01T00:00:00+00:00"


def sign_in(server: MockServer, path: str, body: dict[str, Any]) -> httpx.Response:
    return httpx.post(f"{server.url}/api/v1/auth/{path}", json=body, trust_env=False)


def refresh_token(answer: httpx.Response) -> str:
    return str(answer.raise_for_status().json()["data"]["refresh_token"])


def test_a_sandbox_comes_back_with_all_that_it_stored(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with MockServer(state=state) as server:
        sandbox = server.sandbox("checkout")
        with connect(server) as client:
            client.headers["Authorization"] = f"Bearer {sandbox.api_key}"
            send(client, Batch(("t",), AT))
        sandbox.snapshot("before")
        sandbox.faults.add("delay", delay="0ms")
        second, revoked = sandbox.add_key(), sandbox.add_key()
        sandbox.revoke_key(revoked)
        sandbox.set_routing_config("mine", {"defaultModel": "small-model", "rules": []})
        person = {"email": sandbox.email, "password": sandbox.password}
        used = refresh_token(sign_in(server, "login", person))
        unused = refresh_token(sign_in(server, "login", person))
        sign_in(server, "refresh", {"refresh_token": used}).raise_for_status()
        os.kill(server.pid, signal.SIGKILL)
        server.stop()
        with pytest.raises(httpx.TransportError):
            sandbox.drop()

    with MockServer(state=state) as server:
        credentials = {"id": sandbox.id, "name": sandbox.name, "plan": sandbox.plan, "api_key": second}
        again = Sandbox(server.url, credentials | person)
        assert again.trace("t")["spans"][0]["id"] == "t-span"
        assert again.snapshots() == ["before"]
        assert (again.faults.list(), again.journal(), again.ledger()) == ([], [], [])

        answers = {}
        with connect(server) as client:
            for name, key in (("first", sandbox.api_key), ("second", second), ("revoked", revoked)):
                client.headers["Authorization"] = f"Bearer {key}"
                body = {"input": "hello", "configName": "mine"}
                answers[name] = client.post("/api/v1/route-model", json=body).is_success
        assert answers == {"first": True, "second": True, "revoked": False}
        assert not sign_in(server, "refresh", {"refresh_token": used}).is_success
        assert sign_in(server, "refresh", {"refresh_token": unused}).is_success
        assert sign_in(server, "login", person).is_success
        again.drop()
