"""The ASGI application: the pipeline that every request goes through, in the order that the contract gives.

Route, key, fault before, rate, size, media type, JSON, spelling, schema, meaning, fault after the commit, answer.
Stages raise Refusal; what becomes of one is decided here, once. Everything that can be looked up was made at start.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any

from twosignal_contract import ContractError

from twosignal_mock.engine.api import Call, Operation, Refusal
from twosignal_mock.engine.http._answers import EXPOSED, AnswerError, Answers
from twosignal_mock.engine.http._bodies import GoneError
from twosignal_mock.engine.http._cors import Cors, is_preflight
from twosignal_mock.engine.http._dialects import Dialects
from twosignal_mock.engine.http._exchange import Asgi, Cut, Exchange, Receive, Reply, Scope, Send
from twosignal_mock.engine.http._faulting import FaultPlayer
from twosignal_mock.engine.http._identity import Identities, Identity, bearer_token
from twosignal_mock.engine.http._parts import Parts
from twosignal_mock.engine.http._reading import RequestBodies
from twosignal_mock.engine.http._records import Records
from twosignal_mock.engine.http._sending import send_cut, send_reply, sent_at_once, serve_lifespan
from twosignal_mock.engine.sandbox import FaultPhase
from twosignal_mock.engine.store import StoreError
from twosignal_mock.engine.validation import CompiledOperation, Errors, Routes, Security, compile_operations

CONTROL = "/__mock"
"""Paths at and below it belong to the control application."""

_PREFLIGHT_STATUS = 204


class Application:
    """The mock as an ASGI 3 application. Needs no lifespan."""

    def __init__(self, parts: Parts) -> None:
        contract = parts.contract
        dialects = Dialects(contract, parts.dialects)
        compiled = {each.id: each for each in compile_operations(contract, spelling=dialects.spelling)}
        errors = Errors(contract)
        self._handlers = {operation.id: operation for operation in parts.operations}
        if missing := compiled.keys() - self._handlers.keys():
            raise ContractError(
                contract.problem(row.pointer, f"operation {row.id}", "one that this server carries out", "take it out")
                for row in contract.operations.values()
                if row.id in missing
            )
        self._routes = Routes(compiled.values())
        self._answers = Answers(contract, errors, dialects, compiled, validate=parts.validate_answers)
        self._records = Records(parts.observer, parts.log)
        self._store = parts.store
        self._sandboxes = parts.sandboxes
        self._control = parts.control
        prefixes = contract.dialects["api-key-prefix"].values if "api-key-prefix" in contract.dialects else ("",)
        self._identities = Identities(parts.catalogue, any_key_plan=parts.any_key_plan, prefixes=prefixes)
        self._bodies = RequestBodies(self._handlers, compiled.values())
        self._faults = FaultPlayer(contract, self._answers)
        names = contract.rate_limit.headers
        shown = [name for name in (names.retry_after, names.limit, names.remaining, names.reset) if name]
        self._cors = Cors((*shown, *EXPOSED)) if parts.cors else None
        self._catalogue = parts.catalogue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (or the lifespan)."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            other = self._other(scope)
            if other is not None:
                await other(scope, receive, send)
                return
        headers = dict(scope["headers"])
        identity = self._identities.find(headers.get(b"authorization"))
        exchange = Exchange(scope, receive, headers, self._sandboxes.of(identity.project))
        if self._cors is not None and is_preflight(exchange.method, exchange.headers):
            methods = self._routes.methods(exchange.path)
            if methods:
                allowed = self._cors.preflight(exchange.headers, methods)
                await send_reply(send, exchange, Reply(_PREFLIGHT_STATUS, allowed, b""))
                self._records.log(exchange, _PREFLIGHT_STATUS, 0)
                return
        try:
            reply = await self._run(exchange, identity)
        except GoneError:
            self._records.keep(exchange, None)
            return
        except Cut as cut:
            self._records.keep(exchange, None)
            await send_cut(send, exchange, cut)
            return
        except Exception as error:  # noqa: BLE001 - whatever one request brings to light, the server goes on for the others
            reply = self._fail(exchange, error)
        if self._cors is not None and b"origin" in exchange.headers:
            reply.headers += self._cors.marks()
        # Before it is sent: a client may have it before this process gets to look at the clock again, and what it
        # waited must not look shorter than it was.
        exchange.answered = time.monotonic()
        if not sent_at_once(exchange, reply):
            await send_reply(send, exchange, reply)
        self._records.keep(exchange, reply)

    def _other(self, scope: Scope) -> Asgi | None:
        """What serves a scope that is no request to the API; None: it is one."""
        if scope["type"] == "lifespan":
            return serve_lifespan
        if scope["type"] != "http":
            raise RuntimeError(f"{scope['type']} is not served here")
        below = scope["path"][len(CONTROL) : len(CONTROL) + 1] in ("", "/")
        return self._control if below else None

    def _fail(self, exchange: Exchange, error: Exception) -> Reply:
        """What is answered in place of a success."""
        try:
            if isinstance(error, Refusal):
                if exchange.fault is not None and exchange.fault.phase is FaultPhase.AFTER_COMMIT:
                    exchange.fault = None  # nothing was carried out, so there is no answer to lose
                return self._answers.refusal(exchange, error)
            raise error
        except AnswerError as mistake:
            _report(f"an answer of the mock breaks the contract: {mistake}")
            return self._answers.internal(exchange, f"the mock's own answer breaks the contract: {mistake}")
        except StoreError as failure:
            _report(f"the state could not be kept: {failure}")
            return self._answers.internal(exchange)
        except Exception:  # noqa: BLE001 - as above
            _report(f"{exchange.method} {exchange.path} failed:\n{traceback.format_exc()}")
            return self._answers.internal(exchange)

    async def _run(self, exchange: Exchange, identity: Identity) -> Reply:
        exchange.key, exchange.token = identity.key, identity.token
        match = self._routes.find(exchange.method, exchange.path)
        operation = exchange.operation = match.operation
        if operation.security is Security.API_KEY:
            body = None
            if identity.refusal is not None:
                await self._admit(exchange, identity)
        elif operation.body is None and operation.security is Security.NONE:
            body = None  # neither body nor token could tell of a sandbox
        else:
            body = await self._locate(exchange, operation)
        fault = self._faults.meet(exchange, operation)
        if fault is not None and fault.phase is FaultPhase.BEFORE:
            await self._bodies.read_for_records(exchange, operation)
            reply = await self._faults.before(exchange, operation, fault)
            if reply is not None:
                return reply
        if operation.rate_limited and exchange.key is not None:
            verdict = exchange.verdict = exchange.sandbox.window(exchange.key).take(exchange.now)
            if not verdict.allowed:
                await self._bodies.read_for_records(exchange, operation)
                raise _wait(verdict.retry_after)
        if operation.body is not None and body is None:
            body = await self._bodies.read(exchange, operation)
        parameters = operation.parameters.decode(exchange.scope["query_string"], match.path_values)
        call = self._call(exchange, operation, parameters, body)
        del body  # so that the call alone has it, and may let it go
        handler = self._handlers[operation.id]
        result = await self._write(call, handler) if handler.writes else await self._read(call, handler)
        exchange.kept = True
        reply = self._answers.success(exchange, operation, result)
        if fault is not None and fault.phase is FaultPhase.AFTER_COMMIT:
            return await self._faults.after(exchange, operation, fault, reply)
        return reply

    async def _admit(self, exchange: Exchange, identity: Identity) -> None:
        """Let an unknown key in if any will do."""
        identity = await self._identities.admit(identity)
        if identity.refusal is not None:
            raise Refusal(identity.refusal)
        exchange.key = identity.key
        self._move(exchange, identity.project.id)

    async def _locate(self, exchange: Exchange, operation: CompiledOperation) -> Any:
        """Find the sandbox of a request that carries no API key by its body or its token, and give the body.

        A body that is refused is refused later, by the stage whose turn it is.
        """
        if operation.security is Security.ACCESS_TOKEN:
            exchange.token = bearer_token(exchange.headers.get(b"authorization"))
        handler = self._handlers[operation.id]
        body = None
        if operation.body is not None:
            try:
                body = await self._bodies.read(exchange, operation)
            except Refusal as refusal:
                exchange.unread = refusal
        locate = handler.locate
        if locate is not None and exchange.unread is None:
            self._move(exchange, locate(body, exchange.token))
        return body

    def _move(self, exchange: Exchange, project_id: str | None) -> None:
        """The request turns out to belong to another sandbox."""
        project = self._catalogue.project(project_id) if project_id is not None else None
        if project is not None:
            exchange.sandbox = self._sandboxes.of(project)
            exchange.now = exchange.sandbox.clock.now()

    async def _write(self, call: Call, handler: Operation) -> object:
        if (joint := handler.joint) is not None:
            prepared = joint.prepare(call)
            call.body = None  # while this call waits for the disk, the next one's body takes its place in memory
            result = await self._store.write_together(call.project.number, joint.handle_all, prepared)
        else:
            handle = handler.handle
            result = await self._store.write(call.project.number, lambda transaction: handle(call, transaction))
        self._records.store_write()
        return result

    async def _read(self, call: Call, handler: Operation) -> object:
        handle = handler.handle
        if handler.stateless:
            return handle(call, None)  # type: ignore[arg-type]  # it says that it uses none
        return await self._store.read(call.project.number, lambda transaction: handle(call, transaction))

    def _call(self, exchange: Exchange, operation: CompiledOperation, parameters: Mapping[str, Any], body: Any) -> Call:
        sandbox = exchange.sandbox
        # By position, which takes half as long as by name.
        return Call(
            operation.id,
            sandbox.project,
            exchange.now // 1000,
            sandbox.new_id,
            parameters,
            body,
            exchange.token if operation.security is Security.ACCESS_TOKEN else None,
        )


def _wait(seconds: int) -> Refusal:
    return Refusal("rate-limit", seconds=seconds, wait=f"{seconds} second" if seconds == 1 else f"{seconds} seconds")


def _report(text: str) -> None:
    print(f"twosignal-mock: {text}", file=sys.stderr, flush=True)
