"""What an API hands over so that its servers can be spoken to, and the budget that a run keeps when it does."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from twosignal_contract import Contract

from twosignal_conformance.engine.api_client._ledger import Creation
from twosignal_conformance.engine.api_client._settings import Key, Profile
from twosignal_conformance.engine.api_client._skipped import BudgetError
from twosignal_conformance.engine.options import ApiOption


@dataclass(frozen=True, slots=True)
class Amount:
    """Requests, things that they create and bytes of their bodies; of a budget the most, of a count what was sent."""

    requests: int
    created: int
    bytes: int
    kind: str = "record"
    """What is counted as created: the kind of Creation of which an API makes the most."""
    cut: int = 0
    """Requests whose bodies are not known to their end: what they create is not counted."""

    def __str__(self) -> str:
        created = [_counted(self.created, self.kind)] if self.created or not self.cut else []
        unknown = [f"{self.kind}s in {_counted(self.cut, 'body', 'bodies')} that the journal cut"] if self.cut else []
        requests = _counted(self.requests, "request")
        return f"{requests}, {' and '.join([*created, *unknown])}, {self.bytes / 1e6:,.1f} MB"


def _counted(count: int, what: str, several: str = "") -> str:
    return f"{count:,} {what if count == 1 else several or f'{what}s'}"


class Budget:
    """Counts what goes out; safe to use from several threads."""

    def __init__(self, most: Amount) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._spent = replace(most, requests=0, created=0, bytes=0, cut=0)

    @property
    def spent(self) -> Amount:
        """What was sent so far."""
        return self._spent

    def take(self, size: int, created: int, *, cut: bool = False) -> None:
        """Count one request with a body of `size` bytes that creates so many things, or refuse to.

        `cut`: the body is not known to its end.
        """
        with self._lock:
            spent, most = self._spent, self.most
            after = replace(
                spent,
                requests=spent.requests + 1,
                created=spent.created + created,
                bytes=spent.bytes + size,
                cut=spent.cut + cut,
            )
            if after.requests > most.requests or after.created > most.created or after.bytes > most.bytes:
                raise BudgetError(f"the next request would make {after}; announced were {most}")
            self._spent = after


CreationsOf = Callable[[str | None, bytes], Sequence[Creation]]
"""What a body creates when it is sent to an operation (None: to something that is none)."""


def _no_creations(_operation_id: str | None, _body: bytes) -> Sequence[Creation]:
    return ()


def _leaves_nothing(_client: Any) -> bool:
    return False


def _random_key(_contract: Contract, chance: random.Random) -> str:
    return f"{chance.getrandbits(128):032x}"


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SignIn:
    """How sessions are opened, for an API that no key is given for."""

    open: Callable[[Any], Mapping[Key, Headers]]
    """Called with the run's ApiClient before anything else is sent: the headers of requests with a key. Raises
    UnreachableError when nobody gets in."""
    options: tuple[str, ...]
    """Of which one must be given, such as --user."""
    safe: tuple[str, ...] = ()
    """Those of them that change nothing on the server, of which a run with --read-only needs one."""


@dataclass(frozen=True, slots=True)
class Access:
    """How the servers of one API are spoken to."""

    health: str
    """The operation by which a server is recognised: it changes nothing, and needs no key if there is such a one."""
    listing: str
    """One that needs the key and changes nothing, by which a run sees that its key is taken."""
    key_refused: str
    """The cause of an error that says that the key is refused."""
    no_operation: str
    """The cause of an error for a path that is no operation."""
    budgets: Mapping[Profile, Amount]
    """The most that a run of each profile sends."""
    listing_query: Mapping[str, object] = field(default_factory=dict)
    """The query of the listing: it should return little."""
    creations_of: CreationsOf = _no_creations
    """For the run ledger and the budget."""
    has_run: Callable[[Any], bool] = _leaves_nothing
    """Asked with the run's ApiClient: whether the server holds what an earlier run with the same run id created."""
    burst_windows: int = 0
    """Windows of the plan's full rate that --allow-burst adds to the requests."""
    unissued_key: Callable[[Contract, random.Random], str] = _random_key
    """A text that looks like a key of the API and that no server ever issued."""
    secret_names: tuple[str, ...] = ()
    """Ends of the names of fields and parameters whose values are secret, in lower case."""
    sign_in: SignIn | None = None
    """None for an API whose key is given."""
    clean_up: Callable[[Any], None] | None = None
    """Called with the run's ApiClient after the last check: deletes what the run created, as far as the API can. None
    for an API that deletes nothing."""
    options: Sequence[ApiOption] = ()
    """Options that no other API has; a check asks for one by `client.given`."""

    def budget(self, profile: Profile, rate: int, *, allow_burst: bool) -> Amount:
        """The most that a run of a profile sends; `rate` is the plan's, in requests of one window."""
        most = self.budgets[profile]
        extra = self.burst_windows * rate if allow_burst else 0
        return Amount(most.requests + extra, most.created, most.bytes, most.kind)
