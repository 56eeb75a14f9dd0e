"""The journal: the last requests of a sandbox, with their responses. Recording keeps references; reading does the work.

Bounded three ways: entries (`size`), bytes kept of each body (BODY_LIMIT), bytes kept of all bodies and attempt keys
(BODIES_LIMIT).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import NamedTuple

BODY_LIMIT = 64 * 1024
"""Bytes kept of one body: more than any hand-written request, less than a machine's batch of 5 MB."""

BODIES_LIMIT = 32 * 1024 * 1024
"""Bytes of all bodies and keys that a sandbox keeps; beyond it those of the oldest entries go, not the entries."""

_RETRIED = frozenset({408, 425, 429})
"""Statuses after which clients send a request again, beside those of a server that is in trouble."""
_FIRST_SERVER_ERROR = 500
_OF_CLIENTS = frozenset({b"authorization", b"x-api-key", b"user-agent"})

KEY_SIZE = 100
"""Bytes that an attempt key is counted as: a UUID with its object and its place in a tuple."""


@dataclass(slots=True)
class Attempt:
    """One request and what became of it. Nothing is copied, so it belongs to the journal once it is recorded."""

    method: str
    path: str
    status: int | None
    """None: the connection was cut before a response, or the client left before it; or it is under way."""
    at: int
    """Microseconds since 1970 when it arrived, by the sandbox's clock."""
    started: float
    """Seconds, monotonic and real (time.monotonic), when it arrived."""
    seconds: float | None
    """Real seconds from its arrival to the end of its response; None while it is under way."""
    operation_id: str | None = None
    """None: no operation of the contract."""
    query: bytes | str = b""
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""
    """Decompressed; what was read of it."""
    response_headers: Sequence[tuple[bytes, bytes]] = ()
    response: bytes = b""
    clauses: tuple[str, ...] = ()
    """Ids of the clauses that the request broke."""
    cause: str | None = None
    """The cause of the error that it got; a key of Contract.errors."""
    fault: str | None = None
    """The rule of the fault that it met."""
    attempt_keys: tuple[str, ...] = ()
    """Ids in the body that tell a repeated attempt; without any, operation, query, body and client do."""


@dataclass(slots=True)
class Entry:
    """An attempt with its place in the journal."""

    sequence: int
    """From 1, never given twice in the life of a sandbox."""
    attempt: Attempt
    group: int
    """The sequence of the first attempt at the same thing."""
    number: int
    """Which attempt of its group it is, from 1."""
    body: bytes
    """At most BODY_LIMIT bytes."""
    body_size: int
    """Bytes that were sent."""
    response: bytes
    response_size: int
    weight: int
    """Bytes that it counts for in BODIES_LIMIT."""
    bodies_dropped: bool = False
    """Whether body, response and attempt keys were dropped to make room."""


class _Group(NamedTuple):
    """Attempts at the same thing."""

    first: int
    """Sequence of the first one."""
    attempts: int


