"""The one door to the server under test: what is sent is guarded, paced, counted, noted and kept as evidence."""

from twosignal_conformance.engine.api_client._address import AddressError, base_address
from twosignal_conformance.engine.api_client._budget import BUDGETS, BURST_WINDOWS, Amount, Budget, Profile, budget_of
from twosignal_conformance.engine.api_client._client import ApiClient
from twosignal_conformance.engine.api_client._dialects import Dialects
from twosignal_conformance.engine.api_client._dry import DryTransport, Planned
from twosignal_conformance.engine.api_client._evidence import Evidence, evidence_of
from twosignal_conformance.engine.api_client._exchange import MISSING, Exchange, member, strings
from twosignal_conformance.engine.api_client._ledger import Creation, Ledger, LedgerError
from twosignal_conformance.engine.api_client._pace import retry_after, seconds_until
from twosignal_conformance.engine.api_client._reach import UnreachableError, reach
from twosignal_conformance.engine.api_client._request import Options
from twosignal_conformance.engine.api_client._schemas import Schemas
from twosignal_conformance.engine.api_client._secrets import HIDDEN, Secrets
from twosignal_conformance.engine.api_client._sending import SAFE_METHODS, CreationsOf
from twosignal_conformance.engine.api_client._settings import Key, Settings, User
from twosignal_conformance.engine.api_client._settling import Settled
from twosignal_conformance.engine.api_client._skipped import (
    BudgetError,
    CheckSkipped,
    Gone,
    MissingOption,
    ReadOnly,
    StillLimited,
    TimeIsUp,
    Unanswered,
)
from twosignal_conformance.engine.api_client._transport import Incoming, Outgoing, Transport, Wire

__all__ = [
    "BUDGETS",
    "BURST_WINDOWS",
    "HIDDEN",
    "MISSING",
    "SAFE_METHODS",
    "AddressError",
    "Amount",
    "ApiClient",
    "Budget",
    "BudgetError",
    "CheckSkipped",
    "Creation",
    "CreationsOf",
    "Dialects",
    "DryTransport",
    "Evidence",
    "Exchange",
    "Gone",
    "Incoming",
    "Key",
    "Ledger",
    "LedgerError",
    "MissingOption",
    "Options",
    "Outgoing",
    "Planned",
    "Profile",
    "ReadOnly",
    "Schemas",
    "Secrets",
    "Settings",
    "Settled",
    "StillLimited",
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
    "reach",
    "retry_after",
    "seconds_until",
    "strings",
]
