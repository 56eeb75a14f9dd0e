"""The rules of a sandbox that order faults, and which request meets which.

A rule's `nth`, `every` and `times` count the requests that it covers since it was set. `probability` is decided by a
hash of seed, sandbox, rule, operation and ordinal: a sequential client's run repeats, and what happens in other
sandboxes changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from twosignal_mock.engine.sandbox._delays import Delay, DelayError
from twosignal_mock.engine.sandbox._fault import ErrorCatalogue, Fault, FaultKind, FaultPhase, RetryAfterForm

_SHARE = 1 << 64
"""One more than the largest number in eight bytes of a hash."""

PREFERENCE = "prefer"
"""The name of the rule in the faults that requests order for themselves."""
LATENCY = "latency"
"""The name of the rule by which a server delays everything."""

_LONGEST_DELAY = 600.0
"""Seconds."""


_NONE = Delay(0.0, 0.0)


class FaultError(ValueError):
    """A rule that cannot be set; the text says what was sent, what was expected and what to do."""


@dataclass(frozen=True, slots=True)
class FaultRule:
    """Which requests meet a fault, and which one. Several conditions hold together."""

    fault: Fault
    covers: frozenset[str]
    """Operation ids: those that were ordered, else all; with a cause only those whose contract has it."""
    operations: tuple[str, ...] | None = None
    """Operation ids as they were ordered; None: all."""
    delay: Delay = _NONE
    """Before each response."""
    nth: int | None = None
    """Only the request of this number, from 1."""
    every: int | None = None
    """Only each request whose number this divides."""
    probability: float | None = None
    """Of 0 to 1."""
    times: int | None = None
    """At most so many faults."""

    @property
    def id(self) -> str:
        """What names it in the journal, the ledger and the access log."""
        return self.fault.rule


_LATE = Fault(LATENCY, FaultKind.DELAY)


@dataclass(slots=True)
class _Count:
    """What a rule has seen and done."""

    seen: int = 0
    struck: int = 0


class Faults:
    """The rules of one sandbox, in the order in which they were set; the first that strikes decides."""

    __slots__ = ("_catalogues", "_counts", "_latency", "_made", "_rules", "_salt")

    def __init__(
        self, catalogues: Mapping[str, ErrorCatalogue], seed: int, sandbox: str, latency: Delay | None = None
    ) -> None:
        """`catalogues`: every operation id with the errors of its contract. `latency`: of all requests."""
        self._catalogues = catalogues
        self._latency = latency
        self._salt = repr((seed, sandbox)).encode()
        self._rules: dict[str, FaultRule] = {}
        self._counts: dict[str, _Count] = {}
        self._made = 0

    def __len__(self) -> int:
        return len(self._rules)

    def decide(self, operation_id: str, ordinal: int) -> Fault | None:
        """The fault that this request meets; `ordinal` is its number among those of its operation, from 1."""
        if not self._rules and self._latency is None:
            return None
        chosen: FaultRule | None = None
        for rule in self._rules.values():
            if operation_id not in rule.covers:
                continue
            count = self._counts[rule.id]
            # A rule counts also what an earlier one struck: its numbers do not depend on its neighbours.
            count.seen += 1
            if chosen is None and self._strikes(rule, count, operation_id, ordinal):
                count.struck += 1
                chosen = rule
        fault = None
        if chosen is not None:
            fault = self._delayed(chosen.fault, chosen.delay, operation_id, ordinal)
        if self._latency is not None:
            fault = self._delayed(fault or _LATE, self._latency, operation_id, ordinal)
        return fault

    def draw_latency(self, ordinal: int) -> float:
        """Seconds before the response of a request that no rule is asked for; `ordinal` is its number among those."""
        return 0.0 if self._latency is None else self._delayed(_LATE, self._latency, "", ordinal).delay

    def prefer(self, operation_id: str, *, status: int | None = None, delay: float = 0.0) -> Fault:
        """The fault that a request orders for itself."""
        if status is None:
            return Fault(PREFERENCE, FaultKind.DELAY, delay=delay)
        cause = self._catalogues[operation_id].cause_for(status)
        return Fault(PREFERENCE, FaultKind.STATUS, status=status, cause=cause, delay=delay)

    def add(self, order: Mapping[str, Any]) -> FaultRule:
        """Set the rule that an order of the control API describes (checked against its schema); raises FaultError."""
        rule = self._rule(order, f"fault-{self._made + 1}")
        self._made += 1
        self._rules[rule.id] = rule
        self._counts[rule.id] = _Count()
        return rule

    def remove(self, rule: str) -> bool:
        """Take a rule back; whether there was one."""
        self._counts.pop(rule, None)
        return self._rules.pop(rule, None) is not None

    def clear(self) -> int:
        """Take all rules back, and give how many there were."""
        count = len(self._rules)
        self._rules.clear()
        self._counts.clear()
        return count

    def get(self, rule: str) -> dict[str, Any] | None:
        """What the control API shows of a rule; None when there is none of that id."""
        found = self._rules.get(rule)
        return None if found is None else self._shown(found)

    def list(self) -> list[dict[str, Any]]:
        """What the control API shows of every rule, in the order in which they are asked."""
        return [self._shown(rule) for rule in self._rules.values()]

    def _strikes(self, rule: FaultRule, count: _Count, operation_id: str, ordinal: int) -> bool:
        if rule.times is not None and count.struck >= rule.times:
            return False
        if rule.nth is not None and count.seen != rule.nth:
            return False
        if rule.every is not None and count.seen % rule.every:
            return False
        if rule.probability is None:
            return True
        return self._draw(rule.id, operation_id, ordinal) < rule.probability * _SHARE

    def _draw(self, *what: object) -> int:
        """A number below _SHARE that is the same whenever it is asked for."""
        return int.from_bytes(blake2b(self._salt + repr(what).encode(), digest_size=8).digest())

    def _delayed(self, fault: Fault, delay: Delay, operation_id: str, ordinal: int) -> Fault:
        """The fault, so much later."""
        if not delay.most:
            return fault
        share = self._draw("delay", fault.rule, operation_id, ordinal) / _SHARE
        return replace(fault, delay=fault.delay + delay.draw(share))

    def _rule(self, order: Mapping[str, Any], name: str) -> FaultRule:
        operations = order.get("operations")
        for operation in operations or ():
            if operation not in self._catalogues:
                known = ", ".join(sorted(self._catalogues))
                raise FaultError(f"operations: {operation!r} is no operation of the contract: use some of {known}")
        covers = frozenset(self._catalogues if operations is None else operations)
        fault = self._fault(order, name)
        if fault.kind is FaultKind.STATUS:
            fault, covers = self._with_error(fault, covers, order)
        return FaultRule(
            fault=fault,
            covers=covers,
            operations=None if operations is None else tuple(operations),
            delay=_delay(order),
            **{key: order.get(key) for key in ("nth", "every", "probability", "times")},
        )

    def _fault(self, order: Mapping[str, Any], name: str) -> Fault:
        return Fault(
            rule=name,
            kind=FaultKind(order["kind"]),
            phase=FaultPhase(order.get("phase", FaultPhase.BEFORE)),
            retry_after=order.get("retry_after"),
            retry_after_form=RetryAfterForm(order.get("retry_after_form", RetryAfterForm.SECONDS)),
            keep=order.get("keep"),
            body=order.get("body"),
            content_type=order["content_type"].encode() if "content_type" in order else None,
        )

    def _with_error(
        self, fault: Fault, covers: frozenset[str], order: Mapping[str, Any]
    ) -> tuple[Fault, frozenset[str]]:
        """The fault with the error that it pretends, and those of the operations that can have it."""
        cause: str | None = order.get("cause")
        status: int | None = order.get("status")
        catalogues = list(dict.fromkeys(self._catalogues[operation] for operation in sorted(covers)))
        if cause is None:
            causes = [found for each in catalogues if (found := each.cause_for(status or 0)) is not None]
            return replace(fault, status=status, cause=causes[0] if causes else None), covers
        able = [each for each in catalogues if cause in each]
        if not able:
            known = ", ".join(dict.fromkeys(known for each in catalogues for known in each.causes))
            raise FaultError(f"cause: {cause!r} is no cause of the contract: use one of {known}")
        if status not in (None, expected := able[0].status(cause)):
            raise FaultError(f"status: {status} does not go with the cause {cause}: leave it out or send {expected}")
        covers = frozenset(operation for operation in covers if self._catalogues[operation] in able)
        return replace(fault, status=able[0].status(cause), cause=cause), covers

    def _shown(self, rule: FaultRule) -> dict[str, Any]:
        fault, count = rule.fault, self._counts[rule.id]
        shown = {
            "id": rule.id,
            "operations": rule.operations,
            "nth": rule.nth,
            "every": rule.every,
            "probability": rule.probability,
            "times": rule.times,
            "kind": fault.kind,
            "phase": fault.phase,
            "status": fault.status,
            "cause": fault.cause,
            "retry_after": fault.retry_after,
            "retry_after_form": None if fault.retry_after is None else fault.retry_after_form,
            "delay": str(rule.delay),
            "keep": fault.keep,
            "body": fault.body,
            "content_type": None if fault.content_type is None else fault.content_type.decode(),
        }
        given = {key: value for key, value in shown.items() if value is not None}
        return {**given, "seen": count.seen, "struck": count.struck}


def _delay(order: Mapping[str, Any]) -> Delay:
    if (text := order.get("delay")) is None:
        return _NONE
    try:
        return Delay.parse(text, _LONGEST_DELAY)
    except DelayError as error:
        raise FaultError(f"delay: {text!r} is no delay: use {error}") from None
