"""What the control API is built with, once at start. What it needs of a resource comes in as a function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.engine.api import Project
from twosignal_mock.engine.control._metrics import Metrics
from twosignal_mock.engine.sandbox import Sandboxes
from twosignal_mock.engine.store import Archive, ProjectRegistry, Store, Transaction


@dataclass(frozen=True, slots=True)
class ControlSetting:
    """The parts of the server that the control API shows and moves."""

    contract: Contract
    sandboxes: Sandboxes
    catalogue: ProjectRegistry
    archive: Archive
    store: Store
    metrics: Metrics
    start: str
    """Id of the project that the server started with."""
    plan: str
    """Of a sandbox that is made without saying one; a key of Contract.plans."""
    show_trace: Callable[[str, Transaction], Mapping[str, Any] | None]
    """A trace with `spans` and `scores`, ready for JSON; None when there is none of that id."""
    fill: Callable[[Project, int], Awaitable[None]]
    """Puts so many sample traces into a project."""
    token: str | None = None
    """Everybody must send it when it is set; otherwise everybody must be on this machine."""
