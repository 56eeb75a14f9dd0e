"""Model routing: which model an input needs, by its complexity and the rules of a configuration."""

from twosignal_mock.apis.rest.routing._handlers import delete_config, handlers, list_configs, set_config, write_decision
from twosignal_mock.apis.rest.routing._model import Complexity, read_config, read_routing, write_config
from twosignal_mock.apis.rest.routing._rules import Decision, Router

__all__ = [
    "Complexity",
    "Decision",
    "Router",
    "delete_config",
    "handlers",
    "list_configs",
    "read_config",
    "read_routing",
    "set_config",
    "write_config",
    "write_decision",
]
