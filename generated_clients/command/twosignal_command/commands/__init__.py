"""The commands, a module for each group of the documentation. What is slow to import is imported where it is used."""

from ._api_keys import api_keys
from ._datasets import datasets
from ._evaluators import evaluators
from ._organizations import organizations, projects, show_usage
from ._sessions import log_in, log_out, who_am_i
from ._tools import api, examine
from ._traces import traces

__all__ = [
    "api",
    "api_keys",
    "datasets",
    "evaluators",
    "examine",
    "log_in",
    "log_out",
    "organizations",
    "projects",
    "show_usage",
    "traces",
    "who_am_i",
]
