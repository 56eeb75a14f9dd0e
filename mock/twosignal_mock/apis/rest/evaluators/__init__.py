"""Evaluators that are run at once on one output."""

from twosignal_mock.apis.rest.evaluators._operations import operations

__all__ = ["operations"]
