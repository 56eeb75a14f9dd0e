"""The control application: the document's operations joined with their handlers, behind the guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from twosignal_mock.engine.api import ControlError, ControlErrorKind, ServedApi
from twosignal_mock.engine.control import _handlers, _journal, _sandboxes
from twosignal_mock.engine.control._call import ControlParts, EngineCall, read_call
from twosignal_mock.engine.control._document import ControlOperation, Document
from twosignal_mock.engine.control._guard import Guard
from twosignal_mock.engine.control._responses import error_response, json_response
from twosignal_mock.engine.store import StoreError
from twosignal_mock.engine.validation import path_to_divide, restore_slashes

EngineHandler = Callable[[EngineCall], Awaitable[object]]
Endpoint = Callable[[Request], Awaitable[Response]]

HANDLERS: Mapping[str, EngineHandler] = {
    "getHealth": _handlers.get_health,
    "getControlDocument": _handlers.get_control_document,
    "getContract": _handlers.get_contract,
    "getContractDocument": _handlers.get_contract_document,
    "getMetrics": _handlers.get_metrics,
    "listSandboxes": _sandboxes.list_sandboxes,
    "createSandbox": _sandboxes.create_sandbox,
    "getSandbox": _sandboxes.get_sandbox,
    "dropSandbox": _sandboxes.drop_sandbox,
    "resetSandbox": _sandboxes.reset_sandbox,
    "addKey": _sandboxes.add_key,
    "addUser": _sandboxes.add_user,
    "revokeKey": _sandboxes.revoke_key,
    "listSnapshots": _sandboxes.list_snapshots,
    "createSnapshot": _sandboxes.create_snapshot,
    "deleteSnapshot": _sandboxes.delete_snapshot,
    "restoreSnapshot": _sandboxes.restore_snapshot,
    "exportState": _sandboxes.export_state,
    "importState": _sandboxes.import_state,
    "getClock": _handlers.get_clock,
    "setClock": _handlers.set_clock,
    "advanceClock": _handlers.advance_clock,
    "getWork": _handlers.get_work,
    "listFaults": _handlers.list_faults,
    "addFault": _handlers.add_fault,
    "clearFaults": _handlers.clear_faults,
    "getFault": _handlers.get_fault,
    "removeFault": _handlers.remove_fault,
    "readJournal": _journal.read_journal,
    "listDropped": _journal.list_dropped,
    "readDroppedJournal": _journal.read_dropped_journal,
    "verifyJournal": _journal.verify_journal,
    "clearJournal": _handlers.clear_journal,
    "readLedger": _handlers.read_ledger,
}
"""By operationId of the engine's document; those of the APIs come from them."""

_HEALTH = "getHealth"
"""The operation that everybody may call."""

_NO_CONTENT = 204


def create_control(parts: ControlParts) -> ASGIApp:
    """The ASGI application that serves every path under /__mock; it takes whole paths and needs no lifespan."""
    document = Document(served.api.control.document for served in parts.apis if served.api.control is not None)
    application = Starlette(
        routes=_routes(parts, document),
        exception_handlers={
            ControlError: _handle_control_error,
            HTTPException: _handle_http_error,
            StoreError: _handle_store_error,
        },
    )
    # A path with a slash at its end is another path, and a redirect would only hide the mistake.
    application.router.redirect_slashes = False
    health = frozenset(operation.path for operation in document.operations if operation.id == _HEALTH)

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        # An id may hold a slash, which divides nothing: see path_to_divide.
        if scope["type"] == "http":
            scope = {**scope, "path": path_to_divide(scope)}
        await application(scope, receive, send)

    return Guard(route, parts.token, health)


def _routes(parts: ControlParts, document: Document) -> list[Route]:
    """One for each path, so that a 405 names all its methods; literal paths before those with a variable."""
    handlers = dict(HANDLERS)
    for served in parts.apis:
        handlers |= _api_handlers(served)
    endpoints: dict[str, dict[str, Endpoint]] = {}
    for operation in document.operations:
        endpoint = _endpoint(operation, handlers[operation.id], parts, document)
        endpoints.setdefault(operation.path, {})[operation.method] = endpoint
    paths = sorted(endpoints, key=lambda path: path.count("{"))
    return [Route(path, _by_method(endpoints[path]), methods=list(endpoints[path])) for path in paths]


def _api_handlers(served: ServedApi) -> dict[str, EngineHandler]:
    control = served.api.control
    if control is None:
        return {}

    def adapt(operation_id: str) -> EngineHandler:
        handle = control.handlers[operation_id]

        async def handler(call: EngineCall) -> object:
            return await handle(call.of_api(served))

        return handler

    return {operation_id: adapt(operation_id) for operation_id in control.handlers}


def _by_method(endpoints: Mapping[str, Endpoint]) -> Endpoint:
    async def serve(request: Request) -> Response:
        # Starlette lets HEAD through wherever GET is.
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return serve


def _endpoint(operation: ControlOperation, handler: EngineHandler, parts: ControlParts, document: Document) -> Endpoint:
    async def serve(request: Request) -> Response:
        result = await handler(await read_call(request, operation, parts, document))
        if isinstance(result, Response):
            return result
        if operation.status == _NO_CONTENT:
            return Response(status_code=_NO_CONTENT)
        return json_response(operation.status, result)

    return serve


async def _handle_control_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ControlError):
        raise error
    return error_response(error)


async def _handle_store_error(_request: Request, error: Exception) -> Response:
    then = "look at the mock's log and its disk; nothing was changed"
    got = f"the store failed: {error}"
    return error_response(ControlError(ControlErrorKind.STORE_ERROR, got, "a store that works", then))


async def _handle_http_error(request: Request, error: Exception) -> Response:
    """What Starlette itself does not serve: an unknown path or method."""
    if not isinstance(error, HTTPException):
        raise error
    method, path = request.method, restore_slashes(request.scope["path"])
    then = "GET /__mock/v1/openapi.json lists them"
    if error.status_code == ControlErrorKind.METHOD_NOT_ALLOWED.value:
        allowed = (error.headers or {}).get("Allow", "")
        problem = ControlError(ControlErrorKind.METHOD_NOT_ALLOWED, f"{method} {path}", f"one of {allowed}", then)
    else:
        problem = ControlError(ControlErrorKind.NOT_FOUND, f"there is no {path}", "a path of the control API", then)
    response = error_response(problem)
    response.headers.update(error.headers or {})
    return response
