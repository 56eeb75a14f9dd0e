"""The control API under /__mock, beside the contracts: tests arrange sandboxes and read what clients did.

Slow to import (Starlette, prometheus-client); whoever only asks for a version does not need it.
"""

from twosignal_mock.engine.control._application import HANDLERS, create_control
from twosignal_mock.engine.control._call import ControlParts
from twosignal_mock.engine.control._document import DEFAULT_BODY_LIMIT, Document
from twosignal_mock.engine.control._metrics import Metrics
from twosignal_mock.engine.control._sampler import Sampler

__all__ = ["DEFAULT_BODY_LIMIT", "HANDLERS", "ControlParts", "Document", "Metrics", "Sampler", "create_control"]
