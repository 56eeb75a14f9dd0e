"""What the published command line and terminal interface send and read is what the dashboard's contract says."""

from __future__ import annotations

import asyncio
import importlib
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs
import pytest
from click.testing import CliRunner
from twosignal_contract import Contract, Operation, load_contract

CONTRACT: Contract = load_contract(Path(__file__).parents[2] / "contracts" / "dashboard.openapi.yaml")
SESSION = {
    "access_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
    "refresh_token": "v1.MQ.kJ8s2mQx7bYt",
    "expires_at": 4102444800,
    "user_id": "7b1c3a52-6a3e-4a51-8a41-0d8b5f4f2f10",
    "user_email": "dev@example.com",
    "project_ref": "abc",
}
COMMANDS = {
    "orgs list": "organization.list",
    "orgs create Acme": "organization.create",
    "projects list --org O": "project.list",
    "projects create Shop --org O -d text": "project.create",
    "traces list --project P --status ERROR --search agent -n 5": "trace.list",
    "traces get T --project P": "trace.byId",
    "evaluators list --project P": "evaluator.list",
    "evaluators create --project P -n Judge --type json_schema": "evaluator.create",
    "evaluators toggle E --project P --disable": "evaluator.update",
    "evaluators delete E --project P -y": "evaluator.delete",
    "datasets list --project P": "dataset.list",
    "datasets create --project P -n Cases": "dataset.create",
    "datasets get D --project P": "dataset.byId",
    "datasets add-item D --project P --input 1 --expected [2]": "dataset.addItem",
    "datasets delete D --project P -y": "dataset.delete",
    "api-keys list --project P": "apiKey.list",
    "api-keys create --project P": "apiKey.create",
    "api-keys revoke K --project P -y": "apiKey.revoke",
    "usage --org O": "usage.currentMonth",
}
# What the screens of the terminal interface send: twosignal_tui/screens/.
RULES = [{"name": "default", "condition": {"type": "always"}, "model": "gpt-4", "priority": 0}]
SCREENS: list[tuple[str, Mapping[str, Any]]] = [
    ("organization.getById", {"organizationId": "O"}),
    ("organization.update", {"organizationId": "O", "name": "New"}),
    ("organization.addMember", {"organizationId": "O", "userId": "U", "role": "MEMBER"}),
    ("organization.addMember", {"organizationId": "O", "userId": "U", "role": "ADMIN", "email": "a@example.com"}),
    ("organization.removeMember", {"memberId": "M"}),
    ("project.update", {"projectId": "P", "name": "New"}),
    ("project.delete", {"projectId": "P"}),
    ("trace.list", {"projectId": "P", "limit": 50}),
    ("trace.list", {"projectId": "P", "limit": 50, "name": "a", "status": "OK", "tags": ["x"], "cursor": "c"}),
    ("trace.list", {"projectId": "P", "limit": 50, "startDate": "2026-03-01", "endDate": "2026-03-31"}),
    ("trace.getById", {"traceId": "T"}),
    ("evaluator.create", {"projectId": "P", "name": "Judge", "type": "LLM_JUDGE", "config": {}}),
    ("evaluator.update", {"id": "E", "name": "Judge", "type": "CUSTOM", "config": {"a": 1}}),
    ("evaluator.delete", {"id": "E"}),
    ("dataset.getById", {"id": "D"}),
    ("dataset.update", {"id": "D", "name": "New"}),
    ("dataset.delete", {"id": "D"}),
    ("dataset.addItem", {"datasetId": "D", "input": {}, "metadata": [1]}),
    ("dataset.removeItem", {"itemId": "I"}),
    ("apiKey.create", {"projectId": "P", "name": "Default"}),
    ("apiKey.revoke", {"id": "K"}),
    ("apiKey.rotate", {"id": "K"}),
    ("usage.getCurrentMonth", {"organizationId": "O"}),
    ("usage.getHistory", {"organizationId": "O", "months": 12}),
    ("modelRouting.list", {"projectId": "P"}),
    ("modelRouting.create", {"projectId": "P", "name": "R", "defaultModel": "gpt-4", "rules": RULES}),
    ("modelRouting.update", {"id": "R", "name": "R", "defaultModel": "gpt-4", "rules": RULES}),
    ("modelRouting.delete", {"id": "R"}),
]
# The models of twosignal_tui/models.py with the procedures whose results they read.
MODELS = {
    "organization.list": "Organization",
    "project.list": "Project",
    "project.create": "Project",
    "trace.byId": "TraceDetail",
    "trace.getById": "TraceDetail",
    "evaluator.list": "EvaluatorConfig",
    "evaluator.create": "EvaluatorConfig",
    "dataset.list": "Dataset",
    "dataset.byId": "Dataset",
    "dataset.addItem": "DatasetItem",
    "apiKey.list": "ApiKey",
    "apiKey.create": "ApiKey",
    "apiKey.rotate": "ApiKey",
    "usage.currentMonth": "CurrentMonthUsage",
    "usage.getHistory": "MonthlyUsage",
    "modelRouting.list": "ModelRoutingConfig",
}


