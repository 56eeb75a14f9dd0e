"""Scores of traces and spans."""

from twosignal_mock.apis.rest.scores._operations import operations

__all__ = ["operations"]
