"""The control application: the document's operations joined with their handlers, behind the guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from twosignal_mock.engine.control import _clock, _faults, _records, _routing, _sandboxes, _server, _state
from twosignal_mock.engine.control._answer import json_answer, problem_answer
from twosignal_mock.engine.control._call import ControlCall, read_call
from twosignal_mock.engine.control._document import ControlOperation, Document
from twosignal_mock.engine.control._guard import Guard
from twosignal_mock.engine.control._problem import ControlError, Refused
from twosignal_mock.engine.control._setting import ControlSetting
from twosignal_mock.engine.store import StoreError

Handler = Callable[[ControlCall], Awaitable[object]]
Endpoint = Callable[[Request], Awaitable[Response]]

HANDLERS: Mapping[str, Handler] = {
    "getHealth": _server.get_health,
    "getControlDocument": _server.get_control_document,
    "getContract": _server.get_contract,
    "getContractDocument": _server.get_contract_document,
    "getMetrics": _server.get_metrics,
    "listSandboxes": _sandboxes.list_sandboxes,
    "createSandbox": _sandboxes.create_sandbox,
    "getSandbox": _sandboxes.get_sandbox,
    "dropSandbox": _sandboxes.drop_sandbox,
    "resetSandbox": _sandboxes.reset_sandbox,
    "addKey": _sandboxes.add_key,
    "revokeKey": _sandboxes.revoke_key,
    "listSnapshots": _state.list_snapshots,
    "createSnapshot": _state.create_snapshot,
    "deleteSnapshot": _state.delete_snapshot,
    "restoreSnapshot": _state.restore_snapshot,
    "exportState": _state.export_state,
    "importState": _state.import_state,
    "showTrace": _state.show_trace,
    "listRoutingConfigs": _routing.list_routing_configs,
    "setRoutingConfig": _routing.set_routing_config,
    "deleteRoutingConfig": _routing.delete_routing_config,
    "getClock": _clock.get_clock,
    "setClock": _clock.set_clock,
    "advanceClock": _clock.advance_clock,
    "listFaults": _faults.list_faults,
    "addFault": _faults.add_fault,
    "clearFaults": _faults.clear_faults,
    "getFault": _faults.get_fault,
    "removeFault": _faults.remove_fault,
    "readJournal": _records.read_journal,
    "clearJournal": _records.clear_journal,
    "readLedger": _records.read_ledger,
}
"""By operationId of the document; a test compares the two."""

HEALTH = "getHealth"
"""The operation that everybody may call."""

_NO_CONTENT = 204


def create_control(setting: ControlSetting) -> ASGIApp:
    """The ASGI application that serves every path under /__mock; it takes whole paths and needs no lifespan."""
    document = Document()
    application = Starlette(
        routes=_routes(setting, document),
        exception_handlers={ControlError: _answer_problem, HTTPException: _answer_http, StoreError: _answer_store},
    )
    # A path with a slash at its end is another path, and a redirect would only hide the mistake.
    application.router.redirect_slashes = False
    health = frozenset(operation.path for operation in document.operations if operation.id == HEALTH)
    return Guard(application, setting.token, health)


def _routes(setting: ControlSetting, document: Document) -> list[Route]:
    """One for each path, so that a 405 names all its methods; literal paths before those with a variable."""
    endpoints: dict[str, dict[str, Endpoint]] = {}
    for operation in document.operations:
        endpoint = _endpoint(operation, HANDLERS[operation.id], setting, document)
        endpoints.setdefault(operation.path, {})[operation.method] = endpoint
    paths = sorted(endpoints, key=lambda path: path.count("{"))
    return [Route(path, _by_method(endpoints[path]), methods=list(endpoints[path])) for path in paths]


def _by_method(endpoints: Mapping[str, Endpoint]) -> Endpoint:
    async def serve(request: Request) -> Response:
        # Starlette lets HEAD through wherever GET is.
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return serve


def _endpoint(operation: ControlOperation, handler: Handler, setting: ControlSetting, document: Document) -> Endpoint:
    async def serve(request: Request) -> Response:
        result = await handler(await read_call(request, operation, setting, document))
        if isinstance(result, Response):
            return result
        if operation.status == _NO_CONTENT:
            return Response(status_code=_NO_CONTENT)
        return json_answer(operation.status, result)

    return serve


async def _answer_problem(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ControlError):
        raise error
    return problem_answer(error)


async def _answer_store(_request: Request, error: Exception) -> Response:
    then = "look at the mock's log and its disk; nothing was changed"
    return problem_answer(ControlError(Refused.STORE_ERROR, f"the store failed: {error}", "a store that works", then))


async def _answer_http(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: an unknown path or method."""
    if not isinstance(error, HTTPException):
        raise error
    method, path = request.method, request.url.path
    then = "GET /__mock/v1/openapi.json lists them"
    if error.status_code == Refused.METHOD_NOT_ALLOWED.value:
        allowed = (error.headers or {}).get("Allow", "")
        problem = ControlError(Refused.METHOD_NOT_ALLOWED, f"{method} {path}", f"one of {allowed}", then)
    else:
        problem = ControlError(Refused.NOT_FOUND, f"there is no {path}", "a path of the control API", then)
    answer = problem_answer(problem)
    answer.headers.update(error.headers or {})
    return answer
