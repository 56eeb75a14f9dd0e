"""Health."""

from twosignal_mock.resources.health._operations import operations

__all__ = ["operations"]
