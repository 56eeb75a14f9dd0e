"""The one way to the server under test: what is sent is guarded, paced, counted, noted and kept as evidence."""

from twosignal_conformance.engine.api_client._access import Access, Amount, Budget, CreationsOf, Headers, SignIn
from twosignal_conformance.engine.api_client._client import ApiClient
from twosignal_conformance.engine.api_client._conformity import Dialects, Schemas
from twosignal_conformance.engine.api_client._curl import command_line
from twosignal_conformance.engine.api_client._dry import DryTransport, Planned
from twosignal_conformance.engine.api_client._evidence import Evidence, evidence_of
from twosignal_conformance.engine.api_client._exchange import MISSING, Exchange, member, strings
from twosignal_conformance.engine.api_client._http_dates import epoch_of, http_date, number, retry_after, seconds_until
from twosignal_conformance.engine.api_client._ledger import Creation, Ledger, LedgerError
from twosignal_conformance.engine.api_client._reach import (
    RepeatedRunError,
    UnreachableError,
    look_for_earlier_run,
    reach,
)
from twosignal_conformance.engine.api_client._request import Options
from twosignal_conformance.engine.api_client._resending import GATEWAY
from twosignal_conformance.engine.api_client._secrets import HIDDEN, Secrets
from twosignal_conformance.engine.api_client._sender import SAFE_METHODS
from twosignal_conformance.engine.api_client._settings import AddressError, Key, Profile, Settings, base_address
from twosignal_conformance.engine.api_client._skipped import (
    BudgetError,
    CheckSkipped,
    Gone,
    MissingOption,
    ReadOnly,
    StillLimited,
    TimeIsUp,
    Unanswered,
    Unavailable,
)
from twosignal_conformance.engine.api_client._transport import Incoming, Outgoing, Transport, Wire
from twosignal_conformance.engine.api_client._waits import Settled

__all__ = [
    "GATEWAY",
    "HIDDEN",
    "MISSING",
    "SAFE_METHODS",
    "Access",
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
    "Headers",
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
    "RepeatedRunError",
    "Schemas",
    "Secrets",
    "Settings",
    "Settled",
    "SignIn",
    "StillLimited",
    "TimeIsUp",
    "Transport",
    "Unanswered",
    "Unavailable",
    "UnreachableError",
    "Wire",
    "base_address",
    "command_line",
    "epoch_of",
    "evidence_of",
    "http_date",
    "look_for_earlier_run",
    "member",
    "number",
    "reach",
    "retry_after",
    "seconds_until",
    "strings",
]
