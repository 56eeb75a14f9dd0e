"""An honest dashboard with as much of the REST API as it needs, written from the contract alone: just dictionaries.

The suite was not tuned to it, and broken servers are made of it. `Dashboard().respond` takes requests as
`tests.conformance.servers.serving` gives them.
"""

from __future__ import annotations

import json
import secrets
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.conformance.apis.dashboard.independent.procedures import PROCEDURES, QUERIES
from tests.conformance.apis.dashboard.independent.state import Json, RefusedError, State, now
from tests.conformance.apis.dashboard.independent.verdicts import judge
from tests.conformance.servers import Asked, Response, json_response

CODES = {400: -32600, 401: -32001, 403: -32003, 404: -32004, 405: -32005, 409: -32009, 413: -32013}
LARGEST = 1_048_576


@dataclass
class Dashboard:
    """One server with the people who have an account."""

    people: dict[str, tuple[str, str]]
    """E-mail to id and password."""
    state: State = field(default_factory=State)
    lock: threading.RLock = field(default_factory=threading.RLock)
    access: dict[str, str] = field(default_factory=dict)
    """Access token to the id of who has it."""
    refreshes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state.people = {identifier: email for email, (identifier, _) in self.people.items()}

    def respond(self, asked: Asked) -> Response:
        """The response to a request."""
        if asked.path.startswith("/api/trpc/"):
            return self._procedures(asked)
        with self.lock:
            handler = _REST.get((asked.method, asked.path))
            if handler is None:
                return _rest_error(404, "NOT_FOUND")
            body = json.loads(asked.body) if asked.body else {}
            token = asked.headers.get("authorization", "").removeprefix("Bearer ")
            return handler(self, asked, body, token)

    # --- procedures ---

    def _procedures(self, asked: Asked) -> Response:
        names = asked.path.removeprefix("/api/trpc/").split(",")
        query = parse_qs(asked.query)
        if len(asked.body) > LARGEST:
            return _error(413, "PAYLOAD_TOO_LARGE", "too large", names[0])
        if query.get("batch") != ["1"]:
            status, value = self._one(names[0], asked, query.get("input", [None])[0])
            return json_response(status, value, **({"allow": "GET, POST"} if status == 405 else {}))
        if len(names) > 50:
            return _error(400, "BAD_REQUEST", "too many calls", "")
        inputs = json.loads(query.get("input", ["{}"])[0])
        rows = [self._one(name, asked, json.dumps(inputs.get(str(place)))) for place, name in enumerate(names)]
        statuses = {status for status, _ in rows}
        return json_response(statuses.pop() if len(statuses) == 1 else 207, [value for _, value in rows])

    def _one(self, name: str, asked: Asked, text: str | None) -> tuple[int, object]:
        try:
            with self.lock:
                found = self._call(name, asked, text)
            dates = {place: ["Date"] for place in _dates(found)}
            data = {"json": found} | ({"meta": {"values": dates}} if dates else {})
            return 200, {"result": {"data": data}}
        except RefusedError as refused:
            return refused.status, _error_body(refused.status, refused.code, str(refused), name)

    def _call(self, name: str, asked: Asked, text: str | None) -> Any:
        procedure = PROCEDURES.get(name)
        if procedure is None:
            raise RefusedError(404, "NOT_FOUND", f"No such procedure: {name}")
        if asked.method != ("GET" if name in QUERIES else "POST"):
            raise RefusedError(405, "METHOD_NOT_SUPPORTED", f"{asked.method} is not allowed")
        caller = self.access.get(_token(asked.headers.get("cookie", "")))
        if caller is None:
            raise RefusedError(401, "UNAUTHORIZED", "Not signed in")
        raw = text if name in QUERIES else asked.body.decode()
        try:
            given = json.loads(raw)["json"] if raw and raw != "null" else None
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedError(400, "BAD_REQUEST", "The input is not valid JSON") from error
        try:
            return procedure(self.state, caller, given or {})
        except (KeyError, TypeError, AttributeError) as error:
            raise RefusedError(400, "BAD_REQUEST", f"input: {error!r}") from error

    # --- REST ---

    def login(self, _asked: Asked, body: Json, _: str) -> Response:
        """A session."""
        identifier, password = self.people.get(body.get("email", ""), ("", None))
        if password is None or password != body.get("password"):
            return _rest_error(401, "UNAUTHORIZED")
        return self._session(identifier)

    def refresh(self, _asked: Asked, body: Json, _: str) -> Response:
        """New tokens."""
        identifier = self.refreshes.pop(body.get("refresh_token", ""), None)
        return _rest_error(401, "UNAUTHORIZED") if identifier is None else self._session(identifier)

    def logout(self, _asked: Asked, _body: Json, token: str) -> Response:
        """The end of one."""
        if self.access.pop(token, None) is None:
            return _rest_error(401, "UNAUTHORIZED")
        return json_response(200, {"data": {"success": True}, "error": None})

    def _session(self, identifier: str) -> Response:
        access, refresh = f"eyJ.{secrets.token_hex(12)}.x", secrets.token_hex(12)
        self.access[access], self.refreshes[refresh] = identifier, identifier
        user = {"id": identifier, "email": self.state.people[identifier]}
        data = {"access_token": access, "refresh_token": refresh, "expires_at": 2_000_000_000, "user": user}
        return json_response(200, {"data": data | {"project_ref": "independent"}, "error": None})

    def _project(self, token: str) -> str | None:
        key = next((row for row in self.state.rows["apiKey"].values() if row["plain"] == token), None)
        if key is None or key["revokedAt"] is not None:
            return None
        key["lastUsedAt"] = now()
        return str(key["projectId"])

    def ingest(self, _asked: Asked, body: Json, token: str) -> Response:
        """Traces and spans, which evaluators judge beside."""
        project = self._project(token)
        if project is None:
            return _rest_error(401, "UNAUTHORIZED")
        touched = [self.state.take(project, event["body"]) for event in body["batch"]]
        for trace in dict.fromkeys(touched):
            if any(row["enabled"] for row in self.state.of("evaluator", project)):
                threading.Thread(target=self._evaluate, args=(project, trace), daemon=True).start()
        return json_response(201, {"accepted": len(touched)})

    def _evaluate(self, project: str, trace: str) -> None:
        with self.lock:
            rows = [dict(row) for row in self.state.of("evaluator", project) if row["enabled"]]
            facts = self.state.facts(trace)
        for row in rows if facts is not None else ():
            verdict = judge(row["type"], row["config"] or {}, facts or {})
            with self.lock:
                if verdict is not None:
                    self.state.score(trace, {"evaluatorName": row["name"], **verdict})
                    self.state.count(project, "evalRunCount")

    def traces(self, asked: Asked, _body: Json, token: str) -> Response:
        """The list of REST."""
        project = self._project(token)
        if project is None:
            return _rest_error(401, "UNAUTHORIZED")
        name = parse_qs(asked.query).get("name", [""])[0]
        rows = [self.state.shown(row) for row in self.state.of("trace", project) if name in row["name"]]
        return json_response(200, {"data": {"traces": rows, "nextCursor": None}, "error": None})

    def score(self, _asked: Asked, body: Json, token: str) -> Response:
        """A score from outside."""
        if self._project(token) is None:
            return _rest_error(401, "UNAUTHORIZED")
        self.state.score(body["traceId"], body)
        return json_response(201, {"id": str(uuid.uuid4()), **body})

    def route(self, _asked: Asked, body: Json, token: str) -> Response:
        """A decision of a routing configuration."""
        project = self._project(token)
        rows = [row for row in self.state.of("modelRouting", project or "") if row["name"] == body.get("configName")]
        if not rows or not rows[0]["enabled"]:
            return _rest_error(404, "NOT_FOUND")
        rules = rows[0]["rules"]
        return json_response(200, {"model": rules[0]["model"] if rules else rows[0]["defaultModel"]})


