"""Health."""

from twosignal_mock.apis.rest.health._operations import operations

__all__ = ["operations"]
