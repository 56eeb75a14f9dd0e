"""How a server tells that something is wrong with itself: lines in its log, which otherwise holds access lines."""

from __future__ import annotations

_REPORT = "twosignal-mock: "
"""Before each report of an answer that breaks the contract, of a failure and of a state that could not be kept."""


def complaints(log: str) -> list[str]:
    """What the server reported of itself; --validate-answers speaks here too."""
    return [line for line in log.splitlines() if line.startswith(_REPORT)]
