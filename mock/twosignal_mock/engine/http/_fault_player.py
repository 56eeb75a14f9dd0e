"""Plays faults: those that a rule of the sandbox orders, and those that a request orders for itself.

A request orders them with the header Prefer (RFC 7240), as Prism has it: `Prefer: code=429` gives the error of that
status without carrying out the request; `Prefer: delay=250` gives the right response 250 milliseconds later. What is
not understood is ignored, as preferences are.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace

from twosignal_mock.engine.http._asgi import Cut, Response
from twosignal_mock.engine.http._records import attempt_of
from twosignal_mock.engine.http._request_context import Disturbance, RequestContext
from twosignal_mock.engine.http._responses import Responses
from twosignal_mock.engine.sandbox import Fault, FaultKind
from twosignal_mock.engine.validation import CompiledOperation

LONGEST_DELAY = 60_000
"""Milliseconds; longer ones are cut to it, so that nobody parks connections for hours."""

_PREFERENCE = re.compile(r'\s*(code|delay)\s*=\s*"?([0-9]{1,9})"?\s*', re.IGNORECASE)
_SEPARATOR = re.compile(r"[,;]")


@dataclass(frozen=True, slots=True)
class Preference:
    """What one request asked for."""

    code: int | None = None
    """Status."""
    delay: int | None = None
    """Milliseconds."""

    def applied(self) -> bytes:
        """The value of Preference-Applied."""
        parts = [("code", self.code), ("delay", self.delay)]
        return ", ".join(f"{name}={value}" for name, value in parts if value is not None).encode()


def parse_prefer(value: bytes, statuses: frozenset[int]) -> Preference | None:
    """The preference in a header value; only codes of `statuses` are known. None when nothing in it can be honoured."""
    found: dict[str, int] = {}
    for part in _SEPARATOR.split(value.decode("latin-1")):
        if match := _PREFERENCE.fullmatch(part):
            # RFC 7240 section 2: of a preference that stands twice the first counts.
            found.setdefault(match.group(1).lower(), int(match.group(2)))
    code = found.get("code")
    delay = found.get("delay")
    preference = Preference(
        code=code if code in statuses else None, delay=None if delay is None else min(delay, LONGEST_DELAY)
    )
    return preference if preference != Preference() else None


class FaultPlayer:
    """Finds the fault of a request to one API, and gives what its client meets."""

    def __init__(self, responses: Responses, statuses: frozenset[int]) -> None:
        """`statuses`: those that a request may ask for."""
        self._responses = responses
        self._statuses = statuses

    def meet(self, context: RequestContext, operation: CompiledOperation) -> Fault | None:
        """The fault that a rule, or the request itself, orders for it."""
        sandbox = context.admitted.sandbox
        ordinal = sandbox.next_ordinal(operation.id)
        fault = sandbox.faults.decide(operation.id, ordinal)
        wish = context.arrival.headers.get(b"prefer")
        if fault is None and wish is None:
            return None
        preference = parse_prefer(wish, self._statuses) if wish is not None else None
        applied = None
        if preference is not None:
            delay = (preference.delay or 0) / 1000
            own = sandbox.faults.prefer(operation.id, status=preference.code, delay=delay)
            if own is not None:
                # An error for the rate must say how long to wait: nobody asked for a broken one.
                fault = replace(own, retry_after=1) if self._responses.needs_wait(own.status) else own
                applied = preference.applied()
        context.disturbance = Disturbance(fault, applied)
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
