"""The Python client: its types, its settings, and responses that the mock does not send. Scenarios are elsewhere."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import twosignal_client
from twosignal_client import AsyncClient, Client, TwoSignalError, models
from twosignal_mock import Sandbox

from tests.clients.typing_cases import RIGHT, WRONG

PYTHON = Path(__file__).parents[2] / "generated_clients" / "python"
KEY = "ts_a_key_that_nobody_may_see"
Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler, **options: Any) -> tuple[Client, list[float]]:
    """A client whose server is a function, and the waits that it made."""
    waits: list[float] = []
    made = Client("http://server", KEY, sleep=waits.append, transport=httpx.MockTransport(handler), **options)
    return made, waits


def responses(*items: httpx.Response | Exception) -> tuple[Handler, list[httpx.Request]]:
    """A server that sends each response in turn, the last one for ever; and the requests that it got."""
    asked: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        item = items[min(len(asked), len(items)) - 1]
        if isinstance(item, Exception):
            raise item
        return item

    return respond, asked


def route(status: int = 200, **headers: str) -> httpx.Response:
    body = {"model": "m", "configName": "default", "complexity": 0.5}
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


# --- documents and types --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
def test_the_examples_of_the_readme_run_as_written(number: int, twosignal_sandbox: Sandbox, tmp_path: Path) -> None:
    example = re.findall(
        r"^```python\n(.*?)^```", (PYTHON / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )[number]
    (tmp_path / "example.py").write_text(example, encoding="utf-8")
    environment = os.environ | twosignal_sandbox.environment | {"PYTHONPATH": str(PYTHON)}
    command = [sys.executable, "-W", "error", "example.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    said = ["trace-1 OK 0.0034 1250\nNOT_FOUND 404\n", "gpt-4o-mini\n"][number]
    assert done.stdout == said
    assert all(entry["clauses"] == [] for entry in twosignal_sandbox.journal())


def mypy(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", *arguments]
    environment = os.environ | {"MYPYPATH": str(PYTHON)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_what_is_wrong_does_not_type_check(tmp_path: Path) -> None:
    names = {f"wrong_{number}.py": name for number, name in enumerate(WRONG)}
    for file, name in names.items():
        (tmp_path / file).write_text(WRONG[name][0] + "\n", encoding="utf-8")
    (tmp_path / "right.py").write_text(RIGHT, encoding="utf-8")
    said = mypy(tmp_path, ".").splitlines()
    assert [line for line in said if line.startswith("right.py")] == []
    for file, name in names.items():
        errors = [line for line in said if line.startswith(file) and ": error: " in line]
        assert len(errors) == 1, f"{name}: expected one error, got {errors}"
        assert WRONG[name][1] in errors[0], f"{name}: {errors[0]}"


def test_both_clients_have_the_same_calls() -> None:
    def calls(kind: type) -> dict[str, list[inspect.Parameter]]:
        found = inspect.getmembers(kind, inspect.isfunction)
        named = {name: function for name, function in found if not name.startswith("_") and "close" not in name}
        return {name: list(inspect.signature(function).parameters.values()) for name, function in named.items()}

    assert calls(Client) == calls(AsyncClient)
    assert set(calls(Client)) >= {"ingest", "ingest_otlp", "iterate_traces", "list_traces", "create_score", "validate"}


def test_the_package_lists_what_it_offers() -> None:
    assert twosignal_client.__all__ == sorted(twosignal_client.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(twosignal_client, name) for name in twosignal_client.__all__)


# --- where and who --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://server", "http://server/", "http://server/api/v1", "http://server/api/v1/"])
def test_the_prefix_stands_once_in_a_path(url: str) -> None:
    handler, asked = responses(route())
    Client(url, KEY, transport=httpx.MockTransport(handler)).route_model("x")
    assert str(asked[0].url) == "http://server/api/v1/route-model"


def test_a_prefix_of_somebody_else_stays() -> None:
    assert Client("http://server/proxy/api/v1").base_url == "http://server/proxy"


@pytest.mark.parametrize("url", ["server", "ftp://server", "http://"])
def test_a_base_url_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(twosignal_client.ValidationError, match=r"base_url: expected a URL such as"):
        Client(url)


def test_url_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOSIGNAL_BASE_URL", "http://from-environment/api/v1")
    monkeypatch.setenv("TWOSIGNAL_API_KEY", KEY)
    handler, asked = responses(route())
    Client(transport=httpx.MockTransport(handler)).route_model("x")
    assert asked[0].url.host == "from-environment"
    assert asked[0].headers["Authorization"] == f"Bearer {KEY}"


def test_without_a_key_only_what_needs_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWOSIGNAL_API_KEY", raising=False)
    handler, asked = responses(httpx.Response(200, json={"status": "ok"}))
    keyless = Client("http://server", transport=httpx.MockTransport(handler))
    assert keyless.health().status == "ok"
    assert "Authorization" not in asked[0].headers
    with pytest.raises(twosignal_client.UnauthorizedError, match=r"needs an API key: .* TWOSIGNAL_API_KEY") as caught:
        keyless.route_model("x")
    assert (caught.value.status, caught.value.code, len(asked)) == (None, "UNAUTHORIZED", 1)


def test_the_key_shows_nowhere() -> None:
    made, _ = client(responses(httpx.ConnectError("refused"))[0])
    with pytest.raises(TwoSignalError) as caught:
        made.route_model("x")
    shown = [repr(made), str(made), repr(caught.value), str(caught.value), repr(caught.value.__cause__)]
    assert not [text for text in shown if KEY in text]


# --- retries that the mock cannot provoke ---------------------------------------------------------------------------

NOW = datetime(2026, 3, 14, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "7", "RateLimit_Reset": "1"}, 7),
        ({"Retry_After": format_datetime(NOW + timedelta(seconds=5), usegmt=True)}, 5),
        ({"Retry_After": format_datetime(NOW - timedelta(seconds=5), usegmt=True)}, 1),
        ({"RateLimit_Reset": "3"}, 3),
        ({"RateLimit_Reset": str(int(NOW.timestamp()) + 4)}, 4),
        ({"RateLimit_Reset": str(int(NOW.timestamp() + 4) * 1000)}, 4),
        ({"Retry_After": "soon", "RateLimit_Reset": "2"}, 2),
        ({"Retry_After": "nan"}, 1),
        ({}, 1),
    ],
    ids=["seconds", "date", "date that passed", "reset", "epoch", "milliseconds", "unreadable", "no number", "nothing"],
)
def test_a_429_is_waited_for_as_long_as_it_says(headers: dict[str, str], seconds: float) -> None:
    made, waits = client(responses(route(429, Date=format_datetime(NOW, usegmt=True), **headers), route())[0])
    made.route_model("x")
    assert waits == [seconds]


def test_waiting_for_a_rate_limit_ends_with_longest_wait() -> None:
    handler, asked = responses(route(429, Retry_After="4"))
    made, waits = client(handler, longest_wait=10)
    with pytest.raises(twosignal_client.RateLimitedError):
        made.route_model("x")
    assert (waits, len(asked)) == ([4, 4], 3)


def test_a_server_that_asks_for_no_wait_cannot_keep_a_client_for_ever() -> None:
    made, waits = client(responses(route(429, Retry_After="0"))[0], longest_wait=5)
    with pytest.raises(twosignal_client.RateLimitedError):
        made.route_model("x")
    assert waits == [1] * 5


@pytest.mark.parametrize("status", [402, 403, 405, 409, 415, 418, 422, 431, 501, 504])
def test_no_other_status_is_tried_again(status: int) -> None:
    handler, asked = responses(route(status))
    with pytest.raises(TwoSignalError):
        client(handler)[0].route_model("x")
    assert len(asked) == 1


def test_a_refresh_is_not_sent_again_when_its_response_is_lost() -> None:
    user = {"id": "u", "email": "dev@example.com"}
    session = {"access_token": "a", "refresh_token": "r", "expires_at": 1, "user": user}
    handler, asked = responses(httpx.Response(200, json={"data": session}), httpx.ReadError("cut"))
    made, _ = client(handler)
    made.login("dev@example.com", "password")
    with pytest.raises(twosignal_client.NetworkError):
        made.refresh()
    assert [request.url.path for request in asked] == ["/api/v1/auth/login", "/api/v1/auth/refresh"]


def test_an_expired_session_is_refreshed_before_its_end() -> None:
    def session(number: int, expires_at: int) -> httpx.Response:
        user = {"id": "u", "email": "dev@example.com"}
        tokens = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
        return httpx.Response(200, json={"data": {**tokens, "expires_at": expires_at, "user": user}})

    ended = httpx.Response(200, json={"data": {"success": True}})
    handler, asked = responses(session(1, 1), session(2, 4_000_000_000), ended)
    made, _ = client(handler)
    made.login("dev@example.com", "password")
    assert made.logout()
    assert json.loads(asked[1].content) == {"refresh_token": "refresh-1"}
    assert asked[2].headers["Authorization"] == "Bearer access-2"


# --- responses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "code", "message"),
    [
        (httpx.Response(404, json={"error": {"code": "NEW_CODE", "message": "gone"}}), "NEW_CODE", "gone"),
        (httpx.Response(404, json={"error": {}, "data": None}), "", "Not Found"),
        (httpx.Response(404, json={"error": "text"}), "", 'Not Found: {"error":"text"}'),
        (httpx.Response(404, json=["list"]), "", 'Not Found: ["list"]'),
        (httpx.Response(404, text="<html>"), "", "Not Found: <html>"),
        (httpx.Response(404), "", "Not Found"),
    ],
    ids=["unknown code", "empty object", "text", "list", "no JSON", "nothing"],
)
def test_every_error_response_is_a_typed_error(response: httpx.Response, code: str, message: str) -> None:
    with pytest.raises(twosignal_client.NotFoundError) as caught:
        client(lambda _: response)[0].route_model("x")
    assert (caught.value.code, caught.value.message, caught.value.status) == (code, message, 404)


def test_an_error_names_the_request_when_the_server_does() -> None:
    with pytest.raises(TwoSignalError, match=r"\(request r-1\)$") as caught:
        client(responses(route(400, X_Request_Id="r-1"))[0])[0].route_model("x")
    assert caught.value.request_id == "r-1"


def test_enum_values_that_are_not_known_are_kept() -> None:
    status = models.Status("PAUSED")
    assert (status, status.value, status.name, models.Status("OK")) == ("PAUSED", "PAUSED", "PAUSED", models.Status.OK)


def test_times_are_sent_in_utc() -> None:
    local = datetime(2026, 3, 14, 12, tzinfo=UTC).astimezone()
    for moment in (local, local.replace(tzinfo=None)):
        event = models.TraceCreateEvent("e", "trace-create", models.TraceBody("t", "n", start_time=moment), moment)
        sent = event.to_dict()
        assert sent["timestamp"] == sent["body"]["startTime"] == "2026-03-14T12:00:00+00:00"


@pytest.mark.parametrize("value", [float("nan"), object(), "\ud800"], ids=["NaN", "an object", "half a character"])
def test_what_is_no_json_is_refused_before_it_is_sent(value: object) -> None:
    handler, asked = responses(route())
    with pytest.raises(twosignal_client.ValidationError, match="the request is no JSON"):
        client(handler)[0].validate(value, [])
    assert asked == []


def test_an_unset_field_is_left_out_and_none_is_null() -> None:
    score = {"id": "s", "traceId": "t", "evaluatorName": "e", "value": 1}
    handler, asked = responses(httpx.Response(201, json=score))
    client(handler)[0].create_score("t", "e", 1, label=None)
    assert json.loads(asked[0].content) == {"traceId": "t", "evaluatorName": "e", "value": 1, "label": None}


def test_nothing_is_sent_for_no_events() -> None:
    handler, asked = responses(route())
    assert (client(handler)[0].ingest([]), asked) == (0, [])


def test_a_filter_that_does_not_exist_is_a_type_error() -> None:
    handler, asked = responses(route())
    filters: Any = {"colour": "red"}
    with pytest.raises(TypeError, match="colour"):
        client(handler)[0].list_traces(**filters)
    assert asked == []


@pytest.mark.parametrize("version", [0, 2**31])
def test_a_parameter_outside_of_its_bounds_is_not_sent(version: int) -> None:
    handler, asked = responses(route())
    with pytest.raises(
        twosignal_client.ValidationError,
        match=rf"^VALIDATION_ERROR: version: {version}; expected a whole number from 1 to",
    ):
        client(handler)[0].resolve_template("reply", version)
    assert asked == []
