"""The headers that tell of the rate."""

from __future__ import annotations

from twosignal_mock.engine.api import Deviations, ServedApi
from twosignal_mock.engine.http._asgi import Header
from twosignal_mock.engine.sandbox import RateVerdict


class RateHeaders:
    """Makes them; none when the contract has no limit."""

    def __init__(self, served: ServedApi, deviations: Deviations) -> None:
        headers = served.contract.rate_limit.headers
        names = (headers.retry_after, headers.limit, headers.remaining, headers.reset)
        self.names = tuple(name for name in names if name)
        self._retry_after, self._limit, self._remaining, self._reset = (name.lower().encode() for name in names)
        self._change = deviations.reset
        self._when_refused = deviations.limits_when_refused

    def headers(self, verdict: RateVerdict, now: int) -> list[Header]:
        """What every response to a counted request tells of its limit; `now` in microseconds since 1970."""
        if not self._limit or not (verdict.allowed or self._when_refused):
            return []
        reset = verdict.reset if self._change is None else self._change(verdict.reset, now)
        return [
            (self._limit, b"%d" % verdict.limit),
            (self._remaining, b"%d" % verdict.remaining),
            (self._reset, b"%d" % reset),
        ]

    def retry_after(self, value: str) -> Header:
        """The header that says how long to wait."""
        return self._retry_after, value.encode()
