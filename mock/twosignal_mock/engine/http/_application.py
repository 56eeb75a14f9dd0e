"""The ASGI application: the pipeline that every request goes through, in the order that the contract gives.

Route, who calls, fault before, rate, size, media type, JSON, aliases, schema, handler, fault after commit, response,
records. Stages raise ApiError; what becomes of one is decided here, once. All that can be looked up is made at start.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from twosignal_mock.engine.api import ApiError, Call, Handler, Project, ServedApi
from twosignal_mock.engine.http._access_log import AccessLog, escape
from twosignal_mock.engine.http._asgi import (
    CONTROL,
    Asgi,
    Cut,
    Receive,
    Response,
    Scope,
    Send,
    receive_nothing,
    send_cut,
    send_response,
    serve_lifespan,
)
from twosignal_mock.engine.http._bundles import Bundles
from twosignal_mock.engine.http._cors import PREFLIGHT, Cors, is_preflight
from twosignal_mock.engine.http._fault_player import wait
from twosignal_mock.engine.http._fields import SINGLE, refuse_contradiction
from twosignal_mock.engine.http._records import Observer, Records
from twosignal_mock.engine.http._request_bodies import GoneError
from twosignal_mock.engine.http._request_context import CARRIED_OUT, Admitted, Disturbance, RequestContext, as_tuple
from twosignal_mock.engine.http._responses import EXPOSED, RATE_CAUSE, ResponseError
from twosignal_mock.engine.http._service import Endpoint, Service, compile_services
from twosignal_mock.engine.sandbox import FaultPhase, Sandboxes, wait_values
from twosignal_mock.engine.security import Caller, Callers, OpenSandbox
from twosignal_mock.engine.store import ProjectRegistry, Store, StoreError
from twosignal_mock.engine.validation import Routes, path_to_divide

_PREFLIGHT_STATUS = 204


@dataclass(frozen=True, slots=True)
class ApplicationParts:
    """What an application is composed of; made once, at start."""

    apis: Sequence[ServedApi]
    store: Store
    registry: ProjectRegistry
    sandboxes: Sandboxes
    control: Asgi | None = None
    observer: Observer | None = None
    log: AccessLog | None = None
    open_sandbox: OpenSandbox | None = None
    """What an unknown key does; None: it is refused."""
    wake: Callable[[Project], None] | None = None
    """Is told of each project for which something was stored; None: nobody works beside the requests."""
    validate_responses: bool = False
    cors: bool = True


class Application:
    """The mock as an ASGI 3 application. Needs no lifespan."""

    def __init__(self, parts: ApplicationParts) -> None:
        callers = Callers(parts.registry, open_sandbox=parts.open_sandbox)
        self._services = compile_services(parts.apis, callers, validate_responses=parts.validate_responses)
        endpoints = [endpoint for service in self._services for endpoint in service.endpoints]
        self._routes = Routes((each.operation.method, each.operation.path, each) for each in endpoints)
        self._by_operation = {each.operation.id: each.service for each in endpoints}
        self._records = Records(parts.observer, parts.log)
        self._store = parts.store
        self._sandboxes = parts.sandboxes
        self._control = parts.control
        self._wake = parts.wake
        self._registry = parts.registry
        self._bundles = [
            Bundles(service.bundle, service.base, self._routes, service.bodies.largest)
            for service in self._services
            if service.bundle is not None
        ]
        self._special = (CONTROL, *(each.base for each in self._bundles))
        self._callers = callers
        shown = dict.fromkeys(name for service in self._services for name in service.responses.exposed)
        self._single = SINGLE.union(*(service.single for service in self._services))
        self._cors = Cors((*shown, *EXPOSED)) if parts.cors else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (or the lifespan)."""
        if scope["type"] != "http" or scope["path"].startswith(self._special):
            other = self._other(scope)
            if other is not None:
                await other(scope, receive, send)
                return
        context = RequestContext(scope, receive, time.monotonic(), self._single)
        arrival = context.arrival
        cors = self._cors
        if cors is not None and arrival.method == PREFLIGHT and await self._preflight(cors, context, send):
            return
        try:
            response = await self._run(context)
        except GoneError:
            self._records.keep(context, None)
            return
        except Cut as cut:
            self._records.keep(context, None)
            await send_cut(send, arrival.cycle, cut)
            return
        except Exception as error:  # noqa: BLE001 - whatever one request brings to light, the server goes on for the others
            response = await self._fail_late(context, error)
        if cors is not None and b"origin" in arrival.headers:
            response.headers += cors.marks()
        # Before it is sent: a client may have it before this process gets to look at the clock again, and what it
        # waited must not look shorter than it was.
        context.responded = time.monotonic()
        cycle = arrival.cycle
        if cycle is None or not cycle.respond(response.status, response.headers, response.body):
            await send_response(send, response, head=arrival.method == "HEAD")
        if cycle is not None and (cycle.is_doubted or cycle.connection.ended) and not await cycle.is_taken():
            self._records.keep(context, None)
        else:
            self._records.keep(context, response)

    async def _preflight(self, cors: Cors, context: RequestContext, send: Send) -> bool:
        """Give a browser leave, if it asks for it and for a path of an API; True when it did."""
        headers = context.arrival.headers
        methods = self._routes.methods(path_to_divide(context.arrival.scope)) if is_preflight(headers) else ()
        if not methods:
            return False
        await send_response(send, Response(_PREFLIGHT_STATUS, cors.preflight(headers, methods), b""), head=False)
        self._records.log(context, _PREFLIGHT_STATUS, 0)
        return True

    def refuse(self, cause: str, values: dict[str, object], scope: Scope) -> Response:
        """The response of a request that its connection refuses, kept in the records as any other."""
        context = RequestContext(scope, receive_nothing, time.monotonic(), self._single)
        response = self._fail(context, ApiError(cause, **values))
        if self._cors is not None:
            response.headers += self._cors.marks()  # always: Origin may not have been read
        context.responded = time.monotonic()
        self._records.keep(context, response)
        return response

    def _other(self, scope: Scope) -> Asgi | None:
        """What serves a scope that is no request to an API; None: it is one."""
        if scope["type"] == "lifespan":
            return serve_lifespan
        if scope["type"] != "http":
            raise RuntimeError(f"{scope['type']} is not served here")
        for bundles in self._bundles:
            if scope["path"].startswith(bundles.base):
                return partial(self._serve_bundle, bundles) if bundles.is_one(scope) else None
        below = path_to_divide(scope)[len(CONTROL) : len(CONTROL) + 1] in ("", "/")
        return self._control if below else None

    async def _serve_bundle(self, bundles: Bundles, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request that carries several calls."""
        context = RequestContext(scope, receive, time.monotonic(), self._single)
        try:
            response = await bundles.serve(scope, receive, self._respond_alone)
        except GoneError:
            return
        except Cut as cut:
            await send_cut(send, context.arrival.cycle, cut)
            return
        except Exception as error:  # noqa: BLE001 - as for any request
            response = self._fail(context, error)
            self._records.keep(context, response)
        if self._cors is not None and b"origin" in context.arrival.headers:
            response.headers += self._cors.marks()
        await send_response(send, response, head=False)

    async def _respond_alone(self, scope: Scope, receive: Receive) -> Response:
        """The response to one call of several."""
        context = RequestContext(scope, receive, time.monotonic(), self._single)
        try:
            response = await self._run(context)
        except Cut:
            self._records.keep(context, None)
            raise
        except Exception as error:  # noqa: BLE001 - as for any request
            response = await self._fail_late(context, error)
        context.responded = time.monotonic()
        self._records.keep(context, response)
        return response

    async def _run(self, context: RequestContext) -> Response:
        arrival = context.arrival
        if context.contradiction is not None:
            raise refuse_contradiction(context.contradiction)
        match = self._routes.find(arrival.method, path_to_divide(arrival.scope))
        endpoint = match.target
        operation, handler, admission, service = endpoint
        query = arrival.scope["query_string"]
        caller = admission.find(arrival.headers, query)
        context.operation = operation
        if caller.error is not None:
            caller = await self._admit(context, endpoint, caller)
        project, key, token, _ = caller
        sandbox = self._sandboxes.of(project)
        context.admitted = as_tuple(Admitted, (sandbox, sandbox.clock.now(), key, token))
        body = await self._locate(context, endpoint, caller) if handler.locate is not None else None
        fault = service.faults.meet(context, operation)
        if fault is not None and fault.phase is FaultPhase.BEFORE:
            await service.bodies.read_for_records(context, operation, handler)
            response = await service.faults.before(context, operation, fault)
            if response is not None:
                return response
        if operation.rate_limited and not _is_within_rate(context, service):
            await service.bodies.read_for_records(context, operation, handler)
            raise ApiError(RATE_CAUSE, **wait_values(context.verdict.retry_after if context.verdict else 1))
        if operation.body is not None and body is None:
            body = await service.bodies.read(context, operation, handler)
        parameters = operation.parameters.decode(query, match.path_values, arrival.headers)
        sandbox, now, _, token = context.admitted
        # By position, which takes half as long as by name.
        call = Call(operation.id, sandbox.project, now // 1000, sandbox.new_id, parameters, body, token)
        del body  # so that the call alone has it, and may let it go
        if handler.stateless:
            result = await _call_stateless(call, handler)
        elif handler.writes:
            result = await self._write(call, handler)
        else:
            result = await self._store.read(call.project.number, partial(handler.handle, call))
        context.outcome = CARRIED_OUT
        response = service.responses.success(context, operation, result)
        if fault is not None and fault.phase is FaultPhase.AFTER_COMMIT:
            return await service.faults.after(context, operation, fault, response)
        return response

    def _admitted(self, caller: Caller) -> Admitted:
        sandbox = self._sandboxes.of(caller.project)
        admitted: Admitted = as_tuple(Admitted, (sandbox, sandbox.clock.now(), caller.key, caller.token))
        return admitted

    async def _admit(self, context: RequestContext, endpoint: Endpoint, caller: Caller) -> Caller:
        """Let an unknown key in if any will do; raises ApiError."""
        context.admitted = self._admitted(caller)
        caller = await endpoint.admission.admit(caller)
        if caller.error is not None:
            raise ApiError(caller.error)
        return caller

    async def _locate(self, context: RequestContext, endpoint: Endpoint, caller: Caller) -> Any:
        """Find the sandbox of a request that carries no credential by its body, and give the body.

        A body with an error gets it later, from the stage whose turn it is.
        """
        operation, handler, _, service = endpoint
        try:
            body = await service.bodies.read(context, operation, handler)
        except ApiError as error:
            context.content = context.content._replace(error=error)
            return None
        project_id = None if handler.locate is None else handler.locate(body)
        if project_id is not None:
            context.admitted = self._admitted(caller._replace(project=self._callers.project(project_id)))
        return body

    async def _write(self, call: Call, handler: Handler) -> object:
        if (batch := handler.batch) is not None:
            prepared = batch.prepare(call)
            call.body = None  # while this call waits for the disk, the next one's body takes its place in memory
            result = await self._store.write_together(call.project.number, batch.handle_all, prepared)
        else:
            handle = handler.handle
            result = await self._store.write(call.project.number, partial(handle, call))
            if handler.accounts:
                await self._registry.refresh()
                self._sandboxes.drop_unknown()
        self._records.store_write()
        if self._wake is not None:
            self._wake(call.project)
        return result

    async def _fail_late(self, context: RequestContext, error: Exception) -> Response:
        """What is sent in place of a success, as late as everything is, unless a fault has delayed it already."""
        response = self._fail(context, error)
        if context.disturbance.fault is None:
            sandbox = context.admitted.sandbox
            if seconds := sandbox.faults.draw_latency(sandbox.next_ordinal("")):
                await wait(context, seconds)
        return response

    def _fail(self, context: RequestContext, error: Exception) -> Response:
        """What is sent in place of a success."""
        operation = context.operation
        if operation is not None:
            service = self._by_operation[operation.id]
        else:
            service = self._service_of(context.arrival.path)
            caller = service.anybody.find(context.arrival.headers, context.arrival.scope["query_string"])
            context.admitted = self._admitted(caller)
        responses = service.responses
        try:
            if isinstance(error, ApiError):
                fault = context.disturbance.fault
                if fault is not None and fault.phase is FaultPhase.AFTER_COMMIT:
                    context.disturbance = Disturbance()  # nothing was carried out, so there is no response to lose
                return responses.error(context, operation, error)
            raise error
        except ResponseError as mistake:
            _report(f"a response of the mock breaks the contract: {escape(str(mistake))}")
            return responses.internal(context, f"the mock's own response breaks the contract: {mistake}")
        except StoreError as failure:
            _report(f"the state could not be kept: {failure}")
            return responses.internal(context)
        except Exception:  # noqa: BLE001 - as above
            _report(f"{escape(f'{context.arrival.method} {context.arrival.path}')} failed:\n{traceback.format_exc()}")
            return responses.internal(context)

    def _service_of(self, path: str) -> Service:
        """The API that an unknown path belongs to."""
        below = [service for service in self._services if path.startswith(f"{service.base}/")]
        return max(below, key=lambda service: len(service.base), default=self._services[0])


async def _call_stateless(call: Call, handler: Handler) -> object:
    result = handler.handle(call, None)
    return await cast(Awaitable[object], result) if handler.awaited else result


def _is_within_rate(context: RequestContext, service: Service) -> bool:
    """Counts the request in the window of its key; True when there is no such window, too."""
    sandbox, now, key, _ = context.admitted
    window = None if key is None else sandbox.window(service.name, key)
    if window is None:
        return True
    verdict = context.verdict = window.take(now)
    return verdict.allowed


def _report(text: str) -> None:
    with suppress(OSError, ValueError):  # nobody reads it, or the stream is closed: the client gets its response
        print(f"twosignal-mock: {text}", file=sys.stderr, flush=True)
