"""The control API under /__mock, beside the contract: tests arrange their world and read what clients did.

Slow to import (Starlette, prometheus-client); whoever only asks for a version or a clause does not need it.
"""

from twosignal_mock.engine.control._application import create_control
from twosignal_mock.engine.control._metrics import Metrics
from twosignal_mock.engine.control._setting import ControlSetting

__all__ = ["ControlSetting", "Metrics", "create_control"]
