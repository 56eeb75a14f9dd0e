"""Evaluators that are run at once on one output."""

from twosignal_mock.apis.rest.evaluators._handlers import EVALUATORS, handlers

__all__ = ["EVALUATORS", "handlers"]
