"""Model routing: which model an input needs, by its complexity and the rules of a configuration."""

from twosignal_mock.apis.rest.routing._operations import operations
from twosignal_mock.apis.rest.routing._rules import Router
from twosignal_mock.apis.rest.routing._values import Decision
from twosignal_mock.apis.rest.routing._wire import read_config, read_routing, write_config, write_decision

__all__ = ["Decision", "Router", "operations", "read_config", "read_routing", "write_config", "write_decision"]
