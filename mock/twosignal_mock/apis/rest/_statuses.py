"""The statuses of traces and spans, as the contract spells them."""

from __future__ import annotations

from twosignal_contract import Contract


def statuses_of(contract: Contract) -> tuple[str, str]:
    """The status without an error and the one with; /components/schemas/Status/enum, in this order."""
    good, bad = contract.document["components"]["schemas"]["Status"]["enum"][:2]
    return good, bad
