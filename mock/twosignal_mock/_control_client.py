"""A client of the mock's control API, for tests: arranges one sandbox and reads what happened in it.

Values are those of `control/openapi.yaml`; entries, accounts and rules stay dictionaries as that document shows them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from twosignal_mock._command_line import client_environment

_ROOT = "/__mock/v1"
_TIMEOUT = 30.0
"""Seconds; an export of much state takes a while, and nothing here waits for faults."""
_PAGE = 1000
"""Entries or accounts asked for at once."""


class ControlError(Exception):
    """The control API could not do it; the text says what was sent, what was expected and what to do."""


class VerificationError(AssertionError):
    """Other requests came than a test expected; the text names those that came nearest, and what differs."""


class Connection:
    """Calls of the control API: of one sandbox (None: the one that the server started with), or of the server."""

    def __init__(self, url: str, *, sandbox: str | None = None, token: str | None = None) -> None:
        self._url = url + _ROOT
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._open()
        self._sandbox = {} if sandbox is None else {"sandbox": sandbox}

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, **query: Any) -> Any:
        """The JSON that an operation of the sandbox gives, None when it gives none; raises ControlError."""
        return self._call(method, path, body, self._sandbox | query)

    def call_server(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON that an operation without a sandbox gives, None when it gives none; raises ControlError."""
        return self._call(method, path, body, {})

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _open(self) -> None:
        # A proxy of the environment must not stand between a test and its own machine.
        self._client = httpx.Client(base_url=self._url, headers=self._headers, timeout=_TIMEOUT, trust_env=False)
        self._owner = os.getpid()

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, Any]) -> Any:
        if self._owner != os.getpid():
            # Two processes on one connection would read each other's responses.
            self._client.close()
            self._open()
        response = self._client.request(method, path, json=body, params=query)
        if response.is_error:
            raise ControlError(f"{method} {response.url.path}: {response.json()['error']['message']}")
        return response.json() if response.content else None


class ClockControl:
    """The clock of a sandbox. Instants are ISO 8601 texts with a zone, or aware datetimes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def now(self) -> datetime:
        """What it shows."""
        return _instant(self._connection.call("GET", "/clock"))

    def freeze(self, at: str | datetime | None = None) -> datetime:
        """Stop it, at an instant or as it is; gives what it shows."""
        return self._set("frozen", at)

    def run(self, at: str | datetime | None = None) -> datetime:
        """Let it run, from an instant or as it is; gives what it shows."""
        return self._set("running", at)

    def follow(self) -> datetime:
        """Make it the machine's clock again; gives what it shows."""
        return self._set("real", None)

    def advance(self, seconds: float) -> datetime:
        """Move it forward; gives what it shows."""
        return _instant(self._connection.call("POST", "/clock/advance", {"seconds": seconds}))

    def _set(self, kind: str, at: str | datetime | None) -> datetime:
        text = at.isoformat() if isinstance(at, datetime) else at
        return _instant(self._connection.call("PUT", "/clock", {"kind": kind} | ({} if text is None else {"at": text})))


