"""Sends batches as fast as a server takes them, or requests at a steady pace: the bench's own small client."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import cycle
from typing import NamedTuple
from urllib.parse import urlsplit

from twosignal_contract import Operation

from bench.load import Request, fresh_serials

_SENDERS = 3
"""Connections that fill a store: while one batch is made another one is stored."""
_TIMEOUT = 120.0
_PACERS = 8
"""Connections of a steady load: a write that waits for the disk does not hold up the others."""
_MOST_BROKEN = 20
"""Of one of them."""


class FillError(Exception):
    """A server refused what the bench sent; the text holds its answer."""


class Filled(NamedTuple):
    """What went in, and how fast."""

    events: int
    seconds: float


class Client:
    """One connection that stays open."""

    def __init__(self, url: str, key: str | None) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT)
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def send(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body of an answer."""
        headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def expect(self, status: int, method: str, path: str, body: bytes | None = None) -> bytes:
        """The body of an answer that has this status; raises FillError for any other."""
        came, told = self.send(method, path, body)
        if came != status:
            raise FillError(f"{method} {path} was answered with {came}, expected {status}: {told[:300]!r}")
        return told

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()


def fill(url: str, key: str, place: Operation, batches: Iterator[tuple[int, bytes]]) -> Filled:
    """Sends all batches and waits for their answers; raises FillError when one is refused."""
    lock, sent, refusals = threading.Lock(), [0], list[Exception]()

    def work() -> None:
        client = Client(url, key)
        try:
            while not refusals:
                with lock:
                    events, body = next(batches, (0, b""))
                if not body:
                    return
                client.expect(place.success, place.method, place.path, body)
                with lock:
                    sent[0] += events
        except (FillError, OSError, http.client.HTTPException) as refusal:
            refusals.append(refusal)
        finally:
            client.close()

    begun = time.monotonic()
    senders = [threading.Thread(target=work) for _ in range(_SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    if refusals:
        raise FillError(str(refusals[0]))
    return Filled(sent[0], time.monotonic() - begun)


class Paced(NamedTuple):
    """What was sent at a steady pace."""

    answered: int
    broken: int
    """Requests that came to nothing, each followed by a new connection."""


def pace(
    url: str, key: str, requests: list[Request], *, rate: float, seconds: float, every: float, look: Callable[[], None]
) -> Paced:
    """Sends the requests in turn, so many a second, and looks at something every so many seconds.

    Raises what a connection raised when more requests break than a machine that stood still would explain.
    """
    with ThreadPoolExecutor(_PACERS) as pool:
        sending = [pool.submit(_send_at, url, key, requests, rate / _PACERS, seconds) for _ in range(_PACERS)]
        look()
        while wait(sending, every).not_done:
            look()
        sent = [each.result() for each in sending]
    look()
    return Paced(sum(each.answered for each in sent), sum(each.broken for each in sent))


def _send_at(url: str, key: str, requests: list[Request], rate: float, seconds: float) -> Paced:
    """One connection's share; what was late is sent at once, so that the rate holds over all."""
    client, serials, turns = Client(url, key), fresh_serials(), cycle(requests)
    begun, count, broken = time.monotonic(), 0, 0
    try:
        while time.monotonic() < begun + seconds:
            request = next(turns)
            body = None if request.body is None else request.filled_body(next(serials)).encode()
            try:
                client.send(request.method, request.path, body)
            except (OSError, http.client.HTTPException):
                broken += 1
                if broken > _MOST_BROKEN:
                    raise
                client.close()
                client = Client(url, key)
            count += 1
            time.sleep(max(0.0, begun + count / rate - time.monotonic()))
    finally:
        client.close()
    return Paced(count - broken, broken)
