"""Plays faults: those that a rule of the sandbox orders, and those that a request orders for itself with Prefer."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from twosignal_contract import Contract

from twosignal_mock.engine.http._answers import Answers
from twosignal_mock.engine.http._exchange import Cut, Exchange, Reply
from twosignal_mock.engine.http._prefer import parse_prefer
from twosignal_mock.engine.sandbox import Fault, FaultKind
from twosignal_mock.engine.validation import CompiledOperation


class FaultPlayer:
    """Finds the fault of a request, and gives what its client meets."""

    def __init__(self, contract: Contract, answers: Answers) -> None:
        self._answers = answers
        self._statuses = frozenset(kind.status for kind in contract.errors.values())

    def meet(self, exchange: Exchange, operation: CompiledOperation) -> Fault | None:
        """The fault that a rule, or the request itself, orders for it."""
        sandbox = exchange.sandbox
        ordinal = sandbox.next_ordinal(operation.id)
        exchange.fault = sandbox.faults.decide(operation.id, ordinal)
        wish = exchange.headers.get(b"prefer")
        preference = parse_prefer(wish, self._statuses) if wish is not None else None
        if preference is None:
            return exchange.fault
        fault = sandbox.faults.prefer(status=preference.code, delay=(preference.delay or 0) / 1000)
        if fault is not None:
            # A 429 must say how long to wait; nobody asked for a broken one.
            waits = self._answers.needs_wait(fault.status)
            exchange.fault = replace(fault, retry_after=1) if waits else fault
            exchange.preference = preference.applied()
        return exchange.fault

    async def before(self, exchange: Exchange, operation: CompiledOperation, fault: Fault) -> Reply | None:
        """Play a fault of a request that is not carried out; None: it is, after all."""
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.kind is FaultKind.DELAY:
            return None
        return self._play(exchange, operation, fault, None)

    async def after(self, exchange: Exchange, operation: CompiledOperation, fault: Fault, reply: Reply) -> Reply:
        """Play a fault of a request that was carried out."""
        if fault.delay:
            await asyncio.sleep(fault.delay)
        return reply if fault.kind is FaultKind.DELAY else self._play(exchange, operation, fault, reply)

    def _play(self, exchange: Exchange, operation: CompiledOperation, fault: Fault, reply: Reply | None) -> Reply:
        if fault.kind is FaultKind.STATUS and fault.status is not None:
            return self._answers.faulty(exchange, fault, fault.status)
        if fault.kind is FaultKind.GARBAGE:
            return self._answers.garbage(exchange, operation, fault)
        if fault.kind is FaultKind.TRUNCATE:
            whole = reply or self._answers.example(exchange, operation)
            kept = len(whole.body) // 2 if fault.keep is None else fault.keep
            raise Cut(Reply(whole.status, whole.headers, whole.body[:kept]))
        raise Cut
