"""What a procedure gets: who calls, with what input, about what; and what all procedures are built with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.dashboard._rules import Rules
from twosignal_mock.apis.dashboard._visible_organizations import Access, Place, VisibleOrganizations
from twosignal_mock.apis.dashboard.store import OrganizationRecord
from twosignal_mock.engine.api import Call, Dependencies
from twosignal_mock.engine.store import Transaction, User


@dataclass(frozen=True, slots=True)
class ProcedureCall:
    """One call that is known to be allowed."""

    call: Call
    transaction: Transaction
    """On the sandbox's own project."""
    sent: Mapping[str, Any]
    """The input, without what is null."""
    person: User
    visible: VisibleOrganizations
    access: Access | None
    rules: Rules
    dependencies: Dependencies

    @property
    def now(self) -> int:
        """Milliseconds since 1970."""
        return self.call.now

    @property
    def found(self) -> Access:
        """What the call is about."""
        if self.access is None:
            raise LookupError(self.call.operation_id)
        return self.access

    @property
    def organization(self) -> OrganizationRecord:
        """The organization that it is about, or that the thing belongs to."""
        return self.found.organization

    @property
    def place(self) -> Place:
        """The project that it is about, or that the thing belongs to."""
        if self.found.place is None:
            raise LookupError(self.call.operation_id)
        return self.found.place

    def changes(self, *fields: str) -> dict[str, Any]:
        """Those of the fields that the input has."""
        return {field: self.sent[field] for field in fields if field in self.sent}


@dataclass(frozen=True, slots=True)
class Action:
    """How a procedure is carried out."""

    run: Callable[[ProcedureCall], Any]
    """From an allowed call to its result. Raises ApiError, and then nothing is kept."""
    writes: bool = False
    accounts: bool = False
    """True when it changes projects or keys."""


Actions = Callable[[Contract, Dependencies], Mapping[str, Action]]
"""The procedures of one kind of thing, by their names."""


def reads(run: Callable[[ProcedureCall], Any]) -> Action:
    """A query."""
    return Action(run)


def writes(run: Callable[[ProcedureCall], Any], *, accounts: bool = False) -> Action:
    """A mutation."""
    return Action(run, writes=True, accounts=accounts)
