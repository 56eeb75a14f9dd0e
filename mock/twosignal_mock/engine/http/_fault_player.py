"""Plays faults: those that a rule of the sandbox orders, and those that a request orders for itself.

A request orders them with the header Prefer (RFC 7240), as Prism has it: `Prefer: code=429` gives a response of that
status without carrying out the request; `Prefer: delay=250ms` gives the right response 250 milliseconds later. What is
not understood is told in the response.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import NamedTuple

from twosignal_mock.engine.http._asgi import Cut, Response
from twosignal_mock.engine.http._records import attempt_of
from twosignal_mock.engine.http._request_context import Disturbance, RequestContext
from twosignal_mock.engine.http._responses import Responses, header_text
from twosignal_mock.engine.sandbox import Fault, FaultKind
from twosignal_mock.engine.validation import CompiledOperation

LONGEST_DELAY = 60_000
"""Milliseconds; longer ones are cut to it, so that nobody parks connections for hours."""

_PARTS = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,;"])+')
_CODE = re.compile("[1-5][0-9]{2}")
_DELAY = re.compile("[0-9]{1,9}")
_KNOWN = "known are code=STATUS (100 to 599, but not what the request gets anyway) and delay=MILLISECONDS"


class Preference(NamedTuple):
    """What one request asked for."""

    code: int | None
    """Status."""
    delay: int | None
    """Milliseconds."""
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
    found: dict[str, int] = {}
    untaken: list[str] = []
    for part in map(str.strip, _PARTS.findall(value.decode("latin-1"))):
        name, _, given = (side.strip() for side in part.partition("="))
        name, given = name.lower(), given.strip('"')
        form = {"code": _CODE, "delay": _DELAY}.get(name)
        if form is not None and form.fullmatch(given) and name not in found and (name, int(given)) != ("code", success):
            found[name] = int(given)
        elif part:
            untaken.append(part)
    delay = found.get("delay")
    return Preference(found.get("code"), None if delay is None else min(delay, LONGEST_DELAY), tuple(untaken))


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
                delay = (preference.delay or 0) / 1000
                own = sandbox.faults.prefer(operation.id, status=preference.code, delay=delay)
                # An error for the rate must say how long to wait: nobody asked for a broken one.
                fault = replace(own, retry_after=1) if self._responses.needs_wait(own.status) else own
        context.disturbance = Disturbance(fault, applied, hint)
        return fault

    async def before(self, context: RequestContext, operation: CompiledOperation, fault: Fault) -> Response | None:
        """Play a fault of a request that is not carried out; None: it is, after all."""
        if fault.delay:
            await _delay(context, fault.delay)
        if fault.kind is FaultKind.DELAY:
            return None
        return self._play(context, operation, fault, None)

    async def after(
        self, context: RequestContext, operation: CompiledOperation, fault: Fault, response: Response
    ) -> Response:
        """Play a fault of a request that was carried out."""
        if fault.delay:
            await _delay(context, fault.delay)
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


async def _delay(context: RequestContext, seconds: float) -> None:
    """Let the time pass; the journal shows the request meanwhile. Nobody waits for a client that is gone."""
    context.sequence = context.admitted.sandbox.journal.record(attempt_of(context, None, None))
    cycle = context.arrival.cycle
    await (asyncio.sleep(seconds) if cycle is None else cycle.pause(seconds))
