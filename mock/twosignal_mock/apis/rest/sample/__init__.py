"""Sample data: traces as agents would send them, so that a page under construction has something to show."""

from twosignal_mock.apis.rest.sample._agents import AGENTS, PRICES
from twosignal_mock.apis.rest.sample._generation import generate

__all__ = ["AGENTS", "PRICES", "generate"]