Handler = Callable[[Dashboard, Asked, Json, str], Response]
_REST: dict[tuple[str, str], Handler] = {
    ("POST", "/api/v1/auth/login"): Dashboard.login,
    ("POST", "/api/v1/auth/refresh"): Dashboard.refresh,
    ("POST", "/api/v1/auth/logout"): Dashboard.logout,
    ("POST", "/api/v1/traces"): Dashboard.ingest,
    ("GET", "/api/v1/traces"): Dashboard.traces,
    ("POST", "/api/v1/scores"): Dashboard.score,
    ("POST", "/api/v1/route-model"): Dashboard.route,
}


def _token(cookies: str) -> str:
    """The access token in the session cookie, whatever its name, whole or in pieces."""
    parts = [pair.partition("=") for pair in cookies.split("; ")]
    value = "".join(value for name, _, value in parts if "-auth-token" in name)
    try:
        return str(json.loads(value)["access_token"])
    except (ValueError, KeyError, TypeError):
        return ""


def _error_body(status: int, code: str, message: str, path: str) -> Json:
    data = {"code": code, "httpStatus": status, "path": path}
    return {"error": {"json": {"message": message, "code": CODES[status], "data": data}}}


def _error(status: int, code: str, message: str, path: str) -> Response:
    return json_response(status, _error_body(status, code, message, path))


def _rest_error(status: int, code: str) -> Response:
    return json_response(status, {"error": {"code": code, "message": "so it is"}})


def _dates(value: Any, place: str = "") -> list[str]:
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in _dates(item, f"{place}{index}.")]
    if isinstance(value, dict):
        return [
            found
            for name, item in value.items()
            for found in ([f"{place}{name}"] if _is_date(name, item) else _dates(item, f"{place}{name}."))
        ]
    return []


def _is_date(name: str, value: Any) -> bool:
    return name.endswith(("At", "Time")) and isinstance(value, str)
