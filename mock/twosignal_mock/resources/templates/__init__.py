"""Prompt templates with their versions."""

from twosignal_mock.resources.templates._operations import operations

__all__ = ["operations"]
