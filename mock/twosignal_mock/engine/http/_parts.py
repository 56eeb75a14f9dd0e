"""What an application is composed of; made once, at start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from twosignal_contract import Contract

from twosignal_mock.engine.api import Operation
from twosignal_mock.engine.http._exchange import Receive, Scope, Send
from twosignal_mock.engine.http._log import AccessLog
from twosignal_mock.engine.http._records import Observer
from twosignal_mock.engine.sandbox import Sandboxes
from twosignal_mock.engine.store import ProjectRegistry, Store

ControlApplication = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What an application is composed of."""

    contract: Contract
    dialects: Mapping[str, str]
    """The value of every dialect."""
    store: Store
    catalogue: ProjectRegistry
    sandboxes: Sandboxes
    operations: Iterable[Operation]
    """One for every operationId of the contract."""
    control: ControlApplication | None = None
    observer: Observer | None = None
    log: AccessLog | None = None
    any_key_plan: str | None = None
    """The plan of projects that unknown keys open; None: they are refused."""
    validate_answers: bool = False
    cors: bool = True
