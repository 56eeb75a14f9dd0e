"""Scores of traces and spans."""

from twosignal_mock.resources.scores._operations import operations

__all__ = ["operations"]