class Journal:
    """The last `size` requests."""

    __slots__ = ("_bodies", "_entries", "_groups", "_kept", "_open", "_sequence", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._sequence = 0
        self._entries: deque[Entry] = deque(maxlen=size)
        self._bodies: deque[Entry] = deque()
        self._kept = 0
        self._groups: dict[int, _Group] = {}
        """Of requests with ids in their body."""
        self._open: dict[int, _Group] = {}
        """Of requests without, by who sent them, as long as the last one is such that a further attempt may follow."""

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def last_sequence(self) -> int:
        """The sequence of the latest entry, also when it is gone; 0 before the first."""
        return self._sequence

    @property
    def kept_bytes(self) -> int:
        """Bytes of all bodies and attempt keys that are kept."""
        return self._kept

    def record(self, attempt: Attempt) -> int:
        """Keep an attempt, and give its sequence. The attempt's own bodies are taken from it."""
        self._sequence += 1
        group, number = self._group(attempt)
        if self._size == 0:
            return self._sequence
        size, response_size = len(attempt.body), len(attempt.response)
        body, response = attempt.body[:BODY_LIMIT], attempt.response[:BODY_LIMIT]
        weight = len(body) + len(response) + KEY_SIZE * len(attempt.attempt_keys)
        entry = Entry(self._sequence, attempt, group, number, body, size, response, response_size, weight)
        # The entry has what is kept of the bodies; the attempt must not hold the rest.
        attempt.body = attempt.response = b""
        if len(self._entries) == self._size and self._bodies and self._bodies[0] is self._entries[0]:
            self._kept -= self._bodies.popleft().weight  # it goes as a whole: nothing of it needs to be emptied
        self._entries.append(entry)
        if weight or attempt.seconds is None:
            self._bodies.append(entry)
            self._kept += weight
            if self._kept > BODIES_LIMIT:
                self._make_room()
        return self._sequence

    def complete(self, sequence: int, attempt: Attempt) -> None:
        """Put what became of an attempt in the place of what was known while it was under way."""
        index = sequence - self._entries[0].sequence if self._entries else -1
        if not 0 <= index < len(self._entries):
            return
        entry = self._entries[index]
        if not attempt.attempt_keys and not _is_retried(attempt.status):
            self._part(entry, _key_of(attempt))  # while it was under way it was one without a response
        before, body, response = entry.weight, attempt.body, attempt.response
        entry.attempt = attempt
        attempt.body = attempt.response = b""
        entry.body_size, entry.response_size = len(body), len(response)
        if entry.bodies_dropped:
            attempt.attempt_keys = ()
        else:
            entry.body, entry.response = body[:BODY_LIMIT], response[:BODY_LIMIT]
            entry.weight = len(entry.body) + len(entry.response) + KEY_SIZE * len(attempt.attempt_keys)
        self._kept += entry.weight - before
        self._make_room()

    def entries(self, since: int = 0, limit: int | None = None) -> list[Entry]:
        """The entries whose sequence is above `since`, oldest first, at most `limit`."""
        return list(islice((entry for entry in self._entries if entry.sequence > since), limit))

    def latest(self, before: int | None = None) -> Iterator[Entry]:
        """The entries whose sequence is below `before`, or all, newest first."""
        return (entry for entry in reversed(self._entries) if before is None or entry.sequence < before)

    def clear(self) -> int:
        """Forget all entries, and give how many there were; sequences go on, attempts are counted from 1 again."""
        count = len(self._entries)
        self._entries.clear()
        self._bodies.clear()
        self._groups.clear()
        self._open.clear()
        self._kept = 0
        return count

    def _group(self, attempt: Attempt) -> tuple[int, int]:
        """The first attempt at the same thing, and which one this is.

        Ids in a body tell it, whatever became of the ones before. Without them a request is a further attempt when the
        one before, by the same client, got no response or one that clients send again after; else it is another page
        load, or somebody else's `curl`.
        """
        retried = not attempt.attempt_keys and _is_retried(attempt.status)
        groups = self._groups if attempt.attempt_keys else self._open
        if groups is self._open and not (groups or retried):
            return self._sequence, 1  # nearly all requests without ids: nothing is kept, and nothing looked up
        key = _key_of(attempt)
        before = groups.get(key)
        found = _Group(self._sequence, 1) if before is None else _Group(before.first, before.attempts + 1)
        if attempt.attempt_keys or retried:
            groups[key] = found
            if len(groups) > 4 * self._size + 16:
                _forget_oldest(groups, len(groups) // 4)
        elif before is not None:
            del groups[key]
        return found

    def _part(self, entry: Entry, key: int) -> None:
        """An entry got the response that it waited for: what came meanwhile is no further attempt at it."""
        later = [each for each in self._since(entry.sequence) if each.group == entry.group]
        last = self._open.pop(key, None)
        if last is not None and last.first != entry.group:
            self._open[key] = last
        elif last is not None and later:
            self._open[key] = _Group(later[0].sequence, last.attempts - entry.number)
        first = later[0].sequence if later else 0
        for number, each in enumerate(later, 1):
            each.group, each.number = first, number

    def _since(self, sequence: int) -> list[Entry]:
        """The entries above a sequence, oldest first; what it takes is their number alone."""
        return list(takewhile(lambda entry: entry.sequence > sequence, reversed(self._entries)))[::-1]

    def _make_room(self) -> None:
        """Give up the bodies of the oldest entries that may have some."""
        while self._kept > BODIES_LIMIT:
            entry = self._bodies.popleft()
            self._kept -= entry.weight
            entry.weight = 0
            entry.body = entry.response = b""
            entry.attempt.attempt_keys = ()
            entry.bodies_dropped = True


def _key_of(attempt: Attempt) -> int:
    same: object = frozenset(attempt.attempt_keys) or (attempt.query, attempt.body, _client_of(attempt))
    return hash((attempt.operation_id, attempt.method, attempt.path, same))


def _is_retried(status: int | None) -> bool:
    """Whether clients send a request again after a response like that; None: after none."""
    return status is None or status in _RETRIED or status >= _FIRST_SERVER_ERROR


def _client_of(attempt: Attempt) -> bytes:
    """Who sent it, as far as a request says."""
    return b"\n".join(value for name, value in attempt.headers if name in _OF_CLIENTS)


def _forget_oldest(mapping: dict[int, _Group], count: int) -> None:
    """Many at once: taking the first of a dict one by one walks over all that were taken before."""
    oldest: Iterable[int] = list(islice(mapping, count))
    for key in oldest:
        del mapping[key]
