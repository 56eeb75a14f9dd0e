"""Evaluators that are run at once on one output."""

from twosignal_mock.resources.validation._operations import operations

__all__ = ["operations"]