@dataclass
class Recorder:
    """A server that responds with the examples of the document, and keeps what came."""

    url: str = ""
    calls: list[tuple[Operation, Any, str]] = field(default_factory=list)
    """Procedure, input envelope and cookie header of each call."""

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Keep a request and respond to it."""
        target = urlsplit(handler.path)
        operation = CONTRACT.operation_at(handler.command, target.path)
        assert operation is not None, f"{handler.command} {target.path}"
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        texts = parse_qs(target.query).get("input", [""]) if handler.command == "GET" else [body.decode()]
        self.calls.append((operation, json.loads(texts[0]) if texts[0] else None, handler.headers.get("cookie", "")))
        response = json.dumps(operation.response(200).example()).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(response)))
        handler.end_headers()
        handler.wfile.write(response)


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            recorder.take(self)

        def do_POST(self) -> None:
            recorder.take(self)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        recorder.url = f"http://127.0.0.1:{listening.server_port}"
        Thread(target=listening.serve_forever, daemon=True).start()
        yield recorder
        listening.shutdown()


@pytest.fixture
def published(server: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The command line, signed in at the recorder, as a function of its arguments."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what pydantic and asyncio will drop one day
        main = importlib.import_module("twosignal_cli.main").cli
        config = importlib.import_module("twosignal_tui.config")
        monkeypatch.setattr(config, "SESSION_FILE", tmp_path / "session.json")
        monkeypatch.setenv("TWOSIGNAL_URL", server.url)
        (tmp_path / "session.json").write_text(json.dumps(SESSION), encoding="utf-8")
        server.calls.clear()
        # It takes the loop of this thread, makes one when there is none, and closes neither.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        yield lambda *arguments: CliRunner().invoke(main, arguments, catch_exceptions=False)
        asyncio.set_event_loop(None)
        loop.close()


def must_be_valid(operation: Operation, envelope: Any) -> None:
    """Holds an input against the schema of its procedure."""
    body = operation.request_body
    schema = body.media_type.schema if body else operation.parameter("input").schema
    whole = {"components": CONTRACT.document["components"], **schema}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(envelope)


@pytest.mark.parametrize(("command", "procedure"), COMMANDS.items(), ids=COMMANDS)
def test_the_command_line_speaks_the_contract(published: Any, server: Recorder, command: str, procedure: str) -> None:
    done = published(*command.split())
    assert done.exit_code == 0, done.output
    [(operation, envelope, cookie)] = server.calls
    assert operation.id == procedure
    if envelope is None:
        assert not any(parameter.required for parameter in operation.parameters)
    else:
        must_be_valid(operation, envelope)
    session = CONTRACT.extension("x-dashboard-session")
    name, _, value = cookie.partition("=")
    assert name == session["cookie"].format(project_ref=SESSION["project_ref"])
    assert json.loads(value)[session["access-token"].removeprefix("/")] == SESSION["access_token"]


@pytest.mark.parametrize(("procedure", "sent"), SCREENS, ids=[f"{i}-{row[0]}" for i, row in enumerate(SCREENS)])
def test_what_the_screens_send_is_valid(procedure: str, sent: Mapping[str, Any]) -> None:
    must_be_valid(CONTRACT.operation(procedure), {"json": sent})


def test_the_published_clients_call_every_procedure() -> None:
    assert {*COMMANDS.values(), *(procedure for procedure, _ in SCREENS)} == CONTRACT.operations.keys()


@pytest.mark.parametrize(("procedure", "name"), MODELS.items(), ids=MODELS)
def test_the_models_of_the_terminal_interface_read_the_examples(procedure: str, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they use what pydantic will drop one day
        client = importlib.import_module("twosignal_tui.trpc_client").TRPCClient
        model = getattr(importlib.import_module("twosignal_tui.models"), name)
    example = CONTRACT.operation(procedure).response(200).example()
    result = client._deserialize_superjson(example["result"]["data"])
    rows = result if isinstance(result, list) else [result]
    assert rows
    for row in rows:
        read = model(**row).model_dump(by_alias=True)
        assert {
            key: value for key, value in row.items() if read.get(key, value) != value and not isinstance(value, list)
        } == {}
        assert read.keys() - row.keys() <= {"updatedAt", "key", "items", "_count"}
