"""What the REST API asks of clients: pure functions from what a client did to what that shows of a clause."""

from twosignal_conformance.apis.rest.clients.rules import _delivery, _paging, _recordings, _requests, _responses, _retry

RULES = tuple(
    rule for module in (_requests, _recordings, _retry, _delivery, _paging, _responses) for rule in module.RULES.rows
)
"""All rules, in the order in which they are asked."""

__all__ = ["RULES"]
