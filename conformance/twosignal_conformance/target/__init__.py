"""The one door to the server under judgement: what is sent is guarded, paced, counted, noted and kept as evidence."""

from twosignal_conformance.target._address import AddressError, base_address
from twosignal_conformance.target._budget import BUDGETS, BURST_WINDOWS, Amount, Budget, Profile, budget_of
from twosignal_conformance.target._dialects import Dialects
from twosignal_conformance.target._dry import DryTransport, Planned
from twosignal_conformance.target._evidence import Evidence, evidence_of
from twosignal_conformance.target._exchange import MISSING, Exchange, member, strings
from twosignal_conformance.target._law import Law, near
from twosignal_conformance.target._law_rows import ErrorRow, Operation, Parameter
from twosignal_conformance.target._ledger import Creation, Ledger, LedgerError
from twosignal_conformance.target._obstacles import (
    BudgetError,
    Gone,
    MissingOption,
    Obstacle,
    ReadOnly,
    StillLimited,
    TimeIsUp,
    Unanswered,
)
from twosignal_conformance.target._pace import retry_after, seconds_until
from twosignal_conformance.target._reach import UnreachableError, reach
from twosignal_conformance.target._request import Options
from twosignal_conformance.target._secrets import HIDDEN, Secrets
from twosignal_conformance.target._sending import SAFE_METHODS, CreationsOf
from twosignal_conformance.target._settings import Key, Settings, User
from twosignal_conformance.target._settling import Settled
from twosignal_conformance.target._target import Target
from twosignal_conformance.target._transport import Incoming, Outgoing, Transport, Wire

__all__ = [
    "BUDGETS",
    "BURST_WINDOWS",
    "HIDDEN",
    "MISSING",
    "SAFE_METHODS",
    "AddressError",
    "Amount",
    "Budget",
    "BudgetError",
    "Creation",
    "CreationsOf",
    "Dialects",
    "DryTransport",
    "ErrorRow",
    "Evidence",
    "Exchange",
    "Gone",
    "Incoming",
    "Key",
    "Law",
    "Ledger",
    "LedgerError",
    "MissingOption",
    "Obstacle",
    "Operation",
    "Options",
    "Outgoing",
    "Parameter",
    "Planned",
    "Profile",
    "ReadOnly",
    "Secrets",
    "Settings",
    "Settled",
    "StillLimited",
    "Target",
    "TimeIsUp",
    "Transport",
    "Unanswered",
    "UnreachableError",
    "User",
    "Wire",
    "base_address",
    "budget_of",
    "evidence_of",
    "member",
    "near",
    "reach",
    "retry_after",
    "seconds_until",
    "strings",
]
