"""Plays faults: those that a rule of the sandbox orders, and those that a request orders for itself.

A request orders them with the header Prefer (RFC 7240), as Prism has it: `Prefer: code=429` gives a response of that
status without carrying out the request; `Prefer: delay=250ms` gives the right response 250 milliseconds later. What is
not understood is told in the response.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from twosignal_mock.engine.http._asgi import Cut, Response
from twosignal_mock.engine.http._records import attempt_of
from twosignal_mock.engine.http._request_context import Disturbance, RequestContext
from twosignal_mock.engine.http._responses import Responses, header_text
from twosignal_mock.engine.sandbox import LATENCY, Delay, DelayError, Fault, FaultKind
from twosignal_mock.engine.validation import CompiledOperation

LONGEST_DELAY = 60
"""Seconds of `Prefer: delay`, so that nobody parks connections for hours."""

_PARTS = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,;"])+')
_CODE = re.compile("[1-5][0-9]{2}")
_KNOWN = (
    "known are code=STATUS (100 to 599, but not what the request gets anyway) "
    f"and delay=TIME (250ms or 1.5s, at most {LONGEST_DELAY}s)"
)


class Preference(NamedTuple):
    """What one request asked for."""

    code: int | None
    """Status."""
    delay: Delay | None
    untaken: tuple[str, ...]
    """What is not understood, or is said for the second time (RFC 7240 section 2: the first counts)."""

    def applied(self) -> bytes | None:
        """The value of Preference-Applied."""
        parts = [("code", self.code), ("delay", self.delay)]
        return ", ".join(f"{name}={value}" for name, value in parts if value is not None).encode() or None

    def hint(self) -> bytes | None:
        """What is told of the rest."""
        return header_text(f"Prefer: not honoured: {', '.join(self.untaken)}; {_KNOWN}") if self.untaken else None


def parse_prefer(value: bytes, success: int) -> Preference:
    """The preference in a header value; `success` is the status that the request gets anyway."""
    found: dict[str, Any] = {}
    untaken: list[str] = []
    for part in map(str.strip, _PARTS.findall(value.decode("latin-1"))):
        name, _, given = (side.strip() for side in part.partition("="))
        name = name.lower()
        wish = _READERS[name](given.strip('"')) if name in _READERS and name not in found else None
        if wish is not None and (name, wish) != ("code", success):
            found[name] = wish
        elif part:
            untaken.append(part)
    return Preference(found.get("code"), found.get("delay"), tuple(untaken))


def _code(text: str) -> int | None:
    return int(text) if _CODE.fullmatch(text) else None


def _delay_of(text: str) -> Delay | None:
    try:
        delay = Delay.parse(text, LONGEST_DELAY, bare="ms")
    except DelayError:
        return None
    return delay if delay.least == delay.most else None


_READERS: Mapping[str, Callable[[str], Any]] = {"code": _code, "delay": _delay_of}


class FaultPlayer:
    """Finds the fault of a request to one API, and gives what its client meets."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses

    def meet(self, context: RequestContext, operation: CompiledOperation) -> Fault | None:
        """The fault that a rule, or the request itself, orders for it."""
        sandbox = context.admitted.sandbox
        ordinal = sandbox.next_ordinal(operation.id)
        fault = sandbox.faults.decide(operation.id, ordinal)
        wish = context.arrival.headers.get(b"prefer")
        if fault is None and wish is None:
            return None
        applied = hint = None
        if wish is not None:
            preference = parse_prefer(wish, operation.success)
            applied, hint = preference.applied(), preference.hint()
            if applied is not None:
                # What the server delays everything by is no part of what a request asks for.
                late = fault.delay if fault is not None and fault.rule == LATENCY else 0.0
                delay = late + (0.0 if preference.delay is None else preference.delay.least)
                own = sandbox.faults.prefer(operation.id, status=preference.code, delay=delay)
                # An error for the rate must say how long to wait: nobody asked for a broken one.
                fault = replace(own, retry_after=1) if self._responses.needs_wait(own.status) else own
        context.disturbance = Disturbance(fault, applied, hint)
        return fault

    async def before(self, context: RequestContext, operation: CompiledOperation, fault: Fault) -> Response | None:
        """Play a fault of a request that is not carried out; None: it is, after all."""
        if fault.delay:
            await wait(context, fault.delay)
        if fault.kind is FaultKind.DELAY:
            return None
        return self._play(context, operation, fault, None)

    async def after(
        self, context: RequestContext, operation: CompiledOperation, fault: Fault, response: Response
    ) -> Response:
        """Play a fault of a request that was carried out."""
        if fault.delay:
            await wait(context, fault.delay)
        return response if fault.kind is FaultKind.DELAY else self._play(context, operation, fault, response)

    def _play(
        self, context: RequestContext, operation: CompiledOperation, fault: Fault, response: Response | None
    ) -> Response:
        if fault.kind is FaultKind.STATUS:
            return self._responses.faulty(context, operation, fault)
        if fault.kind is FaultKind.GARBAGE:
            return self._responses.garbage(context, operation, fault)
        if fault.kind is FaultKind.TRUNCATE:
            whole = response or self._responses.example(context, operation)
            kept = len(whole.body) // 2 if fault.keep is None else fault.keep
            raise Cut(Response(whole.status, whole.headers, whole.body[:kept]))
        raise Cut


async def wait(context: RequestContext, seconds: float) -> None:
    """Let the time pass; the journal shows the request meanwhile. Nobody waits for a client that is gone."""
    if context.sequence is None:
        context.sequence = context.admitted.sandbox.journal.record(attempt_of(context, None, None))
    cycle = context.arrival.cycle
    await (asyncio.sleep(seconds) if cycle is None else cycle.pause(seconds))