class FaultControl:
    """The faults of a sandbox."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, kind: str, **order: Any) -> str:
        """Order trouble, and get the id of the rule; the words are those of POST /__mock/v1/faults (NewFault)."""
        return str(self._connection.call("POST", "/faults", {"kind": kind, **order})["id"])

    def list(self) -> list[dict[str, Any]]:
        """All rules, with what they have seen and done."""
        return list(self._connection.call("GET", "/faults")["faults"])

    def remove(self, rule: str) -> None:
        """Take a rule back."""
        self._connection.call("DELETE", f"/faults/{rule}")

    def clear(self) -> None:
        """Take all rules back."""
        self._connection.call("DELETE", "/faults")


class SandboxControl:
    """Everything that the control API can do for one sandbox."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.clock = ClockControl(connection)
        self.faults = FaultControl(connection)

    def journal(self, since: int = 0, *, newest_first: bool = False, **filters: Any) -> list[dict[str, Any]]:
        """The requests that the journal still has, oldest first; with `since` those of a higher sequence.

        `filters` are those of GET /__mock/v1/journal: operation, method, path, status ("404", "4xx", "none"), clause,
        until, and from (a word of Python: `**{"from": ...}`).
        """
        entries = list(self._entries(since, filters))
        return entries[::-1] if newest_first else entries

    def verify(self, **expected: Any) -> int:
        """How many requests came as expected; raises VerificationError when those are too few or too many.

        The words are those of POST /__mock/v1/journal/verification: operation, method, path, status, clause, query,
        headers and body say which requests; count, at_least and at_most how many (at least one when none is named).
        """
        answer = self._connection.call("POST", "/journal/verification", expected)
        if not answer["verified"]:
            raise VerificationError(_told(expected, answer))
        return int(answer["found"])

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        self._connection.call("DELETE", "/journal")

    def ledger(self, outcome: str | None = None) -> list[dict[str, Any]]:
        """What happened to every id that was sent: all, or those `stored`, `refused` or `response-lost`."""
        return list(self._accounts({} if outcome is None else {"outcome": outcome}))

    def ledger_summary(self) -> dict[str, int]:
        """The counts of the ledger."""
        return dict(self._connection.call("GET", "/ledger", limit=0)["summary"])

    def trace(self, trace: str) -> dict[str, Any]:
        """A trace with its `spans` and `scores`; raises ControlError when there is none of that id."""
        return dict(self._connection.call("GET", f"/traces/{trace}"))

    def wait_for_work(self, seconds: int = 10) -> bool:
        """Waits until the mock has done what is due beside the requests, such as evaluators; False when it has not."""
        return bool(self._connection.call("GET", "/work", wait=seconds)["idle"])

    def reset(self) -> None:
        """Make the sandbox as it was when it was new; keys and user stay."""
        self._connection.call("POST", "/reset")

    def snapshot(self, name: str | None = None) -> str:
        """Keep a copy of what is stored, and get its name."""
        return str(self._connection.call("POST", "/snapshots", {} if name is None else {"name": name})["name"])

    def snapshots(self) -> list[str]:
        """The names of all snapshots, oldest first."""
        return [snapshot["name"] for snapshot in self._connection.call("GET", "/snapshots")["snapshots"]]

    def restore(self, name: str) -> None:
        """Put what a snapshot holds in the place of what is stored."""
        self._connection.call("POST", f"/snapshots/{name}/restore")

    def export_state(self) -> dict[str, Any]:
        """What is stored, to be imported later."""
        return dict(self._connection.call("GET", "/state"))

    def import_state(self, state: Mapping[str, Any]) -> None:
        """Put an export in the place of what is stored."""
        self._connection.call("PUT", "/state", state)

    def set_routing_config(self, name: str, config: Mapping[str, Any]) -> None:
        """Keep a model routing configuration, written as `default-config` in the contract's x-rest-routing."""
        self._connection.call("PUT", f"/routing-configs/{quote(name, safe='')}", config)

    def delete_routing_config(self, name: str) -> None:
        """Forget a model routing configuration."""
        self._connection.call("DELETE", f"/routing-configs/{quote(name, safe='')}")

    def add_key(self, api_key: str | None = None) -> str:
        """One more API key for the sandbox."""
        return str(self._connection.call("POST", "/keys", {} if api_key is None else {"api_key": api_key})["api_key"])

    def add_user(self, email: str | None = None, password: str | None = None) -> dict[str, str]:
        """One more user of the sandbox: `id`, `email`, `password` and `project_id`; what is not given is made."""
        wanted = {name: value for name, value in (("email", email), ("password", password)) if value is not None}
        return dict(self._connection.call("POST", "/users", wanted))

    def revoke_key(self, api_key: str) -> None:
        """Have an API key refused as revoked."""
        self._connection.call_server("DELETE", f"/keys/{quote(api_key, safe='')}")

    def _entries(self, since: int, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        while True:
            page = self._connection.call("GET", "/journal", since=since, limit=_PAGE, **filters)
            yield from page["entries"]
            since = page["next"]
            if since >= page["last"] or not page["entries"]:
                return

    def _accounts(self, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._connection.call("GET", "/ledger", offset=offset, limit=_PAGE, **query)["entries"]
            yield from page
            offset += len(page)
            if len(page) < _PAGE:
                return


def _told(expected: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    which = {name: value for name, value in expected.items() if name not in ("count", "at_least", "at_most")}
    asked = ", ".join(f"{name}={value!r}" for name, value in which.items()) or "any"
    lines = [f"expected {answer['expected']} requests with {asked}; got {answer['found']}"]
    for miss in answer["near_misses"]:
        lines.append(f"  near miss: {miss['method']} {miss['path']} (entry {miss['sequence']} of the journal)")
        lines += [f"    {difference}" for difference in miss["differences"]]
    return "\n".join(lines)


class Sandbox(SandboxControl):
    """A sandbox of its own: where a client finds it, and what moves it. As a context it is dropped at the end.

    In a fork of a process that uses it, the end of the context drops nothing.
    """

    def __init__(self, url: str, credentials: Mapping[str, str], *, token: str | None = None) -> None:
        super().__init__(Connection(url, sandbox=credentials["id"], token=token))
        self._owner = os.getpid()
        self.url = url
        """The base URL of the API; it is the same for all sandboxes."""
        self.id = credentials["id"]
        self.name = credentials["name"]
        self.plan = credentials["plan"]
        self.api_key = credentials["api_key"]
        """Makes a client speak to this sandbox."""
        self.email = credentials["email"]
        self.password = credentials["password"]

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which clients find it."""
        return client_environment(self.url, self.api_key)

    def drop(self) -> None:
        """Remove it with everything in it; the handle is of no more use."""
        try:
            self._connection.call_server("DELETE", f"/sandboxes/{self.id}")
        finally:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._owner == os.getpid():
            self.drop()


def _instant(clock: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(clock["now"])
