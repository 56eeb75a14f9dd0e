"""What an export could not bring in: the partial success of the OpenTelemetry protocol."""

from __future__ import annotations


class Rejection:
    """Counts what was not kept; https://opentelemetry.io/docs/specs/otlp/#partial-success."""

    def __init__(self, field: str) -> None:
        """`field`: what the response calls the number, such as `rejectedSpans`."""
        self._field = field
        self._count = 0
        self._reasons: dict[str, None] = {}

    def add(self, count: int, reason: str) -> None:
        """So many more, for a reason that tells people what to do."""
        if count:
            self._count += count
            self._reasons[reason] = None

    def response(self) -> object:
        """The body of the response: empty when everything was kept."""
        if not self._count:
            return {}
        # ProtoJSON writes numbers of 64 bits as texts.
        return {"partialSuccess": {self._field: str(self._count), "errorMessage": "; ".join(self._reasons)}}
