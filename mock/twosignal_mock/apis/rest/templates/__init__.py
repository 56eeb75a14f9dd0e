"""Prompt templates with their versions."""

from twosignal_mock.apis.rest.templates._operations import operations

__all__ = ["operations"]
